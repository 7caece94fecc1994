/// Transactions: built in stages that cannot be taken in the wrong order ({@link network.nyxos.escrow.transaction.TransactionBuilder} →
/// {@link network.nyxos.escrow.transaction.UnsignedTransaction} → {@link network.nyxos.escrow.transaction.SignedTransaction}), and strictly decoded
/// ({@link network.nyxos.escrow.transaction.WireTransaction}) when they come from others.
package network.nyxos.escrow.transaction;
