/** What checking and batching receipts costs. */
package network.nyxos.bench.receipts;
