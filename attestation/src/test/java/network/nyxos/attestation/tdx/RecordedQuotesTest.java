package network.nyxos.attestation.tdx;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Recorded quotes of real machines get the verdict that the manifest states")
class RecordedQuotesTest {
    private static final Set<String> KINDS = Set.of("tdx-quote", "sgx-quote");

    static Stream<Arguments> vectors() {
        return RecordedEvidence.vectors(KINDS).stream().map(vector -> Arguments.of(vector.path("id").asText(), vector));
    }

    static Verdict judge(JsonNode vector, Policy policy) {
        return TdxVerifier.verify(RecordedEvidence.read(vector.path("quote").asText()), collateral(vector), policy,
                Instant.ofEpochSecond(vector.path("now").asLong()));
    }

    static Collateral collateral(JsonNode vector) {
        return Collateral.fromJson(new String(RecordedEvidence.read(vector.path("collateral").asText()), StandardCharsets.UTF_8));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void judgedUnderTheStrictPolicy(String id, JsonNode vector) {
        TrustAnchor root = TrustAnchor.ofPem(new String(RecordedEvidence.read(vector.path("root").asText()), StandardCharsets.UTF_8));
        assertThat(Policy.strict().roots()).as("the pinned root is the vector's own").contains(root);

        Verdict verdict = judge(vector, Policy.strict());

        String expected = vector.path("expected").asText();
        assertThat(expected).matches("(ACCEPT|REJECT)\\b.*");
        assertThat(verdict.accepted()).as("%s%n%s", expected, verdict).isEqualTo(expected.startsWith("ACCEPT"));
        assertThat(verdict.development()).isFalse();
        if (vector.hasNonNull("status")) {
            assertThat(verdict.tcbStatus().map(TcbStatus::label)).as("%s", verdict).contains(vector.path("status").asText());
        }
        if (vector.hasNonNull("advisories")) {
            List<String> advisories = new ArrayList<>();
            vector.path("advisories").forEach(advisory -> advisories.add(advisory.asText()));
            assertThat(verdict.advisories()).containsExactlyInAnyOrderElementsOf(advisories);
        }
        assertThat(verdict.failures()).as("%s", verdict.summary()).extracting(Check::id).isEqualTo(why(id));
    }

    @Test
    @DisplayName("no vector of these kinds is left out")
    void complete() {
        List<JsonNode> vectors = RecordedEvidence.vectors(KINDS);
        assertThat(vectors).hasSize(43);
        assertThat(vectors().toList()).hasSameSizeAs(vectors);
        assertThat(vectors).extracting(vector -> vector.path("id").asText()).doesNotHaveDuplicates();
    }

    static Stream<Arguments> vectorsThatAPolicyMayAllow() {
        return vectors().filter(arguments -> ((JsonNode) arguments.get()[1]).path("expected").asText().contains("ACCEPT only if policy allows"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectorsThatAPolicyMayAllow")
    @DisplayName("A status that the policy lists is accepted together with its advisories")
    void acceptedWhenThePolicyListsTheStatus(String id, JsonNode vector) {
        TcbStatus status = TcbStatus.published(vector.path("status").asText()).orElseThrow();
        Set<String> advisories = new java.util.HashSet<>();
        vector.path("advisories").forEach(advisory -> advisories.add(advisory.asText()));

        assertThat(judge(vector, Policy.strict().withStatuses(Set.of(status), advisories)).accepted()).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectorsThatAPolicyMayAllow")
    @DisplayName("A platform that is out of date is accepted within the policy's grace period, to the second")
    void acceptedWithinTheGracePeriod(String id, JsonNode vector) {
        Verdict refused = judge(vector, Policy.strict());
        Duration since = Duration.between(refused.tcbDate().orElseThrow(), refused.judgedAt());
        assertThat(judge(vector, Policy.strict().withGracePeriod(since)).accepted()).isTrue();
        assertThat(judge(vector, Policy.strict().withGracePeriod(since.minusSeconds(1))).failures()).extracting(Check::id).contains("tdx.tcb.status");
    }

    /** The checks that each vector fails: a refusal for another reason would be luck. */
    private static List<String> why(String id) {
        return switch (id) {
            case "tdx4-b0c06f-phala-lowtcb@2025-03-15", "tdx4-b0c06f-phala-lowtcb@2025-07-04",
                 "tdx4-b0c06f-phala-tappd@2025-03-15", "tdx4-b0c06f-phala-tappd@2025-07-04",
                 "tdx5-90c06f-azure-notsupported@2026-02-02", "tdx5-90c06f-azure-notsupported@2026-03-05",
                 "tdx4-90c06f-automata@2025-02-27", "tdx4-90c06f-automata@2026-03-05" -> List.of("tdx.tcb.platform");
            case "tdx4-50806f-google-notsupported@2023-06-28" ->
                    List.of("tdx.quote.trailing", "tdx.tcb.platform", "tdx.td.sept-ve-disable");
            case "tdx4-50806f-debug@2023-06-28" -> List.of("tdx.td.debug");
            case "tdx4-00806f-azure-septve@2024-05-27", "tdx4-00806f-azure-septve@2026-02-11" ->
                    List.of("tdx.tcb.status", "tdx.tcb.advisories", "tdx.td.sept-ve-disable");
            case "tdx4-00a06d-trustee-module03@2025-11-04", "tdx4-00a06d-trustee-module03@2026-03-01" -> List.of("tdx.tcb.status");
            case "tdx4-00806f-gcp-cos113@2026-02-11", "tdx4-00806f-automata@2024-05-27", "tdx4-00806f-automata@2025-02-28",
                 "tdx4-00806f-automata@2026-02-11", "tdx4-90c06f-nearai-sdk@2026-01-27", "tdx4-90c06f-nearai-sdk@2026-03-05" ->
                    List.of("tdx.tcb.status", "tdx.tcb.advisories");
            case "sgx3-00606a-automata@2024-05-21", "sgx3-00606a-occlum-debug@2024-05-21" ->
                    List.of("tdx.quote.tee-type", "tdx.collateral.evaluation-number", "tdx.tcb.status", "tdx.tcb.advisories");
            case "sgx3-00a067-phala@2023-12-06", "sgx3-00a067-phala@2025-07-04", "sgx3-00606a-automata@2025-08-30",
                 "sgx3-00606a-occlum-debug@2025-08-30" -> List.of("tdx.quote.tee-type", "tdx.tcb.status", "tdx.tcb.advisories");
            default -> List.of();
        };
    }
}
