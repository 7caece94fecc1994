package network.nyxos.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.CertificateTable;
import network.nyxos.attestation.snp.CertificateTable.Kind;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.text.WordPiece;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.voucher.Voucher;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Right inputs to begin with. The keys are made anew with each process and signed by nobody: DEVELOPMENT, all of it.
final class Seeds {
    /// When everything is judged, unix seconds.
    static final long NOW = 1_777_636_800;
    /// Ids of {@link #TOKENIZER}'s beginning and end.
    static final int BEGIN = 1;
    static final int END = 2;
    static final WordPiece TOKENIZER = WordPiece.of(List.of("[UNK]", "[CLS]", "[SEP]", "[", "]", "cls", "sep", "a", "##a", "\u1112", "##\u1161", "##\u11ab", "\u6771", "\u4eac"));
    private static final Instant TIME = Instant.ofEpochSecond(NOW);
    private Seeds() {
    }

    private static final class Tdx {
        static final DevelopmentTee TEE = DevelopmentTee.create(TIME);
        static final Collateral COLLATERAL = TEE.collateral(TIME);
        static final Policy POLICY = Policy.development(TEE.trustAnchor());
        static final List<byte[]> QUOTES = List.of(TEE.quote(Bytes.zeros(64), DevelopmentTee.measurementOf("fuzz")));
    }

    /// Apart, for AMD's keys of RSA take seconds to make.
    private static final class Snp {
        static final DevelopmentSnp SNP = DevelopmentSnp.create(Product.MILAN, TIME);
        static final Policy POLICY = Policy.development(SNP.trustAnchor());
        static final List<byte[]> REPORTS = List.of(SNP.report(Bytes.zeros(64), DevelopmentSnp.measurementOf("fuzz")));
        static final String ENDORSEMENTS = SNP.endorsements(TIME).toJson();
    }

    /// Takes the development root of this kind of TEE.
    static Policy policy(Evidence evidence) {
        return switch (evidence) {
            case Evidence.Tdx ignored -> Tdx.POLICY;
            case Evidence.Snp ignored -> Snp.POLICY;
            case Evidence.Machine machine -> policy(machine.cpu());
        };
    }

    static List<byte[]> quotes() {
        return Tdx.QUOTES;
    }

    static String collateral() {
        return Tdx.COLLATERAL.toJson();
    }

    static List<byte[]> collaterals() {
        return texts(collateral());
    }

    static List<byte[]> tcbInfos() {
        return texts(Tdx.COLLATERAL.tcbInfo());
    }

    static List<byte[]> qeIdentities() {
        return texts(Tdx.COLLATERAL.qeIdentity());
    }

    static List<byte[]> reports() {
        return Snp.REPORTS;
    }

    static String endorsement() {
        return Snp.ENDORSEMENTS;
    }

    static List<byte[]> endorsements() {
        return texts(Snp.ENDORSEMENTS);
    }

    static List<byte[]> certificateTables() {
        var parts = Endorsements.fromJson(Snp.ENDORSEMENTS);
        Map<Kind, Bytes> whole = new EnumMap<>(Map.of(Kind.VCEK, Bytes.of(der(parts.key())), Kind.ASK, Bytes.of(der(parts.authority())), Kind.ARK, Bytes.of(der(parts.root()))));
        return List.of(CertificateTable.encode(whole).toArray(), CertificateTable.encode(new EnumMap<>(Map.of(Kind.VLEK, Bytes.of(new byte[] {0x30, 0})))).toArray(), new byte[24]);
    }

