/** Earned money on disk: receipts wait here until the relayer has recorded them. They hold hashes and amounts, no prompt. */
package network.nyxos.node.outbox;
