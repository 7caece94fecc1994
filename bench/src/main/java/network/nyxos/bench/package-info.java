/** Nyxos bench. */
package network.nyxos.bench;
