/** Nyxos node. */
package network.nyxos.node;
