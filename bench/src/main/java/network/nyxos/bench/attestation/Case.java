package network.nyxos.bench.attestation;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.nvidia.GpuVerifier;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.snp.SnpVerifier;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Verdict;

/** A verification that is measured. */
public enum Case {
    /** A quote made here, everything read and checked anew. */
    TDX_COLD("TDX, cold", "quote under a development root; collateral and certificates are read and checked anew") {
        @Override
        Supplier<Verdict> prepare() {
            Tdx made = Tdx.make();
            return () -> TdxVerifier.verify(made.quote, Collateral.fromJson(made.collateral), made.policy, made.now);
        }
    },
    /** A quote made here, its collateral kept. */
    TDX_WARM("TDX, warm", "the same with collateral and its certificates kept; every signature of the quote is still checked") {
        @Override
        Supplier<Verdict> prepare() {
            Tdx made = Tdx.make();
            CollateralSet kept = CollateralSet.of(Collateral.fromJson(made.collateral));
            return () -> TdxVerifier.verify(made.quote, kept, made.policy, made.now);
        }
    },
    /** A report made here, everything read and checked anew. */
    SNP_COLD("SEV-SNP, cold", "report under a development root; certificates are read and checked anew") {
        @Override
        Supplier<Verdict> prepare() {
            Snp made = Snp.make();
            String json = made.endorsements.toJson();
            return () -> SnpVerifier.verify(made.report, Endorsements.fromJson(json), made.policy, made.now);
        }
    },
    /** A report made here, its endorsements kept. */
    SNP_WARM("SEV-SNP, warm", "the same with the certificates kept") {
        @Override
        Supplier<Verdict> prepare() {
            Snp made = Snp.make();
            return () -> SnpVerifier.verify(made.report, made.endorsements, made.policy, made.now);
        }
    },
    /** Real quotes in turn, cold. */
    RECORDED_TDX_COLD("TDX, cold, real", "recorded quotes in turn, strict policy; collateral and certificates are read and checked anew") {
        @Override
        Supplier<Verdict> prepare() {
            RecordedEvidence recorded = RecordedEvidence.find();
            return inTurn(recorded.accepted("tdx-quote"), vector -> {
                byte[] quote = recorded.bytes(vector, "quote").toArray();
                String json = recorded.text(vector, "collateral");
                return () -> TdxVerifier.verify(quote, Collateral.fromJson(json), Policy.strict(), RecordedEvidence.now(vector));
            });
        }
    },
    /** Real quotes in turn, warm. */
    RECORDED_TDX_WARM("TDX, warm, real", "the same with collateral and its certificates kept") {
        @Override
        Supplier<Verdict> prepare() {
            RecordedEvidence recorded = RecordedEvidence.find();
            return inTurn(recorded.accepted("tdx-quote"), vector -> {
                byte[] quote = recorded.bytes(vector, "quote").toArray();
                CollateralSet kept = CollateralSet.of(Collateral.fromJson(recorded.text(vector, "collateral")));
                return () -> TdxVerifier.verify(quote, kept, Policy.strict(), RecordedEvidence.now(vector));
            });
        }
    },
    /** Real reports in turn, cold. */
    RECORDED_SNP_COLD("SEV-SNP, cold, real", "recorded reports of Milan and Genoa in turn, strict policy; certificates are read and checked anew") {
        @Override
        Supplier<Verdict> prepare() {
            RecordedEvidence recorded = RecordedEvidence.find();
            return inTurn(recorded.accepted("snp-report"), vector -> {
                byte[] report = recorded.bytes(vector, "report").toArray();
                Supplier<Endorsements> read = endorsements(recorded, vector);
                return () -> SnpVerifier.verify(report, read.get(), Policy.strict(), RecordedEvidence.now(vector));
            });
        }
    },
    /** Real reports in turn, warm. */
    RECORDED_SNP_WARM("SEV-SNP, warm, real", "the same with the certificates kept") {
        @Override
        Supplier<Verdict> prepare() {
            RecordedEvidence recorded = RecordedEvidence.find();
            return inTurn(recorded.accepted("snp-report"), vector -> {
                byte[] report = recorded.bytes(vector, "report").toArray();
                Endorsements kept = endorsements(recorded, vector).get();
                return () -> SnpVerifier.verify(report, kept, Policy.strict(), RecordedEvidence.now(vector));
            });
        }
    },
    /** A real GPU with both reference manifests. */
    RECORDED_GPU("GPU with both manifests, real", "a recorded H100: report, chain, and the signed XML of driver and VBIOS manifest, all read and checked anew") {
        @Override
        Supplier<Verdict> prepare() {
            return gpus(GpuPolicy.strict(), true);
        }
    },
    /** Real GPUs without manifests. */
    RECORDED_GPU_IDENTITY("GPU, identity only, real", "recorded Hopper and Blackwell reports in turn, without manifests: report and chain") {
        @Override
        Supplier<Verdict> prepare() {
            return gpus(GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN), false);
        }
    };

    private final String label;
    private final String method;

    Case(String label, String method) {
        this.label = label;
        this.method = method;
    }

    /** What it is, for people. */
    String label() {
        return label;
    }

    /** How it is taken. */
    String method() {
        return method;
    }

    /** Whether it needs evidence of real machines. */
    boolean recorded() {
        return name().startsWith("RECORDED");
    }

    /** Reads or makes the evidence. @return verifies the next piece each time that it is called */
    abstract Supplier<Verdict> prepare();

    private static Supplier<Verdict> inTurn(List<JsonNode> vectors, Function<JsonNode, Supplier<Verdict>> of) {
        List<Supplier<Verdict>> all = vectors.stream().map(of).toList();
        var next = new int[1];
        return () -> all.get(next[0]++ % all.size()).get();
    }

    private static Supplier<Endorsements> endorsements(RecordedEvidence recorded, JsonNode vector) {
        Bytes key = recorded.bytes(vector, "endorsementKey");
        Bytes authority = recorded.bytes(vector, "ask");
        Bytes root = recorded.bytes(vector, "ark");
        Bytes list = vector.hasNonNull("crl") ? recorded.bytes(vector, "crl") : Bytes.EMPTY;
        return () -> Endorsements.of(key, authority, root, list);
    }

    private static Supplier<Verdict> gpus(GpuPolicy policy, boolean manifests) {
        RecordedEvidence recorded = RecordedEvidence.find();
        List<JsonNode> vectors = recorded.accepted("nv-gpu").stream().filter(vector -> (vector.path("rims").size() == 2) == manifests).toList();
        return inTurn(vectors, vector -> {
            Bytes report = recorded.bytes(vector, "report");
            String chain = recorded.text(vector, "chain");
            List<Bytes> all = recorded.all(vector, "rims");
            var challenge = new GpuChallenge.Fresh(Bytes.fromHex(vector.path("nonce").asText()));
            return () -> GpuVerifier.verify(GpuEvidence.of(report, chain, all), challenge, policy, RecordedEvidence.now(vector));
        });
    }

    private static final Bytes BOUND = ReportData.bind(key(1), key(2), key(3), key(4));

    private static byte[] key(int salt) {
        byte[] key = new byte[ReportData.KEY_LENGTH];
        Arrays.fill(key, (byte) (7 * salt));
        return key;
    }

    /** A quote, its collateral, and who accepts it. */
    private record Tdx(byte[] quote, String collateral, Policy policy, Instant now) {

        static Tdx make() {
            Instant now = Instant.now();
            DevelopmentTee tee = DevelopmentTee.create(now);
            return new Tdx(tee.quote(BOUND, DevelopmentTee.measurementOf("nyxos bench")), tee.collateral(now).toJson(), Policy.development(tee.trustAnchor()).withReportData(BOUND), now);
        }
    }

    /** A report, its endorsements, and who accepts it. */
    private record Snp(byte[] report, Endorsements endorsements, Policy policy, Instant now) {

        static Snp make() {
            Instant now = Instant.now();
            DevelopmentSnp chip = DevelopmentSnp.create(Product.MILAN, now);
            return new Snp(chip.report(BOUND, DevelopmentSnp.measurementOf("nyxos bench")), chip.endorsements(now), Policy.development(chip.trustAnchor()).withReportData(BOUND), now);
        }
    }
}
