package network.nyxos.attestation.nvidia;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.nvidia.GpuNodeVerdict.Topology;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Recorded evidence of real GPUs gets the verdict that the manifest states")
class RecordedGpusTest {
    /** Strict; where a vector has no manifests at all, it is the device's identity that is stated. */
    private static final GpuPolicy POLICY = GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN);

    static Stream<Arguments> gpus() {
        return named("nv-gpu");
    }

    static Stream<Arguments> manifests() {
        return named("nv-rim");
    }

    private static Stream<Arguments> named(String kind) {
        return RecordedEvidence.vectors(Set.of(kind)).stream().map(vector -> Arguments.of(vector.path("id").asText(), vector));
    }

    private static JsonNode vector(String id) {
        return RecordedEvidence.vectors(Set.of("nv-gpu", "nv-rim")).stream().filter(v -> v.path("id").asText().equals(id)).findFirst().orElseThrow();
    }

    private static Bytes file(JsonNode vector, String member) {
        return Bytes.of(RecordedEvidence.read(vector.path(member).asText()));
    }

    private static String text(JsonNode vector, String member) {
        return new String(file(vector, member).toArray(), StandardCharsets.UTF_8);
    }

    private static Instant now(JsonNode vector) {
        return Instant.ofEpochSecond(vector.path("now").asLong());
    }

    static GpuEvidence evidence(JsonNode vector) {
        List<Bytes> manifests = new ArrayList<>();
        vector.path("rims").forEach(path -> manifests.add(Bytes.of(RecordedEvidence.read(path.asText()))));
        return GpuEvidence.of(file(vector, "report"), text(vector, "chain"), manifests);
    }

    private static GpuChallenge challenge(JsonNode vector) {
        return new GpuChallenge.Fresh(Bytes.fromHex(vector.path("nonce").asText()));
    }

    private static Verdict judge(JsonNode vector, GpuPolicy policy) {
        return GpuVerifier.verify(evidence(vector), challenge(vector), policy, now(vector));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("gpus")
    void gpuJudged(String id, JsonNode vector) {
        assertThat(NvidiaRoot.ofPem(text(vector, "root"))).as("the pinned root is the vector's own").isEqualTo(NvidiaRoot.deviceIdentity());

        Verdict verdict = judge(vector, POLICY);

        List<String> why = switch (id) {
            case "h100-535.86.09-vbios" -> List.of("nvidia.driver-rim.present");
            case "h100-580.159.03" -> List.of("nvidia.driver-rim.present", "nvidia.measurements.vbios");
            default -> List.of();
        };
        String expected = vector.path("expected").asText();
        assertThat(expected.contains("REJECT")).as(expected).isEqualTo(!why.isEmpty());
        assertThat(DevelopmentGpu.failures(verdict)).as("%s%n%s", expected, verdict).isEqualTo(why);
        assertThat(verdict.accepted()).as("%s", verdict).isEqualTo(why.isEmpty());
        assertThat(verdict.development()).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("gpus")
    @DisplayName("its report states what the manifest says it does")
    void fields(String id, JsonNode vector) {
        GpuReport report = GpuReport.parse(file(vector, "report"));
        assertThat(report.nonce().hex()).isEqualTo(vector.path("nonce").asText());
        assertThat(report.opaque().driverVersion()).contains(vector.path("driverVersion").asText());
        assertThat(report.opaque().vbiosVersion()).contains(vector.path("vbiosVersion").asText());
        assertThat(report.opaque().project()).contains(vector.path("project").asText());
        assertThat(report.measurements()).hasSize(64);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("manifests")
    void manifestJudged(String id, JsonNode vector) {
        assertThat(NvidiaRoot.ofPem(text(vector, "root"))).as("the pinned root is the vector's own").isEqualTo(NvidiaRoot.rimSigning());

        Verdict verdict = RimVerifier.verify(file(vector, "rim"), GpuPolicy.strict(), now(vector));

        List<String> why = switch (id) {
            case "rim-driver-gh100-550.144.03-badsig" -> List.of("nvidia.rim.signature");
            case "rim-driver-gb100-debugroot" -> List.of("nvidia.rim.chain", "nvidia.rim.root", "nvidia.rim.roles");
            default -> List.of();
        };
        String expected = vector.path("expected").asText();
        assertThat(expected.startsWith("REJECT")).isEqualTo(!why.isEmpty());
        assertThat(DevelopmentGpu.failures(verdict)).as("%s%n%s", expected, verdict).isEqualTo(why);
        assertThat(ReferenceManifest.parse(file(vector, "rim")).version()).isEqualTo(vector.path("version").asText());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("manifests")
    @DisplayName("a manifest whose signers are not yet valid, or no longer, is refused for that")
    void manifestOutOfTime(String id, JsonNode vector) {
        for (String bound : List.of("validFrom", "validTo")) {
            Instant edge = Instant.parse(vector.path(bound).asText().replace(' ', 'T').replace("+00:00", "Z"));
            Instant beyond = bound.equals("validFrom") ? edge.minusSeconds(1) : edge.plusSeconds(1);
            assertThat(DevelopmentGpu.failures(RimVerifier.verify(file(vector, "rim"), GpuPolicy.strict(), edge))).doesNotContain("nvidia.rim.validity");
            assertThat(DevelopmentGpu.failures(RimVerifier.verify(file(vector, "rim"), GpuPolicy.strict(), beyond))).contains("nvidia.rim.validity");
        }
    }

    @Test
    @DisplayName("no vector of these kinds is left out")
    void complete() {
        assertThat(gpus().toList()).hasSize(13);
        assertThat(manifests().toList()).hasSize(7);
    }

    @Test
    @DisplayName("the mismatch of the newer driver under an old VBIOS manifest is named by its index")
    void mismatchNamed() {
        Check check = judge(vector("h100-580.159.03"), POLICY).check("nvidia.measurements.vbios").orElseThrow();
        assertThat(check.detail()).startsWith("index 9 is ").doesNotContain(";");
    }

    @Test
    @DisplayName("a missing driver manifest is named by the id under which NVIDIA publishes it")
    void missingNamed() {
        assertThat(judge(vector("h100-535.86.09-vbios"), POLICY).check("nvidia.driver-rim.present").orElseThrow().detail())
                .isEqualTo("missing: NV_GPU_DRIVER_GH100_535.86.09");
        assertThat(judge(vector("h100-550.90.07"), GpuPolicy.strict()).failures()).extracting(Check::detail)
                .containsExactly("missing: NV_GPU_DRIVER_GH100_550.90.07", "missing: NV_GPU_VBIOS_1010_0200_882_96009F0001");
    }

    @Test
    @DisplayName("the GPUs of a node are judged together: one nonce, no GPU twice, switches named")
    void nodes() {
        for (String node : List.of("h100-590.12-ppcie-", "h200-570.172.08-nearai-")) {
            List<GpuEvidence> gpus = Stream.of(0, 1, 2, 3).map(i -> evidence(vector(node + i))).toList();
            JsonNode first = vector(node + 0);
            GpuNodeVerdict strict = GpuNodeVerifier.verify(gpus, 4, challenge(first), POLICY, now(first));
            assertThat(strict.topology()).isEqualTo(Topology.SWITCHES_NOT_ATTESTED);
            assertThat(DevelopmentGpu.failures(strict.node())).containsExactly("nvidia.node.topology");
            assertThat(GpuNodeVerifier.verify(gpus, 4, challenge(first), POLICY.withUnattestedSwitches(), now(first)).accepted()).isTrue();
            GpuNodeVerdict bound = GpuNodeVerifier.verify(gpus, 4, challenge(first), POLICY.withUnattestedSwitches().withCpuBinding(), now(first));
            assertThat(DevelopmentGpu.failures(bound.node())).as("these nodes use the client's nonce, which binds nothing")
                    .containsExactly("nvidia.node.gpus", "nvidia.node.binding");
            assertThat(bound.gpus()).allSatisfy(gpu -> assertThat(DevelopmentGpu.failures(gpu)).containsExactly("nvidia.binding.cpu"));
        }
    }

    @Test
    @DisplayName("a real report with one bit flipped anywhere, cut anywhere, or under another device's certificates is refused")
    void altered() {
        JsonNode vector = vector("h100-545.00-full");
        GpuEvidence whole = evidence(vector);
        byte[] report = whole.report().toArray();
        for (int at = 0; at < report.length; at += at < 60 || at > 3590 ? 2 : 41) {
            byte[] flipped = report.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            Verdict verdict = GpuVerifier.verify(GpuEvidence.of(Bytes.of(flipped), whole.chain(), List.of()), challenge(vector), POLICY, now(vector));
            assertThat(DevelopmentGpu.failures(verdict)).as("byte %d", at)
                    .containsAnyOf("nvidia.report.layout", "nvidia.report.version", "nvidia.report.opaque", "nvidia.report.signature");
        }
        for (int cut = 0; cut < report.length; cut += 31) {
            Verdict verdict = GpuVerifier.verify(GpuEvidence.of(whole.report().slice(0, cut), whole.chain(), List.of()), challenge(vector), POLICY, now(vector));
            assertThat(DevelopmentGpu.failures(verdict)).containsExactly("nvidia.report.layout");
        }
        Verdict swapped = GpuVerifier.verify(GpuEvidence.of(whole.report(), text(vector("h100-550.90.07"), "chain"), whole.manifests()), challenge(vector),
                POLICY, now(vector));
        assertThat(DevelopmentGpu.failures(swapped)).containsExactly("nvidia.report.signature");
    }
}
