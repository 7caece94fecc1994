package network.nyxos.attestation.development;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.tdx.TdxCheck;
import network.nyxos.attestation.tdx.TdxVerifier;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("A development TEE")
class DevelopmentTeeTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Measurement MEASUREMENT = DevelopmentTee.measurementOf("node");
    private static final Bytes REPORT_DATA = ReportData.bind(filled(1), filled(2), filled(3), filled(4));

    private final DevelopmentTee tee = DevelopmentTee.create(NOW);
    private final Policy policy = Policy.development(tee.trustAnchor()).withMeasurements(List.of(MEASUREMENT)).withReportData(REPORT_DATA);

    @Test
    @DisplayName("makes quotes that the real verifier accepts when the policy names its root, and that say DEVELOPMENT")
    void acceptedWhereConfigured() {
        Verdict verdict = TdxVerifier.verify(tee.quote(REPORT_DATA, MEASUREMENT), tee.collateral(NOW), policy, NOW.plusSeconds(5));

        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
        assertThat(verdict.development()).isTrue();
        assertThat(verdict.tcbStatus()).contains(TcbStatus.UP_TO_DATE);
        assertThat(verdict.reportData()).contains(REPORT_DATA);
        assertThat(verdict.measurement().orElseThrow().satisfies(MEASUREMENT)).isTrue();
        assertThat(verdict.checks()).extracting(Check::id).containsExactlyElementsOf(Arrays.stream(TdxCheck.values()).map(TdxCheck::id).toList());
        assertThat(verdict.toString()).startsWith("ACCEPTED").contains("DEVELOPMENT");
        assertThat(verdict.summary()).contains("DEVELOPMENT");
        assertThat(verdict.toJson()).contains("\"accepted\":true").contains("\"development\":true");
    }

    @Test
    @DisplayName("is refused by production policy, for its root")
    void refusedInProduction() {
        Verdict verdict = TdxVerifier.verify(tee.quote(REPORT_DATA, MEASUREMENT), tee.collateral(NOW), Policy.strict(), NOW);

        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.development()).isTrue();
        assertThat(verdict.tcbStatus()).isEmpty();
        assertThat(verdict.failures()).extracting(Check::id).containsExactly("tdx.pck.root", "tdx.collateral.signer");
        assertThat(verdict.check("tdx.pck.root").orElseThrow().detail()).contains("development root");
    }

    @Test
    @DisplayName("is refused by a policy that allows development roots but names another one")
    void refusedUnderAnotherRoot() {
        DevelopmentTee other = DevelopmentTee.create(NOW);

        Verdict verdict = TdxVerifier.verify(tee.quote(REPORT_DATA, MEASUREMENT), tee.collateral(NOW), Policy.development(other.trustAnchor()), NOW);

        assertThat(verdict.failures()).extracting(Check::id).containsExactly("tdx.pck.root", "tdx.collateral.signer");
    }

    @Test
    @DisplayName("cannot get its root into a policy that does not allow development roots")
    void rootRefusedByProductionPolicy() {
        String json = "{\"roots\":[\"" + tee.rootPem().replace("\n", "\\n") + "\"]}";

        assertThatThrownBy(() -> Policy.fromJson(json))
                .isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.development-root"));
        assertThat(Policy.fromJson(json.replace("{\"roots", "{\"allowDevelopmentRoots\":true,\"roots")).roots()).containsExactly(tee.trustAnchor());
    }

    @Test
    @DisplayName("is the same after its bytes went to disk and came back")
    void survivesRestart() {
        DevelopmentTee again = DevelopmentTee.fromBytes(tee.toBytes());

        assertThat(again.trustAnchor()).isEqualTo(tee.trustAnchor());
        assertThat(TrustAnchor.ofPem(again.rootPem())).isEqualTo(tee.trustAnchor());
        assertThat(TdxVerifier.verify(again.quote(REPORT_DATA, MEASUREMENT), tee.collateral(NOW), policy, NOW).accepted()).isTrue();
        assertThatThrownBy(() -> DevelopmentTee.fromBytes(new byte[] {1, 2, 3})).isInstanceOf(AttestationException.class);
        assertThatThrownBy(() -> DevelopmentTee.fromBytes(Arrays.copyOf(tee.toBytes(), tee.toBytes().length + 1))).isInstanceOf(AttestationException.class);
    }

    @Test
    @DisplayName("issues collateral that survives its JSON form and runs out after 30 days")
    void collateralTravelsAndExpires() {
        Collateral issued = tee.collateral(NOW);
        Collateral collateral = Collateral.fromJson(issued.toJson());
        Evidence evidence = new Evidence.Tdx(Bytes.of(tee.quote(REPORT_DATA, MEASUREMENT)), CollateralSet.of(collateral));

        assertThat(collateral).isEqualTo(issued);
        assertThat(evidence.verify(policy, NOW.plus(Duration.ofDays(30))).accepted()).isTrue();
        assertThat(evidence.verify(policy, NOW.plus(Duration.ofDays(30)).plusSeconds(1)).failures()).extracting(Check::id)
                .containsExactly("tdx.pck.crl", "tdx.collateral.root-crl", "tdx.collateral.freshness", "tdx.collateral.age");
    }

    @Test
    @DisplayName("does not show its keys when printed")
    void printsNoKeys() {
        assertThat(tee.toString()).startsWith("DEVELOPMENT TEE").contains(tee.trustAnchor().fingerprint().hex());
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
