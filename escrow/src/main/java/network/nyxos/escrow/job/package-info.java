/// A job's papers: its id, the assignment that a gateway signs, the receipt that a node signs.
package network.nyxos.escrow.job;
