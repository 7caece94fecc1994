/// How services of Nyxos touch the world: a Solana node ({@link network.nyxos.chain.SolanaRpc}, {@link network.nyxos.chain.ChainSubscriptions}), PostgreSQL
/// ({@link network.nyxos.chain.Database}), and the one way to get a transaction onto the chain ({@link network.nyxos.chain.TransactionSender}).
package network.nyxos.chain;
