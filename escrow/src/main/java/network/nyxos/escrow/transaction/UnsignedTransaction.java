package network.nyxos.escrow.transaction;

import java.util.Collection;
import java.util.List;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;

/// A transaction whose message is fixed and that nobody has signed.
public final class UnsignedTransaction {
    private final WireTransaction wire;

    UnsignedTransaction(byte[] bytes) {
        this.wire = WireTransaction.ofOwn(bytes);
    }

    /// The bytes that every signer signs.
    public byte[] message() {
        return wire.message();
    }

    /// Who must sign, the fee payer first.
    public List<PublicKey> signers() {
        return wire.signers();
    }

    /// Bytes of the signed transaction.
    public int size() {
        return wire.bytes().length;
    }

    /// Signs for everyone.
    ///
    /// @param keypairs one for each of {@link #signers}, in any order; others are ignored
    /// @throws IllegalArgumentException when a signer's keypair is missing
    public SignedTransaction sign(Collection<Keypair> keypairs) {
        WireTransaction signed = wire;
        for (Keypair keypair : keypairs) {
            if (signed.signers().contains(keypair.publicKey())) {
                signed = signed.sign(keypair);
            }
        }
        for (int i = 0; i < signed.signers().size(); i++) {
            if (signed.signatures().get(i).isEmpty()) {
                throw new IllegalArgumentException("the keypair of signer " + signed.signers().get(i) + " is missing");
            }
        }
        return new SignedTransaction(signed);
    }

    /// Signs for everyone.
    public SignedTransaction sign(Keypair... keypairs) {
        return sign(List.of(keypairs));
    }

    /// Signs for some, leaving the others' slots empty: what an x402 client sends to the sponsor.
    ///
    /// @throws IllegalArgumentException when a keypair is not a signer's
    public WireTransaction signPartly(Keypair... keypairs) {
        WireTransaction signed = wire;
        for (Keypair keypair : keypairs) {
            signed = signed.sign(keypair);
        }
        return signed;
    }
}
