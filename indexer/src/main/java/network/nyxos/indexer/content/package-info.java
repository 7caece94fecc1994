/// What a batch holds: the relayer's document, believed only when its receipts and credits make the very roots that the batch carries on chain.
package network.nyxos.indexer.content;
