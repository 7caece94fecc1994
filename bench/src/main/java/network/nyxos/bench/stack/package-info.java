/** What services cost that stand on a chain, PostgreSQL and HTTP: the gateway and the indexer. */
package network.nyxos.bench.stack;
