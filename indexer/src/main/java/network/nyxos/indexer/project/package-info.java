/// State from events alone: {@link network.nyxos.indexer.project.Projection} takes an event and the rows it concerns and gives the rows as they are
/// afterwards. No I/O, no framework. Rows say what the accounts on chain say, in the names of `docs/protocol.md`; every u64 is a `BigInteger`.
package network.nyxos.indexer.project;
