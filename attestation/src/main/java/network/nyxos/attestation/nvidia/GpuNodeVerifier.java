package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.GpuNodeVerdict.Topology;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.CheckLedger;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Judges all GPUs of a node together: their number, that none is there twice, one nonce, and what joins them. */
public final class GpuNodeVerifier {
    /** Most GPUs of a node that are judged. */
    public static final int MAX_GPUS = 64;

    private GpuNodeVerifier() {
    }

    /**
     * Judges a node's GPUs where no switch shows evidence. Of more than {@link #MAX_GPUS} none is judged, and so none accepted.
     *
     * @param shown     one for each GPU
     * @param claimed   how many GPUs the node claims, at least 1
     * @param challenge what all nonces must answer to
     * @param policy    what is accepted
     * @param now       the one time that everything is judged at
     */
    public static GpuNodeVerdict verify(List<GpuEvidence> shown, int claimed, GpuChallenge challenge, GpuPolicy policy, Instant now) {
        return verify(shown, List.of(), claimed, challenge, policy, now);
    }

    /**
     * Judges a node's GPUs and the switches between them. Of more than {@link #MAX_GPUS} none is judged, and so none accepted.
     *
     * @param shown     one for each GPU
     * @param joining   one for each switch
     * @param claimed   how many GPUs the node claims, at least 1
     * @param challenge what all nonces must answer to
     * @param policy    what is accepted
     * @param now       the one time that everything is judged at
     */
    public static GpuNodeVerdict verify(List<GpuEvidence> shown, List<GpuEvidence> joining, int claimed, GpuChallenge challenge, GpuPolicy policy, Instant now) {
        List<GpuEvidence> evidence = shown.size() > MAX_GPUS || joining.size() > MAX_GPUS ? List.of() : shown;
        List<Verdict> gpus = evidence.stream().map(gpu -> GpuVerifier.verify(gpu, challenge, policy, now)).toList();
        List<GpuEvidence> between = evidence.isEmpty() ? List.of() : joining;
        List<Verdict> switches = between.stream().map(each -> GpuVerifier.verifySwitch(each, challenge, policy, now)).toList();
        List<GpuReport> reports = reports(evidence);
        List<GpuReport> switchReports = reports(between);
        List<CertificateChain> chains = Stream.concat(evidence.stream(), between.stream()).flatMap(device -> readable(() -> CertificateChain.parsePem(device.chain())).stream()).toList();
        CheckLedger<NodeCheck> checks = new CheckLedger<>(NodeCheck.class);

        checks.require(NodeCheck.COUNT, claimed > 0 && shown.size() == claimed, () -> claimed + " GPUs",
                () -> "the node claims " + claimed + " GPUs and shows " + shown.size());
        checks.record(NodeCheck.GPUS, gpus.isEmpty() ? Optional.of("there is none") : refused("GPU", gpus), () -> "each accepted by itself");
        checks.record(NodeCheck.SWITCHES, refused("switch", switches), () -> switches.isEmpty() ? "none shows evidence" : "each accepted by itself");
        boolean readable = !reports.isEmpty() && reports.size() == evidence.size() && switchReports.size() == between.size();
        // What cannot be read was refused above; alone it says nothing about the others.
        if (readable) {
            long nonces = Stream.concat(reports.stream(), switchReports.stream()).map(GpuReport::nonce).distinct().count();
            checks.require(NodeCheck.NONCE, nonces == 1, () -> "one for all", () -> "the reports hold " + nonces + " different nonces");
        }
        if (!chains.isEmpty() && chains.size() == evidence.size() + between.size()) {
            checks.record(NodeCheck.DISTINCT, repeated(chains), () -> "all leaves and all devices differ");
        }
        checks.record(NodeCheck.BINDING, challenge.bindingProblem().filter(why -> policy.requireCpuBinding()), challenge::binding);
        Topology topology = topology(reports, !between.isEmpty());
        if (topology != Topology.SWITCHES_SHOWN || readable) {
            checks.record(NodeCheck.TOPOLOGY, topologyProblem(topology, reports, switchReports, policy), () -> switch (topology) {
                case DIRECT -> "no switch is named";
                case SWITCHES_SHOWN -> switchReports.size() + " switches join the GPUs, which name each other";
                case SWITCHES_NOT_ATTESTED -> "switches join the GPUs and showed no evidence, which the policy allows";
            });
        }

        Bytes hash = Stream.concat(gpus.stream(), switches.stream()).map(Verdict::evidenceHash).reduce(Bytes.EMPTY, Bytes::concat).sha256();
        boolean development = Stream.concat(gpus.stream(), switches.stream()).anyMatch(Verdict::development);
        return new GpuNodeVerdict(RimVerifier.verdict("NVIDIA GPUs of a node", now, hash, development, checks.all()), gpus, switches, topology);
    }

