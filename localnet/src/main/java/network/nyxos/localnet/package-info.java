/** Nyxos localnet. */
package network.nyxos.localnet;
