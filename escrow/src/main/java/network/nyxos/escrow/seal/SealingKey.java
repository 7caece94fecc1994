package network.nyxos.escrow.seal;

import java.security.SecureRandom;
import network.nyxos.escrow.ProtocolException;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import software.sava.core.accounts.PublicKey;

/// A node's secret key; prompts are sealed to its public half. In the confidential tier it is made inside the TEE and never leaves it.
/// Immutable. `toString` shows the public half's id only.
public final class SealingKey {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final AsymmetricCipherKeyPair pair;
    private final byte[] secret;
    private final SealingPublicKey publicKey;

    private SealingKey(SealingSuite suite, byte[] secret) {
        this.secret = secret.clone();
        // Null: the public half follows from the secret one.
        this.pair = suite.hpke().deserializePrivateKey(this.secret, null);
        this.publicKey = new SealingPublicKey(suite, suite.hpke().serializePublicKey(pair.getPublic()));
    }

    /// A new key from the system's secure random source.
    public static SealingKey generate(SealingSuite suite) {
        byte[] secret = new byte[SealingSuite.SECRET_LENGTH];
        RANDOM.nextBytes(secret);
        return new SealingKey(suite, secret);
    }

    /// The key of 32 secret bytes: X25519's scalar, X-Wing's seed.
    ///
    /// @throws ProtocolException `sealing_key_malformed` for another number of bytes
    public static SealingKey of(SealingSuite suite, byte[] secret) {
        if (secret.length != SealingSuite.SECRET_LENGTH) {
            throw new ProtocolException("sealing_key_malformed", "a sealing key has 32 secret bytes, this has " + secret.length);
        }
        return new SealingKey(suite, secret);
    }

    /// The public half.
    public SealingPublicKey publicKey() {
        return publicKey;
    }

    /// {@link SealingPublicKey#id} of the public half.
    public PublicKey id() {
        return publicKey.id();
    }

    /// The 32 secret bytes.
    public byte[] secret() {
        return secret.clone();
    }

    AsymmetricCipherKeyPair pair() {
        return pair;
    }

    @Override
    public String toString() {
        return "SealingKey[" + publicKey.suite().wireName() + ", " + id() + "]";
    }
}
