package network.nyxos.gateway.client;

/// How far a client knows whose key signed a receipt.
public sealed interface ReceiptSigner {
    /// It is the key that the registry on chain has for the node.
    record Registered() implements ReceiptSigner {
    }

    /// It is the key that the node's evidence binds; the registry was not asked.
    record Attested() implements ReceiptSigner {
    }

    /// Nothing is known of it.
    ///
    /// @param why the signature could not be checked
    record Unknown(String why) implements ReceiptSigner {
    }
}
