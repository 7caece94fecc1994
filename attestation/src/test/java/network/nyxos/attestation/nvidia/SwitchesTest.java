package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.DevelopmentGpu.Draft;
import network.nyxos.attestation.nvidia.GpuNodeVerdict.Topology;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import static network.nyxos.attestation.nvidia.DevelopmentGpu.CHALLENGE;
import static network.nyxos.attestation.nvidia.DevelopmentGpu.FIRMWARE_ID;
import static network.nyxos.attestation.nvidia.DevelopmentGpu.failures;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.NOW;
import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("Switches between a node's GPUs show evidence of their own")
class SwitchesTest {
    private static final DevelopmentGpu FIRST = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private static final DevelopmentGpu SECOND = DevelopmentGpu.hopper(FIRST.root);
    private static final DevelopmentGpu LEFT = nvswitch();
    private static final DevelopmentGpu RIGHT = nvswitch();
    private static final Bytes LEFT_ID = id(1);
    private static final Bytes RIGHT_ID = id(2);
    private static final Bytes BOTH = id(11).concat(id(12)).concat(Bytes.zeros(48));
    private static final GpuPolicy POLICY = FIRST.identityPolicy();

    private static DevelopmentGpu nvswitch() {
        return DevelopmentGpu.ofChip("LS_10", FIRST.root, DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID));
    }

    private static Bytes id(int number) {
        return Bytes.of(new byte[] {(byte) number}).concat(Bytes.zeros(7));
    }

    private static GpuEvidence gpu(DevelopmentGpu gpu, Bytes... switches) {
        return GpuEvidence.of(gpu.report(draft -> draft.opaque.put(22, Arrays.stream(switches).reduce(Bytes.EMPTY, Bytes::concat))), gpu.chain(), List.of());
    }

    private static Bytes switchReport(DevelopmentGpu by, Bytes own, Bytes gpus, Consumer<Draft> change) {
        return by.report(draft -> {
            List.of(3, 11, 15, 17, 18).forEach(draft.opaque::remove);
            draft.opaque.put(22, own);
            draft.opaque.put(26, gpus.concat(Bytes.of(new byte[] {4, 5})));
            draft.measurements.tailMap(32).clear();
            change.accept(draft);
        });
    }

    private static GpuEvidence joining(DevelopmentGpu by, Bytes own, Bytes gpus) {
        return GpuEvidence.of(switchReport(by, own, gpus, draft -> { }), by.chain(), List.of());
    }

    private static GpuNodeVerdict judge(List<GpuEvidence> gpus, List<GpuEvidence> switches) {
        return GpuNodeVerifier.verify(gpus, switches, gpus.size(), CHALLENGE, POLICY, NOW);
    }

    private static final List<GpuEvidence> GPUS = List.of(gpu(FIRST, LEFT_ID, RIGHT_ID), gpu(SECOND, RIGHT_ID, LEFT_ID));
    private static final List<GpuEvidence> SWITCHES = List.of(joining(LEFT, LEFT_ID, BOTH), joining(RIGHT, RIGHT_ID, BOTH));

    private static void assertTopology(GpuNodeVerdict verdict, String word) {
        assertThat(failures(verdict.node())).containsExactly("nvidia.node.topology");
        assertThat(verdict.node().check("nvidia.node.topology").orElseThrow().detail()).contains(word);
        assertThat(verdict.accepted()).isFalse();
    }

    @Test
    @DisplayName("a node whose switches all show evidence, and which name each other, is accepted under the strict rule for topologies")
    void accepted() {
        GpuNodeVerdict verdict = judge(GPUS, SWITCHES);
        assertThat(verdict.accepted()).as("%s %s", verdict.node(), verdict.switches()).isTrue();
        assertThat(verdict.topology()).isEqualTo(Topology.SWITCHES_SHOWN);
        assertThat(verdict.switches()).hasSize(2).allSatisfy(each -> assertThat(each.kind()).isEqualTo("NVIDIA NVSwitch"));
    }

    @Test
    @DisplayName("switches that the GPUs name and that are not shown, or are shown and not named, refuse the node")
    void incomplete() {
        assertTopology(judge(GPUS, SWITCHES.subList(0, 1)), "GPU 0 names the switches");
        assertTopology(judge(List.of(gpu(FIRST), gpu(SECOND)), SWITCHES), "GPU 0 names the switches []");
        assertTopology(judge(List.of(GPUS.getFirst(), gpu(SECOND, LEFT_ID)), SWITCHES), "GPU 1 names the switches");
        assertTopology(judge(GPUS, List.of()), "no switch showed evidence");
    }

    @Test
    @DisplayName("switches that join other GPUs than are shown refuse the node")
    void otherGpus() {
        assertTopology(judge(GPUS, List.of(SWITCHES.getFirst(), joining(RIGHT, RIGHT_ID, id(11).concat(id(13)).concat(Bytes.zeros(48))))), "do not all join the same 2 GPUs");
        Bytes three = id(11).concat(id(12)).concat(id(13)).concat(Bytes.zeros(40));
        assertTopology(judge(GPUS, List.of(joining(LEFT, LEFT_ID, three), joining(RIGHT, RIGHT_ID, three))), "do not all join the same 2 GPUs");
    }

    @Test
    @DisplayName("a switch that is refused by itself refuses the node also where the policy does without switches")
    void refusedSwitch() {
        byte[] forged = SWITCHES.getFirst().report().toArray();
        forged[forged.length - 1] ^= 1;
        GpuEvidence broken = GpuEvidence.of(Bytes.of(forged), LEFT.chain(), List.of());
        GpuNodeVerdict verdict = GpuNodeVerifier.verify(GPUS, List.of(broken, SWITCHES.getLast()), 2, CHALLENGE, POLICY.withUnattestedSwitches(), NOW);
        assertThat(failures(verdict.node())).containsExactly("nvidia.node.switches");
        assertThat(failures(verdict.switches().getFirst())).containsExactly("nvidia.report.signature");
        assertThat(verdict.accepted()).isFalse();
    }

    @Test
    @DisplayName("a GPU is no switch, one switch is not two, and a switch answers the same nonce")
    void mistaken() {
        GpuNodeVerdict gpu = judge(GPUS, List.of(GPUS.getFirst(), SWITCHES.getLast()));
        assertThat(failures(gpu.switches().getFirst())).contains("nvidia.device.kind");
        assertThat(failures(gpu.node())).contains("nvidia.node.switches", "nvidia.node.distinct");
        assertThat(failures(judge(GPUS, List.of(SWITCHES.getFirst(), SWITCHES.getFirst())).node())).contains("nvidia.node.distinct");
        GpuEvidence stale = GpuEvidence.of(switchReport(LEFT, LEFT_ID, BOTH, draft -> draft.nonce = Bytes.zeros(32)), LEFT.chain(), List.of());
        GpuNodeVerdict old = judge(GPUS, List.of(stale, SWITCHES.getLast()));
        assertThat(failures(old.node())).containsExactly("nvidia.node.switches", "nvidia.node.nonce");
        assertThat(failures(old.switches().getFirst())).containsExactly("nvidia.report.nonce");
    }

    @Test
    @DisplayName("a switch that cannot be read leaves nothing passed in silence")
    void unreadable() {
        GpuNodeVerdict verdict = judge(GPUS, List.of(SWITCHES.getFirst(), GpuEvidence.of(Bytes.zeros(40), "", List.of())));
        assertThat(failures(verdict.node())).containsExactly("nvidia.node.switches");
        assertThat(verdict.node().check("nvidia.node.topology").orElseThrow().outcome()).isEqualTo(Check.Outcome.NOT_REACHED);
        assertThat(verdict.accepted()).isFalse();
    }

    @Test
    @DisplayName("what its firmware measures is compared with NVIDIA's manifest, whose id is named where it is missing; a driver's is not asked for")
    void manifests() {
        Bytes report = SWITCHES.getFirst().report();
        Verdict without = GpuVerifier.verifySwitch(SWITCHES.getFirst(), CHALLENGE, FIRST.policy(), NOW);
        assertThat(without.failures()).extracting(Check::detail).containsExactly("missing: NV_SWITCH_BIOS_5612_0002_890_96005E0001");
        DevelopmentRim signers = DevelopmentGpu.rim().of("LS_10");
        Bytes right = signers.sign(DevelopmentRim.text("LS_10", "96.00.5E.00.01", DevelopmentRim.accepting(Draft.measurements(), 0, 7)));
        Verdict accepted = GpuVerifier.verifySwitch(GpuEvidence.of(report, LEFT.chain(), List.of(right)), CHALLENGE, FIRST.policy(), NOW);
        assertThat(accepted.accepted()).as("%s", accepted).isTrue();
        assertThat(accepted.checks()).extracting(Check::id).contains("nvidia.measurements.vbios").doesNotContain("nvidia.policy.driver", "nvidia.driver-rim.present");
        Bytes beyond = signers.sign(DevelopmentRim.text("LS_10", "96.00.5E.00.01", DevelopmentRim.accepting(Draft.measurements(), 0, 40)));
        assertThat(failures(GpuVerifier.verifySwitch(GpuEvidence.of(report, LEFT.chain(), List.of(beyond)), CHALLENGE, FIRST.policy(), NOW))).containsExactly("nvidia.measurements.vbios");
    }
}
