package network.nyxos.attestation.development;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.development.DevelopmentAmdPki.Request;
import network.nyxos.attestation.development.DevelopmentPki.Identity;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.sev.GuestFlag;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.PlatformFlag;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.snp.Endorsements;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * A development SEV-SNP platform: ARK, ASK and VCEK of AMD's shape made at run time, and reports of the genuine layout signed by that
 * VCEK. It protects nothing; it lets the whole path from evidence to verdict run where there is no such machine. Every certificate says
 * DEVELOPMENT, and a policy takes it only with {@code allowDevelopmentRoots} <em>and</em> its very root.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class DevelopmentSnp {
    /** What development reports say that runs. */
    static final TcbVersion TCB = new TcbVersion(0, 4, 1, 24, 219);
    /** The same on Turin, where there is an FMC. */
    static final TcbVersion TURIN_TCB = new TcbVersion(1, 4, 1, 24, 219);

    private static final Duration CLOCK_SKEW = Duration.ofHours(1);
    private static final Duration LIST_VALIDITY = Duration.ofDays(365);
    private static final int SCALAR = 48;
    private static final String CLOUD = "Nyxos development cloud";
    private static final int SIGNING_KEY_SHIFT = 2;

    private final Product product;
    private final Identity root;
    private final Identity authority;
    private final Identity key;

    DevelopmentSnp(Product product, Identity root, Identity authority, Identity key) {
        this.product = product;
        this.root = root;
        this.authority = authority;
        this.key = key;
    }

    /** A new platform with a root of its own, valid from an hour before {@code now}, for years. Makes two RSA keys of 4096 bits. */
    public static DevelopmentSnp create(Product product, Instant now) {
        return create(product, now, DevelopmentAmdPki.newAuthorityKey(), DevelopmentAmdPki.newAuthorityKey());
    }

    static DevelopmentSnp create(Product product, Instant now, KeyPair rootKey, KeyPair authorityKey) {
        Identity root = DevelopmentAmdPki.selfSigned(authorityRequest(product.development().root(), now), rootKey);
        return create(product, KeyKind.VCEK, now, root, authorityKey);
    }

    /** A platform of a cloud: its reports are signed by a key that names no chip (VLEK). Otherwise as {@link #create(Product, Instant)}. */
    public static DevelopmentSnp createCloud(Product product, Instant now) {
        Identity root = DevelopmentAmdPki.selfSigned(authorityRequest(product.development().root(), now), DevelopmentAmdPki.newAuthorityKey());
        return create(product, KeyKind.VLEK, now, root, DevelopmentAmdPki.newAuthorityKey());
    }

    private static DevelopmentSnp create(Product product, KeyKind kind, Instant now, Identity root, KeyPair authorityKey) {
        Identity authority = DevelopmentAmdPki.issue(authorityRequest(TrustAnchor.DEVELOPMENT_PREFIX + kind.authority(product), now), authorityKey, root);
        boolean chips = kind == KeyKind.VCEK;
        Identity key = DevelopmentAmdPki.issue(keyRequest(kind, now, DevelopmentAmdPki.entries(product, tcb(product), chips ? Optional.of(chip(product)) : Optional.empty(),
                chips ? Optional.empty() : Optional.of(CLOUD))), DevelopmentAmdPki.newEndorsementKey(), authority);
        return new DevelopmentSnp(product, root, authority, key);
    }

    static Request authorityRequest(String commonName, Instant now) {
        Instant from = now.minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
        return new Request(commonName, true, from, from.plus(Duration.ofDays(25 * 365)), List.of(), DevelopmentAmdPki.PSS_SHA384);
    }

    static Request keyRequest(KeyKind kind, Instant now, List<DevelopmentAmdPki.Entry> entries) {
        Instant from = now.minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
        return new Request(TrustAnchor.DEVELOPMENT_PREFIX + kind.leaf(), false, from, from.plus(Duration.ofDays(7 * 365)), entries,
                DevelopmentAmdPki.PSS_SHA384);
    }

    static TcbVersion tcb(Product product) {
        return product.hasFmc() ? TURIN_TCB : TCB;
    }

    static Bytes chip(Product product) {
        return sha384("nyxos:development-chip:v1").concat(Bytes.zeros(64)).slice(0, product.hardwareIdBytes());
    }

    /** A measurement that stands for {@code workload} here. A real one is measured by the firmware. */
    public static Measurement measurementOf(String workload) {
        return Measurement.ofLaunch(sha384("nyxos:development-measurement:v1:" + workload));
    }

    Product product() {
        return product;
    }

    Identity root() {
        return root;
    }

    Identity authority() {
        return authority;
    }

    Identity key() {
        return key;
    }

    /** The root certificate, PEM: for a policy's {@code roots}. */
    public String rootPem() {
        return DevelopmentPki.pem(root.certificate());
    }

    /** The root as an anchor. */
    public TrustAnchor trustAnchor() {
        return TrustAnchor.of(root.certificate());
    }

    /** Its certificates, with a revocation list of {@code now} that lists nothing. */
    public Endorsements endorsements(Instant now) {
        return endorsements(DevelopmentAmdPki.revocationList(root, now, now.plus(LIST_VALIDITY), List.of(), DevelopmentAmdPki.PSS_SHA384));
    }

    Endorsements endorsements(Bytes revocationList) {
        return Endorsements.of(der(key), der(authority), der(root), revocationList);
    }

    static Bytes der(Identity identity) {
        return Bytes.of(DevelopmentPki.der(identity.certificate()));
    }

    /**
     * A report of version 3 that a guest at VMPL 0 would get.
     *
     * @param reportData  64 bytes
     * @param measurement names the launch register
     */
    public byte[] report(Bytes reportData, Measurement measurement) {
        return sign(unsigned(reportData, measurement));
    }

    private KeyKind kind() {
        return CertificateChain.commonName(key.certificate()).endsWith(KeyKind.VLEK.leaf()) ? KeyKind.VLEK : KeyKind.VCEK;
    }

    byte[] unsigned(Bytes reportData, Measurement measurement) {
        ByteBuffer report = ByteBuffer.allocate(AttestationReport.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        byte[] tcb = tcb(product).encode(product).toArray();
        report.putInt(0, 3).putLong(8, GuestFlag.FIXED | 1L << GuestFlag.SMT.bit()).putInt(0x34, 1);
        report.put(0x38, tcb).putLong(0x40, 1L << PlatformFlag.SMT.bit() | 1L << PlatformFlag.ALIAS_CHECK.bit());
        report.putInt(0x48, kind().number() << SIGNING_KEY_SHIFT);
        report.put(0x50, reportData.toArray()).put(0x90, measurement.get(Measurement.Register.LAUNCH).toArray());
        report.put(0x140, sha384("nyxos:development-report:v1").slice(0, 32).toArray());
        byte[] none = new byte[32];
        java.util.Arrays.fill(none, (byte) 0xff);
        report.put(0x160, none).put(0x180, tcb);
        report.put(0x188, switch (product) {
            case MILAN -> new byte[] {0x19, 0x01, 0x01};
            case GENOA -> new byte[] {0x19, 0x11, 0x01};
            case TURIN -> new byte[] {0x1a, 0x02, 0x01};
        });
        report.put(0x1a0, chip(product).toArray()).put(0x1e0, tcb);
        report.put(0x1e8, new byte[] {29, 55, 1, 0, 29, 55, 1, 0}).put(0x1f0, tcb);
        return report.array();
    }

    /** The report with its first 672 bytes signed by this platform's key. */
    byte[] sign(byte[] unsigned) {
        return sign(unsigned, key.key());
    }

    static byte[] sign(byte[] unsigned, PrivateKey by) {
        try {
            Signature signer = Signature.getInstance("SHA384withECDSAinP1363Format");
            signer.initSign(by, new SecureRandom());
            signer.update(unsigned, 0, AttestationReport.SIGNED_LENGTH);
            byte[] signature = signer.sign();
            byte[] signed = unsigned.clone();
            for (int i = 0; i < SCALAR; i++) {
                signed[AttestationReport.SIGNED_LENGTH + i] = signature[SCALAR - 1 - i];
                signed[AttestationReport.SIGNED_LENGTH + 72 + i] = signature[2 * SCALAR - 1 - i];
            }
            return signed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a development report could not be signed", e);
        }
    }

    private static Bytes sha384(String text) {
        try {
            return Bytes.of(MessageDigest.getInstance("SHA-384").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has SHA-384", e);
        }
    }
}
