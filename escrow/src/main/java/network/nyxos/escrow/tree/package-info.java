/// The two trees of a batch: receipts (RFC 6962) and cumulative credits (the same shape with sums). Proofs are checked as RFC 9162 §2.1.3.2 does, from the
/// index and the number of leaves.
package network.nyxos.escrow.tree;
