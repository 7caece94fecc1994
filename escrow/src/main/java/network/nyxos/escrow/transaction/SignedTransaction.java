package network.nyxos.escrow.transaction;

import java.util.Base64;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;

/// A transaction that everyone has signed: its bytes never change again, so sending them twice is sending the same transaction.
public final class SignedTransaction {
    private final WireTransaction wire;

    SignedTransaction(WireTransaction wire) {
        this.wire = wire;
    }

    /// Takes a decoded transaction whose signatures are all there. Whether they verify is not checked here ({@link WireTransaction#unverifiedSigners}).
    ///
    /// @throws ProtocolException `transaction_unsigned` when a slot is empty
    public static SignedTransaction of(WireTransaction wire) {
        for (int i = 0; i < wire.signers().size(); i++) {
            if (wire.signatures().get(i).isEmpty()) {
                throw new ProtocolException("transaction_unsigned", "signer " + wire.signers().get(i) + " has not signed");
            }
        }
        return new SignedTransaction(wire);
    }

    /// The transaction's id: the fee payer's signature.
    public Signature signature() {
        return wire.signatures().getFirst();
    }

    /// A copy of the bytes.
    public byte[] bytes() {
        return wire.bytes();
    }

    /// The bytes in base64, as RPC nodes take them.
    public String base64() {
        return Base64.getEncoder().encodeToString(wire.bytes());
    }

    /// The blockhash it is bound to.
    public Hash blockhash() {
        return wire.blockhash();
    }

    /// The transaction in parts.
    public WireTransaction wire() {
        return wire;
    }
}
