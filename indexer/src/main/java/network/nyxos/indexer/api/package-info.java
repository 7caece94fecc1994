/// The HTTP surface, in the order a request meets it: {@link network.nyxos.indexer.api.ApiServer} routes, {@link network.nyxos.indexer.api.Parameters} checks
/// what was asked, {@link network.nyxos.indexer.api.Rows} gives rows their public form; {@link network.nyxos.indexer.api.LiveHub} carries new rows to readers
/// that stay.
package network.nyxos.indexer.api;
