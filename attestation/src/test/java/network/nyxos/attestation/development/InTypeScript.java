package network.nyxos.attestation.development;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.policy.SnpRules;
import network.nyxos.attestation.policy.TcbFloor;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.npm.NpmPackage;

/** What was judged here, judged again by {@code clients/sealed}: the first check that fails must be the same. Not thread-safe. */
final class InTypeScript {
    private static final Path SOURCES = Path.of("..", "clients", "sealed").toAbsolutePath().normalize();
    private static final SnpRules STRICT = SnpRules.strict();

    private final ArrayNode cases = JsonNodeFactory.instance.arrayNode();

    /**
     * Keeps a case, where its policy is one that the client can be told.
     *
     * @param root PEM of a root, for policies that trust none of those that the endorsements bring along
     */
    void judged(byte[] report, Endorsements endorsements, Policy policy, Instant now, Verdict verdict, String root) {
        SnpRules rules = policy.snp();
        if (!expressible(policy, rules)) {
            return;
        }
        boolean anchored = policy.roots().stream().anyMatch(each -> each.fingerprint().equals(endorsements.rootFingerprint()));
        boolean amds = policy.roots().stream().noneMatch(TrustAnchor::development);
        ObjectNode told = JsonNodeFactory.instance.objectNode();
        if (policy.measurements().isEmpty()) {
            told.put("anyMeasurement", true);
        }
        policy.measurements().forEach(each -> told.withArray("measurements").add(each.get(Measurement.Register.LAUNCH).hex()));
        if (!amds) {
            told.put("root", anchored ? DevelopmentPki.pem(endorsements.root()) : root);
        }
        rules.keyKinds().forEach(kind -> told.withArray("keyKinds").add(kind.key()));
        rules.vmpls().forEach(vmpl -> told.withArray("vmpls").add(vmpl));
        rules.floors().forEach((product, floor) -> told.withObject("/minimumTcb").set(product.key(), tcb(floor.reported())));
        told.put("committedFirmware", !rules.allowProvisional()).put("requireRevocationList", rules.requireRevocationList());
        ObjectNode each = cases.addObject().put("report", report).put("collateral", endorsements.toJson()).put("now", now.toEpochMilli())
                .put("reportData", policy.reportData().toArray()).put("failed", Forge.failures(verdict).stream().findFirst().orElse(""));
        each.set("policy", told);
    }

    private static ObjectNode tcb(TcbVersion tcb) {
        return JsonNodeFactory.instance.objectNode().put("fmc", tcb.fmc()).put("bootLoader", tcb.bootLoader()).put("tee", tcb.tee()).put("snp", tcb.snp()).put("microcode", tcb.microcode());
    }

    /** What the client's policy has no words for. */
    private static boolean expressible(Policy policy, SnpRules rules) {
        var same = new SnpRules(rules.keyKinds(), rules.vmpls(), STRICT.requiredGuest(), STRICT.forbiddenGuest(), STRICT.requiredPlatform(), STRICT.forbiddenPlatform(), rules.floors(),
                STRICT.minimumGuestSvn(), STRICT.minimumFirmware(), STRICT.requiredMitigations(), STRICT.idKeyDigests(), STRICT.authorKeyDigests(), STRICT.hostData(),
                rules.allowProvisional(), rules.requireRevocationList());
        return rules.equals(same) && !policy.gpuRequired() && rules.floors().values().stream().allMatch(floor -> floor.committed().equals(TcbFloor.NONE) && floor.launch().equals(TcbFloor.NONE))
                && policy.measurements().stream().allMatch(each -> !each.get(Measurement.Register.LAUNCH).isEmpty());
    }

    /** Judges all that was kept. */
    void agrees(Path work) throws IOException {
        NpmPackage.requireNode();
        NpmPackage.build(SOURCES, work, "--omit=optional", "--omit=peer");
        Path file = work.resolve("cases.json");
        Files.write(file, new ObjectMapper().writeValueAsBytes(cases));
        String said = NpmPackage.said(work, List.of("node", "test/judge.mjs", file.toString()), Map.of());
        assertThat(new ObjectMapper().readTree(said).path("disagreements")).as("of %d cases", cases.size()).isEmpty();
        assertThat(new ObjectMapper().readTree(said).path("judged").asInt()).isEqualTo(cases.size()).isPositive();
    }
}
