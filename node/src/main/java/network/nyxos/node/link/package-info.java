/** The node's WebSocket links: handshake, heartbeat, dialling again, and the JSON frames of docs/protocol.md §7. */
package network.nyxos.node.link;
