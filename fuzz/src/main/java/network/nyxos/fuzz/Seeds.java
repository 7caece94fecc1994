package network.nyxos.fuzz;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.voucher.Voucher;

/// Right inputs to begin with. The keys are made anew with each process and signed by nobody: DEVELOPMENT, all of it.
final class Seeds {
    /// When everything is judged, unix seconds.
    static final long NOW = 1_777_636_800;
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
