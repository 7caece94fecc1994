/// Batches: what is posted on chain, and the one state machine that brings a batch there.
package network.nyxos.relayer.batch;
