/** Disputes before the registry's program: a node answers those about its own receipts, and opens those about receipts that it found wrong when it replayed them. */
package network.nyxos.node.dispute;
