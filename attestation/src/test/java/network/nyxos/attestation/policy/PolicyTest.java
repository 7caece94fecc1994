package network.nyxos.attestation.policy;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        "{\"reportData\": \"zz\"}", "{\"reportData\": 5}", "{\"gracePeriodSeconds\": -1}", "{\"gpuRequired\": 1}", "{\"gpu\": {}}", "{\"gpuRequired\": true, \"gpu\": []}", "{\"gpuRequired\": true, \"gpu\": {\"manifest\": \"required\"}}", "{\"snp\": []}", "{\"snp\": {\"vmpl\": [0]}}",
        "{\"snp\": {\"vmpls\": []}}", "{\"snp\": {\"vmpls\": [4]}}", "{\"snp\": {\"vmpls\": [\"0\"]}}", "{\"snp\": {\"keyKinds\": []}}",
        "{\"snp\": {\"keyKinds\": [\"ark\"]}}", "{\"snp\": {\"hostData\": \"00\"}}", "{\"snp\": {\"idKeyDigests\": [\"00\"]}}",
        "{\"snp\": {\"minimumTcb\": {\"venice\": {}}}}", "{\"snp\": {\"minimumTcb\": {\"milan\": {}}}}",
        "{\"snp\": {\"minimumTcb\": {\"milan\": {\"reported\": {\"fmc\": 1}}}}}", "{\"snp\": {\"minimumTcb\": {\"milan\": {\"reported\": {\"snp\": 256}}}}}",
        "{\"snp\": {\"minimumGuestSvn\": 4294967296}}", "{\"snp\": {\"requiredGuestPolicy\": [\"tsme\"]}}", "{\"allowDevelopmentRoots\": \"true\"}", "{\"allowMigratable\": true, \"allowMigratable\": false}", "{} {}"})
    @DisplayName("that is misspelt or makes no sense is refused, not read as something laxer")
    void refused(String json) {
        assertThatThrownBy(() -> Policy.fromJson(json)).isInstanceOf(AttestationException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"snp\": {\"vmpl\": [0]}}                                                                     | \"snp.vmpl\" is not known",
        "{\"snp\": {\"minimumTcb\": {\"milan\": {\"reported\": {\"ucode\": 1}}}}}                        | \"snp.minimumTcb.milan.reported.ucode\" is not known",
        "{\"acceptedAdvisories\": [\"INTEL-SA-00615\"]}                                                 | no effect",
        "{\"acceptedStatuses\": [\"OutOfDate\"], \"gracePeriodSeconds\": 5}                             | contradicts",
        "{\"roots\": [\"intel-sgx-root\"], \"snp\": {\"vmpls\": [1]}}                                    | none of the roots is AMD's",
        "{\"snp\": {\"requiredGuestPolicy\": [\"smt\"], \"forbiddenGuestPolicy\": [\"smt\"]}}             | both required and forbidden",
        "{\"snp\": {\"requiredGuestPolicy\": [\"cxl\"]}}                                                | both required and forbidden",
        "{\"snp\": {\"requiredPlatform\": [\"smt\"], \"forbiddenPlatform\": [\"smt\"]}}                   | both required and forbidden",
        "{\"snp\": {\"requiredGuestPolicy\": [\"debug\"], \"forbiddenGuestPolicy\": []}}                | never be accepted"})
    @DisplayName("that contradicts itself or has no effect says so, by the whole path of the member")
    void contradictions(String json, String why) {
        assertThatThrownBy(() -> Policy.fromJson(json)).isInstanceOfSatisfying(AttestationException.class, e -> {
            assertThat(e.code()).isEqualTo("policy.invalid");
            assertThat(e).hasMessageContaining(why);
        });
    }

    @Test
    @DisplayName("that asks for registers of two kinds of TEE at once is refused")
    void mixedMeasurement() {
        String register = "ab".repeat(48);
        assertThatThrownBy(() -> Policy.fromJson("{\"measurements\": [{\"mrtd\": \"" + register + "\", \"launch\": \"" + register + "\"}]}"))
                .isInstanceOf(AttestationException.class).hasMessageContaining("nothing has both");
    }

    @Test
    @DisplayName("is the same in YAML")
    void yaml() {
        String register = "ab".repeat(48);
        Policy policy = Policy.fromYaml("""
                # what our fleet must be
                roots: [intel-sgx-root, amd-ark-milan]
                acceptedStatuses: [UpToDate]
                gracePeriodSeconds: 86400
                gpuRequired: true
                gpu: { minimumDriver: "550.90.07" }
                measurements:
                  - mrtd: "%s"
                  - launch: "%s"
                snp:
                  vmpls: [0, 1]
                  keyKinds: [vcek, vlek]
                  minimumTcb:
                    milan: { reported: { bootLoader: 4, snp: 24, microcode: 219 } }
                """.formatted(register, register));
        assertThat(policy).isEqualTo(Policy.fromJson("""
                {"roots": ["intel-sgx-root", "amd-ark-milan"], "acceptedStatuses": ["UpToDate"], "gracePeriodSeconds": 86400, "gpuRequired": true, "gpu": {"minimumDriver": "550.90.07"},
                 "measurements": [{"mrtd": "%s"}, {"launch": "%s"}],
                 "snp": {"vmpls": [0, 1], "keyKinds": ["vcek", "vlek"], "minimumTcb": {"milan": {"reported": {"bootLoader": 4, "snp": 24, "microcode": 219}}}}}
                """.formatted(register, register)));
        assertThat(policy.gracePeriod()).isEqualTo(Duration.ofDays(1));
        assertThat(policy.gpuRequired()).isTrue();
        assertThat(policy.gpu().minimumDriver()).isEqualTo("550.90.07");
        assertThat(Policy.fromYaml("{}")).isEqualTo(Policy.strict());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing", "- a", "roots: {", "roots: *all", "root: []", "gpuRequired: true\ngpuRequired: false", "gpuRequired: yes please", "{}\n---\n{}",
        "reportData: 11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"})
    @DisplayName("in YAML is read as strictly")
    void strictYaml(String yaml) {
        assertThatThrownBy(() -> Policy.fromYaml(yaml)).isInstanceOf(AttestationException.class);
    }

    @Test
    @DisplayName("takes a root of the caller's own only by their own decision")
    void ownRoots() {
        var intel = CertificateChain.parsePem(new String(RecordedEvidence.read("roots/intel_sgx_root_ca.pem"), StandardCharsets.UTF_8)).root();
        assertThat(TrustAnchor.own(intel, TrustAnchor.Maker.INTEL)).isEqualTo(TrustAnchor.intelSgxRoot());
        assertThatThrownBy(() -> TrustAnchor.own(intel, TrustAnchor.Maker.AMD)).isInstanceOf(AttestationException.class);
        TrustAnchor own = new TrustAnchor(Bytes.zeros(32), TrustAnchor.Family.OWN_INTEL);
        assertThat(own.development()).isTrue();
        assertThatThrownBy(() -> Policy.strict().withRoots(List.of(own))).isInstanceOfSatisfying(AttestationException.class,
                e -> assertThat(e.code()).isEqualTo("policy.development-root"));
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
