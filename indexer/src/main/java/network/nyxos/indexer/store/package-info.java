/// PostgreSQL: what is written ({@link network.nyxos.indexer.store.MirrorStore}, {@link network.nyxos.indexer.store.ContentStore}) and what is read for the
/// API ({@link network.nyxos.indexer.store.Queries}).
package network.nyxos.indexer.store;