    private static List<GpuReport> reports(List<GpuEvidence> evidence) {
        return evidence.stream().flatMap(device -> readable(() -> GpuReport.parse(device.report())).stream()).toList();
    }

    private static Optional<String> topologyProblem(Topology topology, List<GpuReport> gpus, List<GpuReport> switches, GpuPolicy policy) {
        return switch (topology) {
            case DIRECT -> Optional.empty();
            case SWITCHES_NOT_ATTESTED -> policy.allowUnattestedSwitches() ? Optional.empty()
                    : Optional.of("switches join the GPUs, or protected PCIe is on, and no switch showed evidence");
            case SWITCHES_SHOWN -> joinProblem(gpus, switches);
        };
    }

    /** Every GPU names exactly the switches that are shown, and every switch as many GPUs as are shown, the same ones as the others. */
    private static Optional<String> joinProblem(List<GpuReport> gpus, List<GpuReport> switches) {
        Set<Bytes> shown = switches.stream().flatMap(report -> report.opaque().switchIds().stream()).collect(Collectors.toSet());
        for (int i = 0; i < gpus.size(); i++) {
            Set<Bytes> named = gpus.get(i).opaque().switchIds();
            if (!named.equals(shown)) {
                return Optional.of("GPU " + i + " names the switches " + named + ", shown are " + shown);
            }
        }
        List<Set<Bytes>> joined = switches.stream().map(report -> report.opaque().switchGpus()).toList();
        return joined.stream().distinct().count() == 1 && joined.getFirst().size() == gpus.size() ? Optional.empty()
                : Optional.of("the switches do not all join the same " + gpus.size() + " GPUs: they name " + joined);
    }

    private static Optional<String> refused(String what, List<Verdict> devices) {
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            if (!devices.get(i).accepted()) {
                refused.add(what + " " + i + ": " + String.join(", ", devices.get(i).failures().stream().map(Check::id).toList()));
            }
        }
        return refused.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", refused));
    }

    /** The leaf changes with the firmware; the device's own certificate above it does not, so one GPU cannot pass for two by an update. */
    private static Optional<String> repeated(List<CertificateChain> chains) {
        Set<Bytes> leaves = new HashSet<>();
        Set<Bytes> devices = new HashSet<>();
        for (int i = 0; i < chains.size(); i++) {
            CertificateChain chain = chains.get(i);
            boolean fresh = leaves.add(key(chain, 0)) && (chain.size() < 2 || devices.add(key(chain, 1)));
            if (!fresh) {
                return Optional.of("device " + i + " is there twice: " + CertificateChain.commonName(chain.leaf()) + ", serial "
                        + chain.leaf().getSerialNumber().toString(16));
            }
        }
        return Optional.empty();
    }

    private static Bytes key(CertificateChain chain, int index) {
        return Bytes.of(chain.get(index).getPublicKey().getEncoded());
    }

    private static Topology topology(List<GpuReport> reports, boolean switchesShown) {
        boolean joined = reports.stream().map(GpuReport::opaque).anyMatch(opaque -> opaque.namesSwitches()
                || opaque.get(OpaqueField.PROTECTED_PCIE).filter(state -> state.u8(0) == 0xaa).isPresent()
                || opaque.get(OpaqueField.FEATURE_FLAG).filter(flag -> flag.u16(0) == 2).isPresent());
        if (switchesShown) {
            return Topology.SWITCHES_SHOWN;
        }
        return joined ? Topology.SWITCHES_NOT_ATTESTED : Topology.DIRECT;
    }

    private static <T> Optional<T> readable(Supplier<T> parser) {
        try {
            return Optional.of(parser.get());
        } catch (AttestationException e) {
            // Why it cannot be read stands in that device's own verdict.
            return Optional.empty();
        }
    }
}
