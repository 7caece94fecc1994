/// The indexer: mirrors both programs into PostgreSQL and serves what it holds. The way of a transaction, in the order in which it meets the rooms:
///
/// 1. {@link network.nyxos.indexer.follow} pages the signatures of each program from the stored frontier and fetches their transactions;
/// 2. {@link network.nyxos.indexer.decode} finds the events among the inner instructions;
/// 3. {@link network.nyxos.indexer.project} says which rows of state an event changes (pure);
/// 4. {@link network.nyxos.indexer.store} writes events, state and frontier in one database transaction;
/// 5. {@link network.nyxos.indexer.content} fetches what each posted batch holds and believes it only under the chain's roots;
/// 6. {@link network.nyxos.indexer.api} serves pages and live events, {@link network.nyxos.indexer.web} the page for people.
package network.nyxos.indexer;
