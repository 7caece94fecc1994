package network.nyxos.attestation.pki;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Optional;
import javax.xml.crypto.XMLCryptoContext;

/**
 * Who computes signatures: native code where it runs (Amazon Corretto Crypto Provider, some ten times as fast as the JDK on P-256 and P-384),
 * else the JDK. What is verified, and what a signature must be, does not depend on it.
 */
public final class SignatureEngine {
    private static final String XML_PROVIDER = "org.jcp.xml.dsig.internal.dom.SignatureProvider";
    private static final Optional<Provider> NATIVE = load();

    private SignatureEngine() {
    }

    /** Whose it is, for benchmarks and start-up messages. */
    public static String name() {
        return NATIVE.map(Provider::getName).orElse("JDK");
    }

    static Signature named(String algorithm) throws GeneralSecurityException {
        return NATIVE.isPresent() ? Signature.getInstance(algorithm, NATIVE.get()) : Signature.getInstance(algorithm);
    }

    /**
     * Whether {@code key} signed {@code message}.
     *
     * @param algorithm as Java names it
     */
    public static boolean verify(String algorithm, PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = named(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /**
     * Checks that {@code issuer}'s key signed {@code certificate}.
     *
     * @throws GeneralSecurityException when it did not, or when the two do not go together
     */
    public static void verify(X509Certificate certificate, PublicKey issuer) throws GeneralSecurityException {
        if (NATIVE.isPresent()) {
            certificate.verify(issuer, NATIVE.get());
        } else {
            certificate.verify(issuer);
        }
    }

    /** As {@link #verify(X509Certificate, PublicKey)}, for a revocation list. */
    public static void verify(X509CRL list, PublicKey issuer) throws GeneralSecurityException {
        if (NATIVE.isPresent()) {
            list.verify(issuer, NATIVE.get());
        } else {
            list.verify(issuer);
        }
    }

    /** Lets the JDK's verifier of XML signatures compute with this engine. */
    public static void useFor(XMLCryptoContext context) {
        NATIVE.ifPresent(provider -> context.setProperty(XML_PROVIDER, provider));
    }

    /** Loads the native library and proves it on a signature of each curve; empty where it does not run, such as on another processor. */
    private static Optional<Provider> load() {
        try {
            AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
            return provider.getLoadingError() == null && proven(provider, "secp256r1", "SHA256withECDSAinP1363Format") && proven(provider, "secp384r1", "SHA384withECDSAinP1363Format")
                    ? Optional.of(provider) : Optional.empty();
        } catch (GeneralSecurityException | LinkageError | IllegalStateException e) {
            return Optional.empty();
        }
    }

    private static boolean proven(Provider provider, String curve, String algorithm) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        KeyPair pair = generator.generateKeyPair();
        byte[] message = curve.getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(pair.getPrivate());
        signer.update(message);
        byte[] signature = signer.sign();
        if (!verified(provider, algorithm, pair.getPublic(), message, signature)) {
            return false;
        }
        message[0] ^= 1;
        return !verified(provider, algorithm, pair.getPublic(), message, signature);
    }

    private static boolean verified(Provider provider, String algorithm, PublicKey key, byte[] message, byte[] signature) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(algorithm, provider);
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }
}