    /// Takes the development root of the quotes, and NVIDIA's for GPUs.
    static Policy gpuPolicy() {
        return Tdx.POLICY.withGpus(GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN));
    }

    /// A report of the right form, of one GPU and of a switch. Nobody signed them: no key of NVIDIA's is here.
    static List<byte[]> gpuReports() {
        return gpuOpaques().stream().map(Seeds::gpuReport).toList();
    }

    static List<byte[]> gpuOpaques() {
        byte[] gpu = joined(entry(3, "550.90.07\0"), entry(6, "\0^\0\u0096\1\0\0\0"), entry(11, "U"), entry(15, "882\0"), entry(17, "1010\0"), entry(18, "0200\0"), entry(20, "\7".repeat(48)),
            entry(21, "U"), entry(22, "\1".repeat(16)), entry(36, "\0\0"));
        byte[] joining = joined(entry(6, "\0^\0\u0096\1\0\0\0"), entry(20, "\7".repeat(48)), entry(22, "\1".repeat(8)), entry(26, "\2".repeat(70)));
        return List.of(gpu, joining);
    }

    private static byte[] entry(int type, String value) {
        return joined(u16(type), u16(value.length()), value.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] gpuReport(byte[] opaque) {
        byte[] request = new byte[37];
        System.arraycopy(new byte[] {0x11, (byte) 0xe0, 1, (byte) 0xff}, 0, request, 0, 4);
        byte[] record = joined(block(1), block(2));
        return joined(request, new byte[] {0x11, 0x60, 0, 0, 2, (byte) record.length, (byte) (record.length >> 8), 0}, record, new byte[32], u16(opaque.length), opaque, new byte[96]);
    }

    private static byte[] block(int index) {
        return joined(new byte[] {(byte) index, 1, 51, 0, 1, 48, 0}, new byte[48]);
    }

    private static byte[] u16(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8)};
    }

    private static byte[] joined(byte[]... parts) {
        return Arrays.stream(parts).map(Bytes::of).reduce(Bytes.EMPTY, Bytes::concat).toArray();
    }

    /// A manifest of the one known form, under a signature that is none.
    static List<byte[]> gpuManifests() {
        String hash = "ab".repeat(48);
        String certificate = Base64.getEncoder().encodeToString(certificates().getFirst());
        return texts("<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\" name=\"GH100\">"
            + "<Meta colloquialVersion=\"550.90.07\" product=\"GH100\"/><Payload><Resource type=\"Measurement\" index=\"0\" active=\"True\" alternatives=\"1\" ns2:Hash0=\"" + hash
            + "\" name=\"Measurement_0\" size=\"48\"/></Payload><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>"
            + "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"/><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384\"/>"
            + "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"
            + "<ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"/></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#sha384\"/>"
            + "<ds:DigestValue>" + Base64.getEncoder().encodeToString(new byte[48]) + "</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>"
            + Base64.getEncoder().encodeToString(new byte[96]) + "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + certificate
            + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature></SoftwareIdentity>");
    }

    static List<byte[]> devices() {
        List<Devices.Device> gpus = List.of(new Devices.Device(Bytes.of(gpuReports().getFirst()), chain()));
        List<Devices.Device> switches = List.of(new Devices.Device(Bytes.of(gpuReports().getLast()), chain()));
        List<Bytes> manifests = gpuManifests().stream().map(Bytes::of).toList();
        return texts(Devices.shown(gpus, List.of()).toJson(), new Devices(gpus, switches, manifests, List.of(Bytes.of(revocationLists().getFirst()))).toJson());
    }

    /// An answer of an OCSP service about a certificate of {@link #chain()}.
    static List<byte[]> ocspAnswers() {
        try {
            KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
            keys.initialize(new ECGenParameterSpec("secp384r1"));
            CertificateChain chain = CertificateChain.parsePem(chain());
            var sha1 = new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1);
            var about = new CertificateID(sha1, new X509CertificateHolder(der(chain.get(1))), chain.leaf().getSerialNumber());
            var answer = new BasicOCSPRespBuilder(new RespID(new X500Name("CN=DEVELOPMENT"))).addResponse(about, CertificateStatus.GOOD, Date.from(TIME), Date.from(TIME.plusSeconds(60)), null)
                .build(new JcaContentSignerBuilder("SHA384withECDSA").build(keys.generateKeyPair().getPrivate()), new X509CertificateHolder[0], Date.from(TIME));
            return List.of(new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, answer).getEncoded());
        } catch (GeneralSecurityException | OCSPException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("an OCSP answer can be made", e);
        }
    }

    /// A chain of certificates in PEM, of whatever maker.
    static String chain() {
        return Tdx.COLLATERAL.tcbInfoIssuerChain();
    }

    static List<byte[]> tokens() {
        return texts(token());
    }

    static List<byte[]> detachedTokens() {
        return texts("[[\"JWT\",\"" + token() + "\"],{\"GPU-0\":\"" + token() + "\"}]", "{}");
    }

    private static String token() {
        String claims = "{\"iss\":\"https://nras.example\",\"nbf\":" + NOW + ",\"exp\":" + (NOW + 3600) + ",\"eat_nonce\":\"" + "09".repeat(32)
            + "\",\"x-nvidia-overall-att-result\":true,\"submods\":{\"GPU-0\":[\"DIGEST\",[\"SHA-256\",\"" + "ab".repeat(32) + "\"]]}}";
        return base64("{\"alg\":\"ES384\",\"kid\":\"development\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8)) + "." + base64(claims.getBytes(StandardCharsets.UTF_8)) + "."
            + base64(new byte[96]);
    }

    private static String base64(byte[] content) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(content);
    }

    static List<byte[]> certificates() {
        return List.of(Tdx.COLLATERAL.tcbInfoIssuerChain(), Snp.SNP.rootPem()).stream().map(pem -> der(CertificateChain.parsePem(pem).leaf())).toList();
    }

    static List<byte[]> chains() {
        return texts(Tdx.COLLATERAL.tcbInfoIssuerChain(), Tdx.TEE.rootPem());
    }

    static List<byte[]> revocationLists() {
        return List.of(Tdx.COLLATERAL.rootCrl().toArray(), Tdx.COLLATERAL.pckCrl().toArray());
    }

    static List<byte[]> policies() {
        return texts("{\"acceptedStatuses\":[\"UpToDate\"],\"gracePeriod\":\"P1D\"}", "acceptedStatuses: [UpToDate]\nmeasurements: []\n");
    }

    static List<byte[]> jsonObjects() {
        return texts("{}", "{\"type\":\"welcome\"}", "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"1\",\"x\":\"\",\"y\":\"\"}]}");
    }

    static List<byte[]> formats() {
        return texts("{\"type\":\"json_object\"}", "{\"schema\":{\"$defs\":{\"n\":{\"additionalProperties\":false,\"properties\":{\"v\":{\"enum\":[\"a\",1,null]},\"rest\":{\"anyOf\":[{\"$ref\":\"#/$defs/n\"},"
            + "{\"items\":{\"type\":\"number\"},\"maxItems\":3,\"minItems\":1,\"type\":\"array\"}]}},\"required\":[\"v\"],\"type\":\"object\"}},\"$ref\":\"#/$defs/n\"},\"type\":\"json_schema\"}",
            "{\"choice\":\"auto\",\"parallel\":true,\"tools\":[{\"name\":\"f\",\"parameters\":{\"additionalProperties\":{\"type\":\"string\"},\"type\":\"object\"}}],\"type\":\"tools\"}");
    }

    static List<byte[]> embedded() {
        return texts("Hello, world: it's \u00fcber [SEP] \u6771\u4eac!", "[CLS]a[SEP]", "\ud55c\uae00 \u0958\ufffd\u200b\t");
    }

    static List<byte[]> records() {
        Keypair key = Keypair.generate();
        Hash hash = Hash.sha256(new byte[] {1});
        var voucher = new Voucher(key.publicKey(), 1_000, 0);
        var receipt = new Receipt(hash, key.publicKey(), hash, "nyx-int8-v1", Tier.VERIFIED, 42, Sampler.GREEDY, hash, hash, 3, 20, key.publicKey(), 500, Finish.STOP,
            Hash.ZERO, Hash.ZERO, hash, NOW * 1_000, NOW * 1_000 + 1);
        byte[] transaction = TransactionBuilder.legacy(key.publicKey())
            .add(Tokens.transferChecked(key.publicKey(), key.publicKey(), key.publicKey(), key.publicKey(), 1, 6, Programs.LOCAL.escrow())).compile(hash).sign(key).bytes();
        byte[] ed25519 = Ed25519Instruction.of(List.of(new Ed25519Instruction.Entry(key.publicKey(), key.sign(new byte[32]), new byte[32]))).data();
        return List.of(voucher.encode(), receipt.encode(), transaction, ed25519);
    }

    static List<byte[]> accounts() {
        return List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10).stream().map(discriminator -> {
            byte[] data = new byte[584];
            data[0] = discriminator.byteValue();
            data[1] = 1;
            return data;
        }).toList();
    }

    private static byte[] der(java.security.cert.X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    private static List<byte[]> texts(String... texts) {
        return List.of(texts).stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }
}
