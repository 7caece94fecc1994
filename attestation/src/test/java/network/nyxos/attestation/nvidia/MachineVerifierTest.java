package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

import static network.nyxos.attestation.nvidia.DevelopmentGpu.failures;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("A machine is its CPU TEE and the GPUs that are bound to it")
class MachineVerifierTest {
    private static final DevelopmentTee TEE = DevelopmentTee.create(NOW);
    private static final DevelopmentGpu GPU = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private static final Bytes REPORT_DATA = Bytes.of(new byte[] {6}).concat(Bytes.zeros(63));
    private static final Bytes QUOTE = Bytes.of(TEE.quote(REPORT_DATA, DevelopmentTee.measurementOf("node")));
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

    private static Devices devices(Bytes reportData) {
        GpuEvidence gpu = gpuBoundTo(reportData);
        return Devices.shown(List.of(new Devices.Device(gpu.report(), gpu.chain())), List.of()).withManifests(gpu.manifests());
    }

    private static Verdict judgedFromText(Policy policy, Optional<Devices> devices) {
        return Evidence.of("tdx", QUOTE, TEE.collateral(NOW).toJson(), devices.map(Devices::toJson)).verify(policy, NOW);
    }

    @Test
    @DisplayName("as it is kept and sent, a machine is judged by the CPU's policy with its rules for GPUs, as one verdict named by the CPU's evidence")
    void whole() {
        Policy policy = CPU_POLICY.withGpus(GPU.policy());
        Verdict verdict = judgedFromText(policy, Optional.of(devices(REPORT_DATA)));
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
        assertThat(verdict.kind()).isEqualTo("Intel TDX with 1 NVIDIA GPUs");
        assertThat(verdict.evidenceHash()).isEqualTo(judgedFromText(CPU_POLICY.withGpuRequired(false), Optional.empty()).evidenceHash());
        assertThat(verdict.checks()).extracting(Check::id).contains("tdx.policy.gpu", "nvidia.node.count", "gpu.0.nvidia.report.signature", "gpu.0.nvidia.driver-rim.signature");
        assertThat(verdict.measurement()).isPresent();

        assertThat(failures(judgedFromText(policy, Optional.of(devices(Bytes.of(new byte[64])))))).containsExactly("nvidia.node.gpus", "gpu.0.nvidia.report.nonce");
        assertThat(failures(judgedFromText(policy, Optional.of(devices(REPORT_DATA).withManifests(List.of()))))).contains("gpu.0.nvidia.driver-rim.present", "gpu.0.nvidia.vbios-rim.present");
        assertThat(failures(judgedFromText(policy, Optional.of(Devices.shown(List.of(), List.of()))))).containsExactly("nvidia.node.count", "nvidia.node.gpus");
    }

    @Test
    @DisplayName("a policy that asks for GPUs refuses a CPU alone by name; one that asks for none judges the CPU alone")
    void demanded() {
        assertThat(failures(judgedFromText(CPU_POLICY, Optional.empty()))).containsExactly("tdx.policy.gpu");
        Verdict alone = judgedFromText(CPU_POLICY.withGpuRequired(false), Optional.of(devices(Bytes.of(new byte[64]))));
        assertThat(alone.accepted()).isTrue();
        assertThat(alone.checks()).extracting(Check::id).noneMatch(id -> id.startsWith("gpu.") || id.startsWith("nvidia."));
    }

    @Test
    @DisplayName("the strict rules for GPUs take no development root, whatever the CPU's allow")
    void strictGpus() {
        assertThat(failures(judgedFromText(CPU_POLICY, Optional.of(devices(REPORT_DATA))))).contains("nvidia.node.gpus", "gpu.0.nvidia.device.root");
        assertThatThrownBy(() -> Policy.strict().withGpus(GPU.policy())).isInstanceOf(AttestationException.class).hasMessageContaining("development");
    }

    @Test
    @DisplayName("devices survive transport, each GPU keeps the manifests of its own versions, and what they need is named by NVIDIA's ids")
    void document() {
        Devices sent = devices(REPORT_DATA);
        assertThat(Devices.fromJson(sent.toJson())).isEqualTo(sent);
        assertThat(sent.manifestIds()).containsExactly("NV_GPU_DRIVER_GH100_550.90.07", "NV_GPU_VBIOS_1010_0200_882_96005E0001");
        Bytes older = DevelopmentGpu.rim().sign(DevelopmentRim.text("GH100", "535.86.09", DevelopmentRim.accepting(DevelopmentGpu.Draft.measurements(), 7)));
        List<Bytes> all = List.of(older, sent.manifests().get(0), sent.manifests().get(1));
        assertThat(sent.withManifests(all).gpuEvidence().getFirst().manifests()).containsExactlyElementsOf(sent.manifests());
        assertThat(Devices.shown(List.of(new Devices.Device(Bytes.zeros(3), "none")), List.of()).manifestIds()).isEmpty();
        for (String text : List.of("", "[]", "{}", "{\"gpus\":[{}],\"switches\":[],\"manifests\":[],\"revocation_lists\":[]}",
                "{\"gpus\":[],\"switches\":[],\"manifests\":[\"?\"],\"revocation_lists\":[]}")) {
            assertThatThrownBy(() -> Devices.fromJson(text)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("nvidia.devices"));
        }
    }
}
