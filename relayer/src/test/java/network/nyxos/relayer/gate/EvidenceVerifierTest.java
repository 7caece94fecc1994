package network.nyxos.relayer.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.relayer.gate.EvidenceVerifier.Outcome;
import network.nyxos.relayer.gate.EvidenceVerifier.Subject;
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
        return new EvidenceVerifier(policy).judge(subject, kind, evidence, collateral, NOW.toEpochMilli());
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
