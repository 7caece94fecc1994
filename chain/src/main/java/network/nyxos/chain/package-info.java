/** Nyxos chain. */
package network.nyxos.chain;
