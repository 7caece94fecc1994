/** Event logs: what was extended into a TD's runtime registers, replayed and compared with what a quote says they are. */
package network.nyxos.attestation.eventlog;
