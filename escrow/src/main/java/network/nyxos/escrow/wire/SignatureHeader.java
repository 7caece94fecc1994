package network.nyxos.escrow.wire;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// The header with which parts of Nyxos sign what they post to each other: `Nyxos-Signature: <key base58> <signature base64>`.
public final class SignatureHeader {
    /// The header's name.
    public static final String NAME = "Nyxos-Signature";

    private SignatureHeader() {
    }

    /// The header's value.
    ///
    /// @param digest what is signed, for example {@link network.nyxos.escrow.program.Digests#jobRecord}
    public static String of(Keypair signer, Hash digest) {
        return signer.publicKey().toBase58() + " " + signer.sign(digest).base64();
    }

    /// Checks a header's value.
    ///
    /// @return the key that signed
    /// @throws ProtocolException `signature_header_malformed` or `signature_invalid`
    public static PublicKey verify(String header, Hash digest) {
        String[] parts = header.split(" ", -1);
        PublicKey key;
        Signature signature;
        try {
            if (parts.length != 2 || parts[0].length() > 44) {
                throw new IllegalArgumentException("two parts");
            }
            key = PublicKey.fromBase58Encoded(parts[0]);
            signature = Signature.fromBase64(parts[1]);
        } catch (RuntimeException e) {
            throw new ProtocolException("signature_header_malformed", NAME + " must be a key in base58, a space and a signature in base64", e);
        }
        if (!Ed25519.fastest().verify(key, digest.bytes(), signature)) {
            throw new ProtocolException("signature_invalid", NAME + " is not " + key + "'s signature over this body");
        }
        return key;
    }
}
