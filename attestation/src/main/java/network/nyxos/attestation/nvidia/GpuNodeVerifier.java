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

/** Judges all GPUs of a node together: their number, that none is there twice, one nonce, and what joins them. */
public final class GpuNodeVerifier {
    /** Most GPUs of a node that are judged. */
    public static final int MAX_GPUS = 64;

    private GpuNodeVerifier() {
    }

    /**
     * Judges a node's GPUs. Of more than {@link #MAX_GPUS} none is judged, and so none accepted.
     *
     * @param shown     one for each GPU
     * @param claimed   how many GPUs the node claims, at least 1
     * @param challenge what all nonces must answer to
     * @param policy    what is accepted
     * @param now       the one time that everything is judged at
     */
    public static GpuNodeVerdict verify(List<GpuEvidence> shown, int claimed, GpuChallenge challenge, GpuPolicy policy, Instant now) {
        List<GpuEvidence> evidence = shown.size() > MAX_GPUS ? List.of() : shown;
        List<Verdict> gpus = evidence.stream().map(gpu -> GpuVerifier.verify(gpu, challenge, policy, now)).toList();
        List<GpuReport> reports = evidence.stream().flatMap(gpu -> readable(() -> GpuReport.parse(gpu.report())).stream()).toList();
        List<CertificateChain> chains = evidence.stream().flatMap(gpu -> readable(() -> CertificateChain.parsePem(gpu.chain())).stream()).toList();
        CheckLedger<NodeCheck> checks = new CheckLedger<>(NodeCheck.class);

        checks.require(NodeCheck.COUNT, claimed > 0 && shown.size() == claimed, () -> claimed + " GPUs",
                () -> "the node claims " + claimed + " GPUs and shows " + shown.size());
        checks.record(NodeCheck.GPUS, refused(gpus), () -> "each accepted by itself");
        // What cannot be read was refused above; alone it says nothing about the others.
        if (!reports.isEmpty() && reports.size() == evidence.size()) {
            long nonces = reports.stream().map(GpuReport::nonce).distinct().count();
            checks.require(NodeCheck.NONCE, nonces == 1, () -> "one for all", () -> "the reports hold " + nonces + " different nonces");
        }
        if (!chains.isEmpty() && chains.size() == evidence.size()) {
            checks.record(NodeCheck.DISTINCT, repeated(chains), () -> "all leaves and all devices differ");
        }
        checks.record(NodeCheck.BINDING, challenge.bindingProblem().filter(why -> policy.requireCpuBinding()), challenge::binding);
        Topology topology = topology(reports);
        checks.require(NodeCheck.TOPOLOGY, topology == Topology.DIRECT || policy.allowUnattestedSwitches(),
                () -> topology == Topology.DIRECT ? "no switch is named" : "switches join the GPUs and showed no evidence, which the policy allows",
                () -> "switches join the GPUs, or protected PCIe is on, and no switch showed evidence");

        Bytes hash = gpus.stream().map(Verdict::evidenceHash).reduce(Bytes.EMPTY, Bytes::concat).sha256();
        List<Check> all = checks.all();
        return new GpuNodeVerdict(RimVerifier.verdict("NVIDIA GPUs of a node", now, hash, gpus.stream().anyMatch(Verdict::development), all), gpus, topology);
    }

    private static Optional<String> refused(List<Verdict> gpus) {
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < gpus.size(); i++) {
            if (!gpus.get(i).accepted()) {
                refused.add("GPU " + i + ": " + String.join(", ", gpus.get(i).failures().stream().map(Check::id).toList()));
            }
        }
        if (gpus.isEmpty()) {
            refused.add("there is none");
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
                return Optional.of("GPU " + i + " is there twice: " + CertificateChain.commonName(chain.leaf()) + ", serial "
                        + chain.leaf().getSerialNumber().toString(16));
            }
        }
        return Optional.empty();
    }

    private static Bytes key(CertificateChain chain, int index) {
        return Bytes.of(chain.get(index).getPublicKey().getEncoded());
    }

    private static Topology topology(List<GpuReport> reports) {
        boolean joined = reports.stream().map(GpuReport::opaque).anyMatch(opaque -> opaque.namesSwitches()
                || opaque.get(OpaqueField.PROTECTED_PCIE).filter(state -> state.u8(0) == 0xaa).isPresent()
                || opaque.get(OpaqueField.FEATURE_FLAG).filter(flag -> flag.u16(0) == 2).isPresent());
        return joined ? Topology.SWITCHES_NOT_ATTESTED : Topology.DIRECT;
    }

    private static <T> Optional<T> readable(Supplier<T> parser) {
        try {
            return Optional.of(parser.get());
        } catch (AttestationException e) {
            // Why it cannot be read stands in that GPU's own verdict.
            return Optional.empty();
        }
    }
}
