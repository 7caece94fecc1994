package network.nyxos.attestation.policy;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.TrustAnchor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("A policy")
class PolicyTest {
    @Test
    @DisplayName("is strict unless told otherwise")
    void strict() {
        assertThat(Policy.fromJson("{}")).isEqualTo(Policy.strict());
        assertThat(Policy.strict().acceptedStatuses()).containsExactly(TcbStatus.UP_TO_DATE);
        assertThat(Policy.strict().allowDevelopmentRoots()).isFalse();
        assertThat(Policy.strict().roots()).isEqualTo(TrustAnchor.hardwareRoots()).contains(TrustAnchor.intelSgxRoot()).noneMatch(TrustAnchor::development);
    }

    @Test
    @DisplayName("is read from JSON, all of it")
    void json() {
        String register = "ab".repeat(48);
        Policy policy = Policy.fromJson("""
                {"roots": ["intel-sgx-root"], "acceptedStatuses": ["UpToDate", "SWHardeningNeeded"], "acceptedAdvisories": ["INTEL-SA-00615"],
                 "minimumEvaluationNumber": 17, "maximumCollateralAgeSeconds": 60, "measurements": [{"mrtd": "%s", "rtmr2": "%s"}],
                 "reportData": "%s", "allowMigratable": true, "allowDevelopmentRoots": false}
                """.formatted(register, register, "cd".repeat(64)));

        assertThat(policy.acceptedStatuses()).containsExactlyInAnyOrder(TcbStatus.UP_TO_DATE, TcbStatus.SW_HARDENING_NEEDED);
        assertThat(policy.acceptedAdvisories()).isEqualTo(Set.of("INTEL-SA-00615"));
        assertThat(policy.minimumEvaluationNumber()).isEqualTo(17);
        assertThat(policy.maximumCollateralAge()).isEqualTo(Duration.ofMinutes(1));
        assertThat(policy.measurements()).singleElement().satisfies(m -> {
            assertThat(m.registers()).hasSize(2);
            assertThat(m.get(Measurement.Register.RTMR2).hex()).isEqualTo(register);
        });
        assertThat(policy.reportData()).isEqualTo(Bytes.fromHex("cd".repeat(64)));
        assertThat(policy.allowMigratable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"root\": []}", "{\"roots\": []}", "{\"roots\": [\"intel\"]}", "{\"roots\": [1]}", "{\"acceptedStatuses\": []}",
        "{\"acceptedStatuses\": [\"Revoked\"]}", "{\"acceptedStatuses\": [\"TDRelaunchAdvised\"]}", "{\"acceptedStatuses\": [\"Fine\"]}",
        "{\"minimumEvaluationNumber\": -1}", "{\"minimumEvaluationNumber\": \"17\"}", "{\"maximumCollateralAgeSeconds\": 0}", "{\"measurements\": [{}]}",
        "{\"measurements\": [{\"mrtd\": \"00\"}]}", "{\"measurements\": [{\"rtmr9\": \"00\"}]}", "{\"measurements\": [1]}", "{\"reportData\": \"00\"}",
        "{\"reportData\": \"zz\"}", "{\"allowDevelopmentRoots\": \"true\"}", "{\"allowMigratable\": true, \"allowMigratable\": false}", "{} {}"})
    @DisplayName("that is misspelt or makes no sense is refused, not read as something laxer")
    void refused(String json) {
        assertThatThrownBy(() -> Policy.fromJson(json)).isInstanceOf(AttestationException.class);
    }

    @Test
    @DisplayName("names Intel's root by its hash: nothing else passes for it")
    void pinned() {
        String pem = new String(RecordedEvidence.read("roots/intel_sgx_root_ca.pem"), StandardCharsets.UTF_8);
        assertThat(TrustAnchor.ofPem(pem)).isEqualTo(TrustAnchor.intelSgxRoot());
        String foreign = new String(RecordedEvidence.read("roots/nvidia_device_identity_ca.pem"), StandardCharsets.UTF_8);
        assertThatThrownBy(() -> TrustAnchor.ofPem(foreign)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("pki.anchor"));
        assertThatThrownBy(() -> new TrustAnchor(Bytes.zeros(32), TrustAnchor.Family.INTEL)).isInstanceOf(AttestationException.class);
        assertThatThrownBy(() -> Policy.development(TrustAnchor.intelSgxRoot())).isInstanceOf(AttestationException.class);
    }

    @Test
    @DisplayName("with several measurements accepts any one of them, register by register over the full length")
    void measurements() {
        Measurement one = Measurement.ofMrtd(Bytes.zeros(48));
        assertThat(one.satisfies(one)).isTrue();
        assertThat(one.satisfies(new Measurement(java.util.Map.of(Measurement.Register.RTMR0, Bytes.zeros(48))))).isFalse();
        assertThatThrownBy(() -> Measurement.ofMrtd(Bytes.zeros(47))).isInstanceOf(AttestationException.class);
        assertThat(Policy.strict().withMeasurements(List.of(one)).measurements()).containsExactly(one);
    }
}
