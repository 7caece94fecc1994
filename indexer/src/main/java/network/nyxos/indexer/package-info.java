/** Nyxos indexer. */
package network.nyxos.indexer;
