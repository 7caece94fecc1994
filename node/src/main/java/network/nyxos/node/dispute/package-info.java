/** A node defends its receipts: it answers what disputes before the registry's program ask of it. */
package network.nyxos.node.dispute;
