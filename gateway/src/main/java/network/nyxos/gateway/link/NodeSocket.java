package network.nyxos.gateway.link;

import network.nyxos.escrow.wire.WireMessage;

/// The way to a node that is connected. Thread-safe.
public interface NodeSocket {
    /// Sends a message.
    ///
    /// @throws IllegalStateException when the connection is gone
    void send(WireMessage message);

    /// Ends the connection; the node may come back.
    void close(String reason);
}
