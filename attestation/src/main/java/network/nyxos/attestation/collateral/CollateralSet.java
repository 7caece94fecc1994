package network.nyxos.attestation.collateral;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P256;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.pki.RevocationList;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Collateral read, and everything about it that does not depend on time or policy found out once: keep one per platform family and day,
 * and a quote costs no more than its own signatures. It also remembers the platforms it has met (chains, quoting enclaves), at most
 * {@value #MAX_REMEMBERED} of each. Safe for use by many threads.
 *
 * <p>Nothing here throws for what the collateral contains: what could not be read is a {@link Part} with a problem, for a verdict to say.
 */
public final class CollateralSet {
    /** How many platforms are remembered; when full, all are forgotten. */
    static final int MAX_REMEMBERED = 1024;

    /**
     * Something read from bytes, or why it could not be read.
     *
     * @param value   present when it could be read
     * @param problem otherwise why not
     */
    public record Part<T>(Optional<T> value, Optional<String> problem) {
        static <T> Part<T> read(Supplier<T> reader) {
            try {
                return new Part<>(Optional.of(reader.get()), Optional.empty());
            } catch (AttestationException e) {
                return new Part<>(Optional.empty(), Optional.of(e.getMessage()));
            }
        }
    }

    /**
     * A signed document.
     *
     * @param document  its content
     * @param signer    the chain of who signed it
     * @param signature why the signature does not hold; empty when the signer's key made it over the exact text
     */
    public record Signed<T>(Part<T> document, Part<CertificateChain> signer, Optional<String> signature) {
    }

    /**
     * A platform's certification.
     *
     * @param chain     of its PCK certificate
     * @param extension what that certificate says of the platform
     * @param crl       why the set's PCK revocation list is not of the CA that issued it; empty when it is
     */
    public record Platform(Part<CertificateChain> chain, Part<PckExtension> extension, Optional<String> crl) {
    }

    private record QeSignature(PublicKey key, Bytes report, Bytes signature) {
    }

    private final Signed<TcbInfo> tcbInfo;
    private final Signed<QeIdentity> qeIdentity;
    private final Part<RevocationList> rootCrl;
    private final Part<RevocationList> pckCrl;
    private final ConcurrentMap<Bytes, Platform> platforms = new ConcurrentHashMap<>();
    private final ConcurrentMap<QeSignature, Boolean> qeSignatures = new ConcurrentHashMap<>();

    private CollateralSet(Collateral raw) {
        this.tcbInfo = signed(raw.tcbInfo(), raw.tcbInfoSignature(), raw.tcbInfoIssuerChain(), TcbInfo::parse);
        this.qeIdentity = signed(raw.qeIdentity(), raw.qeIdentitySignature(), raw.qeIdentityIssuerChain(), QeIdentity::parse);
        this.rootCrl = Part.read(() -> RevocationList.parse(raw.rootCrl()));
        this.pckCrl = Part.read(() -> RevocationList.parse(raw.pckCrl()));
    }

    /** Reads {@code raw}. */
    public static CollateralSet of(Collateral raw) {
        return new CollateralSet(raw);
    }

    /** The TCB info and who signed it. */
    public Signed<TcbInfo> tcbInfo() {
        return tcbInfo;
    }

    /** The quoting enclave's identity and who signed it. */
    public Signed<QeIdentity> qeIdentity() {
        return qeIdentity;
    }

    /** The root's revocation list. */
    public Part<RevocationList> rootCrl() {
        return rootCrl;
    }

    /** The PCK CA's revocation list. */
    public Part<RevocationList> pckCrl() {
        return pckCrl;
    }

    /**
     * The platform of a quote's certification data.
     *
     * @param pem certificates, leaf first
     */
    public Platform platform(Bytes pem) {
        return remember(platforms, pem, this::readPlatform);
    }

    /** True when {@code signature} is one of {@code report} under {@code key}. A platform's enclave signs its report once, not per quote. */
    public boolean qeSignatureHolds(PublicKey key, Bytes report, Bytes signature) {
        return remember(qeSignatures, new QeSignature(key, report, signature), s -> P256.verify(s.key, s.report.toArray(), s.signature));
    }

    private static <K, V> V remember(ConcurrentMap<K, V> memory, K key, Function<K, V> finder) {
        if (memory.size() >= MAX_REMEMBERED) {
            memory.clear();
        }
        return memory.computeIfAbsent(key, finder);
    }

    private Platform readPlatform(Bytes pem) {
        Part<CertificateChain> chain = Part.read(() -> CertificateChain.parsePem(new String(pem.toArray(), StandardCharsets.ISO_8859_1)));
        Part<PckExtension> extension = chain.value()
                .map(c -> Part.read(() -> PckExtension.of(c.leaf())))
                .orElseGet(() -> new Part<>(Optional.empty(), chain.problem()));
        Optional<String> crl = pckCrl.problem().or(() -> chain.problem()).or(() -> {
            CertificateChain c = chain.value().orElseThrow();
            return c.size() < 2 ? Optional.of("the chain has no issuing CA") : pckCrl.value().orElseThrow().issuerProblem(c.get(1));
        });
        return new Platform(chain, extension, crl);
    }

    private static <T> Signed<T> signed(String text, String signatureHex, String issuerChain, Function<String, T> reader) {
        Part<T> document = Part.read(() -> reader.apply(text));
        Part<CertificateChain> signer = Part.read(() -> CertificateChain.parsePem(issuerChain));
        Part<Bytes> signature = Part.read(() -> Bytes.fromHex(signatureHex));
        Optional<String> problem = signer.problem().or(signature::problem).or(() ->
                P256.isP256(signer.value().orElseThrow().leaf().getPublicKey())
                        && P256.verify(signer.value().orElseThrow().leaf().getPublicKey(), text.getBytes(StandardCharsets.UTF_8),
                                signature.value().orElseThrow())
                        ? Optional.empty()
                        : Optional.of("the signature does not cover this text under the signer's key"));
        return new Signed<>(document, signer, problem);
    }
}
