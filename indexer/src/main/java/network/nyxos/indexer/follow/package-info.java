/// Keeps the mirror at the chain: {@link network.nyxos.indexer.follow.Follower} pages from the frontier, {@link network.nyxos.indexer.follow.Reconciler}
/// compares with the accounts, {@link network.nyxos.indexer.follow.Lag} measures.
package network.nyxos.indexer.follow;
