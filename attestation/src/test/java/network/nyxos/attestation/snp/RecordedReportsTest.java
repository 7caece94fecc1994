package network.nyxos.attestation.snp;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Recorded SEV-SNP evidence of real machines gets the verdict that the manifest states")
class RecordedReportsTest {
    static Stream<Arguments> vectors() {
        return RecordedEvidence.vectors(Set.of("snp-report")).stream().map(vector -> Arguments.of(vector.path("id").asText(), vector));
    }

    static Bytes file(JsonNode vector, String name) {
        return Bytes.of(RecordedEvidence.read(vector.path(name).asText()));
    }

    static Endorsements endorsements(JsonNode vector) {
        return Endorsements.of(file(vector, "endorsementKey"), file(vector, "ask"), file(vector, "ark"), Bytes.EMPTY);
    }

    static Instant now(JsonNode vector) {
        return Instant.ofEpochSecond(vector.path("now").asLong());
    }

    static Verdict judge(JsonNode vector, Policy policy) {
        return SnpVerifier.verify(file(vector, "report").toArray(), endorsements(vector), policy, now(vector));
    }

    private static List<String> failures(Verdict verdict) {
        return verdict.failures().stream().map(Check::id).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void judgedUnderTheStrictPolicy(String id, JsonNode vector) {
        Verdict verdict = judge(vector, Policy.strict());

        String expected = vector.path("expected").asText();
        assertThat(expected).containsAnyOf("ACCEPT", "REJECT");
        assertThat(verdict.accepted()).as("%s%n%s", expected, verdict).isEqualTo(expected.startsWith("ACCEPT"));
        assertThat(verdict.development()).isFalse();
        assertThat(failures(verdict)).as("%s", verdict.summary()).isEqualTo(why(id));
        assertThat(verdict.checks()).extracting(Check::outcome).doesNotContain(Check.Outcome.NOT_REACHED);
    }

    /** The checks that each vector fails: a refusal for another reason would be luck. */
    private static List<String> why(String id) {
        return switch (id) {
            case "snp2-milan-google-debug" -> List.of("snp.guest.debug");
            case "snp2-milan-aws-vlek-vmpl1", "snp3-milan-aws-vlek-vmpl1" -> List.of("snp.key.kind", "snp.guest.vmpl");
            default -> List.of();
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    @DisplayName("What the report says is what the manifest says of it")
    void fields(String id, JsonNode vector) {
        AttestationReport report = AttestationReport.parse(file(vector, "report"));
        Product product = Product.named(vector.path("product").asText()).orElseThrow();
        assertThat(report.version()).isEqualTo(vector.path("reportVersion").asLong());
        assertThat("0x" + Long.toHexString(report.policy())).isEqualTo(vector.path("policy").asText());
        assertThat(report.vmpl()).isEqualTo(vector.path("vmpl").asLong());
        assertThat(report.keyKind()).isEqualTo(KeyKind.named(vector.path("keyKind").asText()));
        assertThat(report.currentTcb().hex()).isEqualTo(vector.path("currentTcb").asText());
        assertThat(report.reportedTcb().hex()).isEqualTo(vector.path("reportedTcb").asText());
        assertThat(report.committedTcb().hex()).isEqualTo(vector.path("committedTcb").asText());
        assertThat(EndorsementKey.of(endorsements(vector).key(), product).tcb()).isEqualTo(TcbVersion.of(report.reportedTcb(), product).orElseThrow());
    }

    @Test
    @DisplayName("a VLEK at VMPL 1 is accepted where the policy says so")
    void vlek() {
        Policy policy = Policy.fromJson("{\"snp\": {\"keyKinds\": [\"vlek\"], \"vmpls\": [1]}}");
        List<JsonNode> vleks = RecordedEvidence.vectors(Set.of("snp-report")).stream().filter(v -> v.path("keyKind").asText().equals("vlek")).toList();
        assertThat(vleks).hasSize(2).allSatisfy(vector -> assertThat(judge(vector, policy).accepted()).as("%s", judge(vector, policy)).isTrue());
    }

    @Test
    @DisplayName("no vector of this kind is left out")
    void complete() {
        assertThat(RecordedEvidence.vectors(Set.of("snp-report"))).hasSize(9);
        assertThat(RecordedEvidence.vectors(Set.of("snp-cert"))).hasSize(1);
    }

    @Test
    @DisplayName("Turin's certificates: a chain, with an FMC and a hardware id of 8 bytes")
    void turin() {
        JsonNode vector = RecordedEvidence.vectors(Set.of("snp-cert")).getFirst();
        Endorsements endorsements = endorsements(vector);
        assertThat(endorsements.chainProblem()).isEmpty();
        assertThat(TrustAnchor.of(endorsements.root())).satisfies(anchor -> assertThat(Product.of(anchor.family())).contains(Product.TURIN));
        assertThat(EndorsementKey.of(endorsements.key(), Product.TURIN)).satisfies(key -> {
            assertThat(key.kind()).isEqualTo(KeyKind.VCEK);
            assertThat(key.hardwareId().size()).isEqualTo(8);
        });
    }

    @Test
    @DisplayName("certificates of another chip, another product or another day are refused by the check of that thing")
    void swapped() {
        JsonNode milan = vector("snp3-milan-azure-trustee");
        JsonNode other = vector("snp2-milan-automata");
        JsonNode genoa = vector("snp3-genoa-azure-trustee");
        byte[] report = file(milan, "report").toArray();
        assertThat(failures(SnpVerifier.verify(report, endorsements(other), Policy.strict(), now(milan))))
                .containsExactly("snp.report.signature", "snp.key.tcb", "snp.key.chip-id");
        assertThat(failures(SnpVerifier.verify(report, endorsements(genoa), Policy.strict(), now(milan))))
                .containsExactly("snp.report.signature", "snp.product", "snp.key.tcb", "snp.key.chip-id");
        Endorsements crossed = Endorsements.of(file(milan, "endorsementKey"), file(genoa, "ask"), file(genoa, "ark"), Bytes.EMPTY);
        assertThat(failures(SnpVerifier.verify(report, crossed, Policy.strict(), now(milan)))).contains("snp.chain", "snp.product", "snp.key.extensions");
        assertThat(failures(SnpVerifier.verify(report, endorsements(milan), Policy.strict(), now(milan).plus(Duration.ofDays(8 * 365)))))
                .containsExactly("snp.chain.validity");
        assertThat(failures(SnpVerifier.verify(report, endorsements(milan), Policy.strict().withRoots(List.of(TrustAnchor.intelSgxRoot())), now(milan))))
                .containsExactly("snp.chain.root");
        assertThat(failures(SnpVerifier.verify(report, endorsements(milan), Policy.fromJson("{\"roots\": [\"amd-ark-genoa\"]}"), now(milan))))
                .containsExactly("snp.chain.root");
    }

    @Test
    @DisplayName("the same certificates in any order are the same endorsements")
    void unordered() {
        Endorsements given = endorsements(vector("snp3-milan-azure-trustee"));
        assertThat(Endorsements.ofUnordered(List.of(given.root(), given.key(), given.authority()), Bytes.EMPTY)).isEqualTo(given);
        assertThat(Endorsements.fromJson(given.toJson())).isEqualTo(given);
    }

    private static JsonNode vector(String id) {
        return RecordedEvidence.vectors(Set.of("snp-report")).stream().filter(v -> v.path("id").asText().equals(id)).findFirst().orElseThrow();
    }
}
