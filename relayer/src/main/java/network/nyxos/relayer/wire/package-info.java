/// The JSON forms of docs/protocol.md §7, §9 and §11, read strictly: a missing or malformed member is the sender's error, with its name.
package network.nyxos.relayer.wire;
