package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.List;

import static network.nyxos.attestation.nvidia.DevelopmentGpu.failures;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.NOW;
import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("A machine is its CPU TEE and the GPUs that are bound to it")
class MachineVerifierTest {
    private static final DevelopmentTee TEE = DevelopmentTee.create(NOW);
    private static final DevelopmentGpu GPU = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private static final Bytes REPORT_DATA = Bytes.of(new byte[] {6}).concat(Bytes.zeros(63));
    private static final Policy CPU_POLICY = Policy.development(TEE.trustAnchor()).withGpuRequired(true);

    private static Evidence cpu(Bytes reportData) {
        return new Evidence.Tdx(Bytes.of(TEE.quote(reportData, DevelopmentTee.measurementOf("node"))), CollateralSet.of(TEE.collateral(NOW)));
    }

    private static GpuEvidence gpuBoundTo(Bytes reportData) {
        Bytes nonce = new GpuChallenge.BoundTo(reportData).nonce().orElseThrow();
        return GpuEvidence.of(GPU.report(draft -> draft.nonce = nonce), GPU.chain(), List.of(DevelopmentGpu.driverRim(), DevelopmentGpu.vbiosRim()));
    }

    private static MachineVerdict judge(Evidence cpu, GpuEvidence... gpus) {
        return MachineVerifier.verify(cpu, CPU_POLICY, List.of(gpus), 1, GPU.policy(), NOW);
    }

    @Test
    @DisplayName("a GPU that answered the nonce of this CPU's report data is accepted with it")
    void bound() {
        MachineVerdict verdict = judge(cpu(REPORT_DATA), gpuBoundTo(REPORT_DATA));
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
        assertThat(verdict.summary()).contains("accepted").endsWith("1 GPUs accepted, bound to it");
    }

    @Test
    @DisplayName("a GPU that answered another CPU's, or the client's own nonce, is refused")
    void foreign() {
        Bytes other = Bytes.of(new byte[] {7}).concat(Bytes.zeros(63));
        MachineVerdict attached = judge(cpu(REPORT_DATA), gpuBoundTo(other));
        assertThat(attached.cpu().accepted()).isTrue();
        assertThat(attached.accepted()).isFalse();
        assertThat(failures(attached.gpus().orElseThrow().gpus().getFirst())).containsExactly("nvidia.report.nonce");
        assertThat(judge(cpu(REPORT_DATA), GpuEvidence.of(GPU.report(), GPU.chain(), List.of())).accepted()).isFalse();
    }

    @Test
    @DisplayName("a GPU bound to a CPU that is refused is worth nothing; a CPU without the GPUs it claims neither")
    void parts() {
        Evidence unreadable = new Evidence.Tdx(Bytes.zeros(10), CollateralSet.of(TEE.collateral(NOW)));
        assertThat(judge(unreadable, gpuBoundTo(REPORT_DATA)).accepted()).isFalse();
        assertThat(judge(unreadable, gpuBoundTo(REPORT_DATA)).summary()).endsWith("GPUs not judged: nothing binds them");
        Evidence strange = cpu(REPORT_DATA);
        MachineVerdict refusedCpu = MachineVerifier.verify(strange, Policy.strict(), List.of(gpuBoundTo(REPORT_DATA)), 1, GPU.policy(), NOW);
        assertThat(refusedCpu.gpus().orElseThrow().accepted()).isTrue();
        assertThat(refusedCpu.accepted()).isFalse();
        assertThat(failures(judge(cpu(REPORT_DATA)).gpus().orElseThrow().node())).containsExactly("nvidia.node.count", "nvidia.node.gpus");
    }
}
