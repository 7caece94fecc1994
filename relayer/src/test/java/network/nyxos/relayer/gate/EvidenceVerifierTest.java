package network.nyxos.relayer.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.nvidia.DevelopmentMachine;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.relayer.gate.EvidenceVerifier.Outcome;
import network.nyxos.relayer.gate.EvidenceVerifier.Subject;
import network.nyxos.relayer.wire.EvidenceJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;

class EvidenceVerifierTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Subject SUBJECT = new Subject(Keypair.generate().publicKey(), Keypair.generate().publicKey(), PublicKey.NONE, Hash.of(Bytes.fromHex("07".repeat(32)).toArray()));
    private static final DevelopmentTee TDX = DevelopmentTee.create(NOW);
    private static final DevelopmentSnp SNP = DevelopmentSnp.create(Product.MILAN, NOW);

    private static Bytes bound(Subject subject) {
        return ReportData.bind(subject.node().toByteArray(), subject.receiptKey().toByteArray(), subject.sealingKey().toByteArray(), subject.nonce().bytes());
    }

    private static Outcome judge(Policy policy, Subject subject, String kind, byte[] evidence, String collateral) {
        return new EvidenceVerifier(policy).judge(subject, kind, evidence, collateral, Optional.empty(), NOW.toEpochMilli());
    }

    @Test
    void where_the_policy_asks_for_gpus_the_machine_is_judged_and_what_is_wrong_with_which_gpu_is_named() {
        byte[] quote = TDX.quote(bound(SUBJECT), DevelopmentTee.measurementOf("node"));
        Policy cpuAlone = Policy.development(TDX.trustAnchor());
        Policy machine = cpuAlone.withGpuRequired(true);
        String collateral = TDX.collateral(NOW).toJson();
        assertThat(refusal(judge(machine, SUBJECT, "tdx", quote, collateral))).startsWith("evidence_refused").contains("tdx.policy.gpu");
        String unreadable = Devices.shown(List.of(new Devices.Device(Bytes.zeros(40), "none")), List.of()).toJson();
        assertThat(refusal(judge(machine, SUBJECT, quote, collateral, unreadable))).startsWith("evidence_refused").contains("gpu.0.nvidia.report.version", "gpu.0.nvidia.device.chain")
            .doesNotContain("tdx.policy.gpu");
        assertThat(refusal(judge(machine, SUBJECT, quote, collateral, "{}"))).startsWith("evidence_malformed: nvidia.devices");
        assertThat(judge(cpuAlone, SUBJECT, quote, collateral, unreadable)).as("nobody asked for GPUs").isInstanceOf(Outcome.Accepted.class);
    }

    @Test
    void a_verifier_judges_the_devices_again_that_a_relayer_kept() {
        byte[] quote = TDX.quote(bound(SUBJECT), DevelopmentTee.measurementOf("node"));
        Policy cpuAlone = Policy.development(TDX.trustAnchor());
        var accepted = (Outcome.Accepted) judge(cpuAlone, SUBJECT, "tdx", quote, TDX.collateral(NOW).toJson());
        String shown = Devices.shown(List.of(new Devices.Device(Bytes.zeros(40), "none")), List.of()).toJson();
        var kept = new Evidence(accepted.hash(), SUBJECT.node(), SUBJECT.receiptKey(), SUBJECT.sealingKey(), "tdx", SUBJECT.nonce().bytes(), quote, TDX.collateral(NOW).toJson(),
            NOW.toEpochMilli(), NOW.toEpochMilli() + 1, true, accepted.measurement(), accepted.verdict().toJson(), Optional.of(shown));
        Evidence sent = EvidenceJson.read(Fields.parse(EvidenceJson.write(kept).toString().getBytes(StandardCharsets.UTF_8)));
        assertThat(sent.devices()).contains(shown);
        assertThat(new EvidenceVerifier(cpuAlone).recheck(sent)).isEmpty();
        assertThat(new EvidenceVerifier(cpuAlone.withGpuRequired(true)).recheck(sent)).hasValueSatisfying(reason -> assertThat(reason.message()).contains("gpu.0.nvidia.report.version"));
    }

    @Test
    void a_machine_whose_gpu_answered_for_its_quote_is_taken_and_a_verifier_that_gets_what_was_kept_comes_to_the_same() {
        var machine = new DevelopmentMachine();
        Policy policy = machine.policy(Policy.development(TDX.trustAnchor()));
        byte[] quote = TDX.quote(bound(SUBJECT), DevelopmentTee.measurementOf("node"));
        String collateral = TDX.collateral(NOW).toJson();
        String devices = Devices.shown(List.of(machine.answering(bound(SUBJECT))), List.of()).withManifests(machine.manifests()).toJson();
        assertThat(judge(policy, SUBJECT, quote, collateral, devices)).isInstanceOfSatisfying(Outcome.Accepted.class, accepted -> {
            var kept = new Evidence(accepted.hash(), SUBJECT.node(), SUBJECT.receiptKey(), SUBJECT.sealingKey(), "tdx", SUBJECT.nonce().bytes(), quote, collateral,
                NOW.toEpochMilli(), NOW.toEpochMilli() + 1, true, accepted.measurement(), accepted.verdict().toJson(), Optional.of(devices));
            assertThat(new EvidenceVerifier(policy).recheck(kept)).isEmpty();
        });
        var other = new Subject(SUBJECT.node(), Keypair.generate().publicKey(), SUBJECT.sealingKey(), SUBJECT.nonce());
        String elsewhere = Devices.shown(List.of(machine.answering(bound(other))), List.of()).withManifests(machine.manifests()).toJson();
        assertThat(refusal(judge(policy, SUBJECT, quote, collateral, elsewhere))).startsWith("evidence_refused").contains("gpu.0.nvidia.report.nonce").doesNotContain("gpu.0.nvidia.device");
    }

    private static Outcome judge(Policy policy, Subject subject, byte[] quote, String collateral, String devices) {
        return new EvidenceVerifier(policy).judge(subject, "tdx", quote, collateral, Optional.of(devices), NOW.toEpochMilli());
    }

    private static String refusal(Outcome outcome) {
        return outcome instanceof Outcome.Refused(var reason) ? reason.code() + ": " + reason.message() : "accepted";
    }

    @Test
    void quotes_and_reports_are_judged_by_their_kind() {
        byte[] quote = TDX.quote(bound(SUBJECT), DevelopmentTee.measurementOf("node"));
        byte[] report = SNP.report(bound(SUBJECT), DevelopmentSnp.measurementOf("node"));
        assertThat(judge(Policy.development(TDX.trustAnchor()), SUBJECT, "tdx", quote, TDX.collateral(NOW).toJson())).isInstanceOf(Outcome.Accepted.class);
        assertThat(judge(Policy.development(SNP.trustAnchor()), SUBJECT, "snp", report, SNP.endorsements(NOW).toJson()))
            .isInstanceOfSatisfying(Outcome.Accepted.class, accepted -> assertThat(accepted.hash()).isEqualTo(Hash.of(Bytes.of(report).sha256().toArray())));
    }

    @Test
    void a_report_of_other_keys_or_another_kind_or_under_another_root_is_refused() {
        byte[] report = SNP.report(bound(SUBJECT), DevelopmentSnp.measurementOf("node"));
        String endorsements = SNP.endorsements(NOW).toJson();
        Policy policy = Policy.development(SNP.trustAnchor());
        var other = new Subject(SUBJECT.node(), Keypair.generate().publicKey(), SUBJECT.sealingKey(), SUBJECT.nonce());
        assertThat(refusal(judge(policy, other, "snp", report, endorsements))).startsWith("evidence_refused").contains("snp.policy.report-data");
        assertThat(refusal(judge(policy, SUBJECT, "tdx", report, TDX.collateral(NOW).toJson()))).startsWith("evidence_refused").contains("tdx.quote.");
        assertThat(refusal(judge(policy, SUBJECT, "snp", report, "{}"))).startsWith("evidence_malformed: snp.endorsements");
        assertThat(refusal(judge(policy, SUBJECT, "sgx", report, endorsements))).startsWith("evidence_kind").contains("[tdx, snp]");
        assertThat(refusal(judge(Policy.strict(), SUBJECT, "snp", report, endorsements))).startsWith("evidence_refused").contains("snp.chain.root");
        Policy onlyThis = policy.withMeasurements(List.of(Measurement.ofLaunch(Bytes.zeros(48))));
        assertThat(refusal(judge(onlyThis, SUBJECT, "snp", report, endorsements))).contains("snp.policy.measurement");
    }
}
