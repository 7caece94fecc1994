/// The relayer's HTTP surface (docs/protocol.md §9).
package network.nyxos.relayer.api;
