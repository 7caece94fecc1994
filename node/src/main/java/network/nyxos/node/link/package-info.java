/** The node's WebSocket links: handshake, heartbeat, dialling again. The messages are `network.nyxos.escrow.wire`'s (docs/protocol.md §7). */
package network.nyxos.node.link;
