package network.nyxos.attestation.development;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.development.DevelopmentPki.Identity;
import network.nyxos.attestation.development.DevelopmentPki.Request;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.sgx.EnclaveReport;
import network.nyxos.attestation.tdx.TdReport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * A development TEE: a PKI of Intel's shape made at run time, a quoting enclave's key, and quotes of the genuine v4 layout. It protects
 * nothing; it lets the whole path from evidence to verdict run where there is no TDX machine.
 *
 * <p>Immutable and safe for use by many threads. {@link #toBytes()} holds private keys: whoever has them can make such evidence too.
 */
public final class DevelopmentTee {
    private static final String MAGIC = "nyxos-development-tee:v1";
    private static final int MAX_PART = 1 << 14;
    private static final Duration CLOCK_SKEW = Duration.ofHours(1);
    private static final byte[] AUTH_DATA = new byte[32];
    private static final byte[] HEADER = header();

    /** All that makes one such TEE. */
    record Parts(Identity root, Identity authority, Identity pck, Identity signer, PrivateKey attestationKey, ECPublicKey attestationPublicKey) {
    }

    private final Parts parts;
    private final Bytes qeReport;
    private final Bytes qeReportSignature;

    DevelopmentTee(Parts parts) {
        this.parts = parts;
        this.qeReport = qeReport(DevelopmentPki.point(parts.attestationPublicKey()));
        this.qeReportSignature = DevelopmentPki.sign(parts.pck().key(), qeReport.toArray());
    }

    /** A new TEE with a root of its own, valid from an hour before {@code now}, for years. */
    public static DevelopmentTee create(Instant now) {
        return new DevelopmentTee(newParts(now));
    }

    static Parts newParts(Instant now) {
        Instant from = now.minus(CLOCK_SKEW).truncatedTo(ChronoUnit.SECONDS);
        TrustAnchor.Family names = TrustAnchor.Family.DEVELOPMENT;
        Identity root = DevelopmentPki.selfSigned(new Request(names.root(), 1, from, years(from, 25), Optional.empty()));
        Identity authority = DevelopmentPki.issue(
                new Request(names.pckAuthorities().iterator().next(), 0, from, years(from, 15), Optional.empty()), root);
        Identity pck = DevelopmentPki.issue(
                new Request(names.pckLeaf(), -1, from, years(from, 7), Optional.of(DevelopmentPki.sgxExtension(DevelopmentPlatform.certified()))), authority);
        Identity signer = DevelopmentPki.issue(new Request(names.tcbSigner(), -1, from, years(from, 7), Optional.empty()), root);
        KeyPair attestation = DevelopmentPki.newKey();
        return new Parts(root, authority, pck, signer, attestation.getPrivate(), (ECPublicKey) attestation.getPublic());
    }

    /**
     * The same TEE again.
     *
     * @param bytes of {@link #toBytes()}
     * @throws AttestationException {@code development.format} when they are not
     */
    public static DevelopmentTee fromBytes(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (!in.readUTF().equals(MAGIC)) {
                throw new AttestationException("development.format", "not a development TEE");
            }
            KeyFactory keys = KeyFactory.getInstance("EC");
            Parts parts = new Parts(identity(in, keys), identity(in, keys), identity(in, keys), identity(in, keys),
                    keys.generatePrivate(new PKCS8EncodedKeySpec(part(in))),
                    (ECPublicKey) keys.generatePublic(new X509EncodedKeySpec(part(in))));
            if (in.available() != 0) {
                throw new AttestationException("development.format", "bytes follow the development TEE");
            }
            return new DevelopmentTee(parts);
        } catch (IOException | GeneralSecurityException e) {
            throw new AttestationException("development.format", "not a development TEE: " + e.getMessage(), e);
        }
    }

    /** Keys and certificates, to keep in a file that only its owner reads. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(MAGIC);
            for (Identity identity : List.of(parts.root(), parts.authority(), parts.pck(), parts.signer())) {
                writePart(out, identity.key().getEncoded());
                writePart(out, DevelopmentPki.der(identity.certificate()));
            }
            writePart(out, parts.attestationKey().getEncoded());
            writePart(out, parts.attestationPublicKey().getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The root certificate, PEM: for a policy's {@code roots}. */
    public String rootPem() {
        return DevelopmentPki.pem(parts.root().certificate());
    }

    /** The root as an anchor. */
    public TrustAnchor trustAnchor() {
        return TrustAnchor.ofDer(DevelopmentPki.der(parts.root().certificate()));
    }

    /** A measurement that stands for {@code workload} here: MRTD = SHA-384 of its name. A real one is measured by the TDX module. */
    public static Measurement measurementOf(String workload) {
        try {
            return Measurement.ofMrtd(Bytes.of(MessageDigest.getInstance("SHA-384").digest(
                    ("nyxos:development-measurement:v1:" + workload).getBytes(StandardCharsets.UTF_8))));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has SHA-384", e);
        }
    }

    /**
     * A TDX v4 quote.
     *
     * @param reportData  64 bytes
     * @param measurement registers that it does not name are zero
     * @throws AttestationException {@code development.report-data} when {@code reportData} has another length
     */
    public byte[] quote(Bytes reportData, Measurement measurement) {
        if (reportData.size() != 64) {
            throw new AttestationException("development.report-data", "report data has " + reportData.size() + " bytes, must have 64");
        }
        return seal(headerAndBody(reportData, measurement));
    }

    /** Collateral issued at {@code now}, good for 30 days. */
    public Collateral collateral(Instant now) {
        Instant issued = now.truncatedTo(ChronoUnit.SECONDS);
        return collateral(DevelopmentPlatform.tcbInfo(issued), DevelopmentPlatform.qeIdentity(issued),
                revocationList(parts.root(), issued), revocationList(parts.authority(), issued));
    }

    /** Signs these documents as the TCB signer. */
    Collateral collateral(String tcbInfo, String qeIdentity, Bytes rootCrl, Bytes pckCrl) {
        String issuerChain = DevelopmentPki.pem(parts.signer().certificate(), parts.root().certificate());
        return new Collateral(rootCrl, pckCrl, issuerChain, tcbInfo, signed(tcbInfo), issuerChain, qeIdentity, signed(qeIdentity));
    }

    Parts parts() {
        return parts;
    }

    /** Header and body of a quote: the bytes that its signature covers. */
    static byte[] headerAndBody(Bytes reportData, Measurement measurement) {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER.length + TdReport.LENGTH_1_0).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(HEADER);
        buffer.put(DevelopmentPlatform.TEE_TCB_SVN.toArray());
        buffer.position(HEADER.length + 120);
        buffer.putLong(1L << 28).putLong(0x602e7L);
        measurement.registers().forEach((register, value) -> buffer.put(HEADER.length + register.offset(), value.toArray()));
        buffer.put(HEADER.length + 520, reportData.toArray());
        return buffer.array();
    }

    /** A quote over any header and body. */
    byte[] seal(byte[] headerAndBody) {
        byte[] chain = DevelopmentPki.pem(parts.pck().certificate(), parts.authority().certificate(), parts.root().certificate())
                .getBytes(StandardCharsets.US_ASCII);
        return seal(headerAndBody, qeReport, qeReportSignature, AUTH_DATA, chain);
    }

    /** A quote over any header and body, certified by any QE report and chain. */
    byte[] seal(byte[] headerAndBody, Bytes report, Bytes reportSignature, byte[] authData, byte[] chain) {
        int certification = EnclaveReport.LENGTH + 64 + 2 + authData.length + 2 + 4 + chain.length;
        int signatureData = 64 + 64 + 2 + 4 + certification;
        return ByteBuffer.allocate(headerAndBody.length + 4 + signatureData).order(ByteOrder.LITTLE_ENDIAN)
                .put(headerAndBody)
                .putInt(signatureData)
                .put(DevelopmentPki.sign(parts.attestationKey(), headerAndBody).toArray())
                .put(DevelopmentPki.point(parts.attestationPublicKey()).toArray())
                .putShort((short) 6).putInt(certification)
                .put(report.toArray()).put(reportSignature.toArray())
                .putShort((short) authData.length).put(authData)
                .putShort((short) 5).putInt(chain.length).put(chain)
                .array();
    }

    /** The quoting enclave's report over its attestation key. */
    static Bytes qeReport(Bytes attestationKey) {
        return qeReport(attestationKey.concat(Bytes.of(AUTH_DATA)).sha256(), DevelopmentPlatform.QE_SVN);
    }

    static Bytes qeReport(Bytes binding, int isvSvn) {
        ByteBuffer report = ByteBuffer.allocate(EnclaveReport.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        report.put(0, DevelopmentPlatform.CPU_SVN.toArray());
        report.put(48, DevelopmentPlatform.QE_ATTRIBUTES.toArray());
        report.put(128, DevelopmentPlatform.QE_SIGNER.toArray());
        report.putShort(256, (short) DevelopmentPlatform.QE_PRODUCT);
        report.putShort(258, (short) isvSvn);
        report.put(320, binding.toArray());
        return Bytes.of(report.array());
    }

    /** Says what it is; no key material. */
    @Override
    public String toString() {
        return "DEVELOPMENT TEE (no hardware), root sha256 " + trustAnchor().fingerprint();
    }

    private static Bytes revocationList(Identity issuer, Instant now) {
        return DevelopmentPki.revocationList(issuer, now, now.plus(DevelopmentPlatform.COLLATERAL_VALIDITY), List.of());
    }

    private String signed(String document) {
        return DevelopmentPki.sign(parts.signer().key(), document.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private static Instant years(Instant from, int years) {
        return from.plus(Duration.ofDays(365L * years));
    }

    private static byte[] header() {
        ByteBuffer header = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) 4).putShort((short) 2).putInt(0x81).putInt(0);
        header.put(Bytes.fromHex("939a7233f79c4ca9940a0db3957f0607").toArray());
        return header.array();
    }

    private static Identity identity(DataInputStream in, KeyFactory keys) throws IOException, GeneralSecurityException {
        PrivateKey key = keys.generatePrivate(new PKCS8EncodedKeySpec(part(in)));
        return new Identity(key, CertificateChain.parseDer(part(in)));
    }

    private static byte[] part(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_PART) {
            throw new IOException("a part has " + length + " bytes");
        }
        byte[] part = new byte[length];
        in.readFully(part);
        return part;
    }

    private static void writePart(DataOutputStream out, byte[] part) throws IOException {
        out.writeInt(part.length);
        out.write(part);
    }
}
