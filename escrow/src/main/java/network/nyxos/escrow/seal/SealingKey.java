package network.nyxos.escrow.seal;

import network.nyxos.escrow.ProtocolException;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import software.sava.core.accounts.PublicKey;

import java.security.SecureRandom;

/// A node's secret X25519 key (RFC 7748); prompts are sealed to its public half. In the confidential tier it is made inside the TEE and never leaves it.
/// Immutable. `toString` shows the public half only.
public final class SealingKey {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X25519PrivateKeyParameters secret;
    private final PublicKey publicKey;

    private SealingKey(X25519PrivateKeyParameters secret) {
        this.secret = secret;
        this.publicKey = PublicKey.createPubKey(secret.generatePublicKey().getEncoded());
    }

    /// A new key from the system's secure random source.
    public static SealingKey generate() {
        return new SealingKey(new X25519PrivateKeyParameters(RANDOM));
    }

    /// The key of 32 secret bytes.
    ///
    /// @throws ProtocolException `sealing_key_malformed` for another number of bytes
    public static SealingKey of(byte[] secret) {
        if (secret.length != Hpke.KEY_LENGTH) {
            throw new ProtocolException("sealing_key_malformed", "a sealing key has 32 secret bytes, this has " + secret.length);
        }
        return new SealingKey(new X25519PrivateKeyParameters(secret));
    }

    /// The public half, in the type that the registry's accounts have for 32 bytes.
    public PublicKey publicKey() {
        return publicKey;
    }

    /// The 32 secret bytes.
    public byte[] secret() {
        return secret.getEncoded();
    }

    AsymmetricCipherKeyPair pair() {
        return new AsymmetricCipherKeyPair(new X25519PublicKeyParameters(publicKey.toByteArray()), secret);
    }

    @Override
    public String toString() {
        return "SealingKey[" + publicKey + "]";
    }
}
