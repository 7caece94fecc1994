package network.nyxos.escrow.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SignatureException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import software.sava.core.accounts.PublicKey;

/// Amazon Corretto Crypto Provider: native code, where its library loads.
final class CorrettoEd25519 implements Ed25519 {
    private static final byte[] PKCS8 = HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");
    /// The identity point: the one member of the prime-order group that the rules exclude.
    private static final byte[] IDENTITY = identity();

    private final Provider provider;
    private final KeyFactory factory;
    private final ValidKeys<java.security.PublicKey> keys = new ValidKeys<>(this::parse);

    private CorrettoEd25519(Provider provider) throws GeneralSecurityException {
        this.provider = provider;
        this.factory = KeyFactory.getInstance("Ed25519");
    }

    private static byte[] identity() {
        var bytes = new byte[32];
        bytes[0] = 1;
        return bytes;
    }

    /// Loads the native library and proves it on one signature; empty where it does not run (another CPU or operating system).
    static Optional<CorrettoEd25519> load() {
        try {
            AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
            if (provider.getLoadingError() != null) {
                return Optional.empty();
            }
            var found = new CorrettoEd25519(provider);
            byte[] seed = new byte[SEED_LENGTH];
            byte[] message = {1, 2, 3};
            Signature signature = found.signer(seed).sign(message);
            boolean works = signature.equals(new BouncyCastleEd25519().signer(seed).sign(message)) && found.verify(found.publicKey(seed), message, signature);
            return works ? Optional.of(found) : Optional.empty();
        } catch (GeneralSecurityException | LinkageError | IllegalStateException e) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return "Amazon Corretto";
    }

    @Override
    public PublicKey publicKey(byte[] seed) {
        return PublicKey.createPubKey(BouncyCastleEd25519.derive(seed));
    }

    @Override
    public Signer signer(byte[] seed) {
        if (seed.length != SEED_LENGTH) {
            throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, this has " + seed.length);
        }
        try {
            byte[] encoded = Arrays.copyOf(PKCS8, PKCS8.length + SEED_LENGTH);
            System.arraycopy(seed, 0, encoded, PKCS8.length, SEED_LENGTH);
            PrivateKey key = factory.generatePrivate(new PKCS8EncodedKeySpec(encoded));
            return message -> sign(key, message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 refused a 32-byte seed", e);
        }
    }

    private Signature sign(PrivateKey key, byte[] message) {
        try {
            var engine = java.security.Signature.getInstance("Ed25519", provider);
            engine.initSign(key);
            engine.update(message);
            return Signature.of(engine.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 could not sign", e);
        }
    }

    private java.security.PublicKey parse(byte[] key) {
        try {
            byte[] encoded = Arrays.copyOf(X509, X509.length + key.length);
            System.arraycopy(key, 0, encoded, X509.length, key.length);
            return factory.generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 refused a valid key", e);
        }
    }

    @Override
    public boolean verify(PublicKey key, byte[] message, Signature signature) {
        byte[] bytes = signature.bytes();
        // The library computes R from s, the key and the message and compares encodings. With a key of prime order that R is canonical and of prime order
        // too, so of the rules only the identity is left to refuse.
        if (Arrays.equals(bytes, 0, 32, IDENTITY, 0, 32)) {
            return false;
        }
        return keys.find(key).filter(known -> verify(known, message, bytes)).isPresent();
    }

    private boolean verify(java.security.PublicKey key, byte[] message, byte[] signature) {
        try {
            var engine = java.security.Signature.getInstance("Ed25519", provider);
            engine.initVerify(key);
            engine.update(message);
            return engine.verify(signature);
        } catch (SignatureException e) {
            // Some malformed signatures are reported this way; a signature that cannot be one does not verify.
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 could not verify", e);
        }
    }

    @Override
    public boolean isValidKey(PublicKey key) {
        return keys.find(key).isPresent();
    }
}
