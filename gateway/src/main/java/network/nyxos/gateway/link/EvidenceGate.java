package network.nyxos.gateway.link;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.collateral.CollateralException;
import network.nyxos.collateral.CollateralSource;
import network.nyxos.collateral.ShownDevices;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.wire.WireMessage.Evidence;
import network.nyxos.escrow.wire.WireMessage.Hello;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Decides whether a node's evidence lets it do confidential work, and until when.
public final class EvidenceGate {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceGate.class);

    private final Optional<Policy> policy;
    private final Optional<CollateralSource> collateral;
    private final Duration validity;
    private final InstantSource clock;

    /// @param policy     what evidence must be; empty: no node does confidential work here
    /// @param collateral where collateral is from; empty: from the node itself
    /// @param validity   how long evidence counts
    /// @param clock      what tells the time
    public EvidenceGate(Optional<Policy> policy, Optional<CollateralSource> collateral, Duration validity, InstantSource clock) {
        this.policy = policy;
        this.collateral = collateral;
        this.validity = validity;
        this.clock = clock;
    }

    /// Whether confidential work is offered at all.
    public boolean open() {
        return policy.isPresent();
    }

    /// Judges evidence. Blocks while collateral is fetched.
    ///
    /// @param hello what the node introduced itself with
    /// @param nonce the one it was asked to answer
    /// @return the evidence with the collateral it was judged by, and until when the node may do confidential work; empty when it is refused
    public Optional<ConnectedNode.Attested> judge(Hello hello, Hash nonce, Evidence evidence) {
        try {
            Evidence whole = whole(nonce, evidence);
            Optional<String> devices = ShownDevices.judgedBy(evidence.gpus(), evidence.switches(), Evidence.Device::report, Evidence.Device::certificates,
                policy.filter(Policy::gpuRequired).isPresent(), collateral).map(Devices::toJson);
            Verdict verdict = verdict(hello, whole, devices);
            LOG.info("evidence of node {}: {}", hello.node(), verdict.summary());
            return verdict.accepted() ? verdict.measurement().map(measured -> new ConnectedNode.Attested(whole, devices, clock.instant().plus(validity), workload(measured)))
                : Optional.empty();
        } catch (AttestationException e) {
            LOG.warn("evidence of node {} is refused: {}", hello.node(), e.getMessage());
        } catch (CollateralException e) {
            LOG.warn("evidence of node {} cannot be judged: {} [{}]", hello.node(), e.getMessage(), e.code());
        }
        return Optional.empty();
    }

    /// The evidence with collateral. Where this gateway has a source of its own, the node's does not count: it could bring older collateral that hides what has
    /// come out since.
    private Evidence whole(Hash nonce, Evidence evidence) {
        if (!evidence.nonce().equals(nonce)) {
            throw refused("it answers another nonce");
        }
        if (collateral.isEmpty()) {
            return evidence;
        }
        Optional<String> brought = evidence.collateral().map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        byte[] own = collateral.get().collateral(evidence.kind(), Bytes.of(evidence.quote()), brought).getBytes(StandardCharsets.UTF_8);
        return new Evidence(evidence.nonce(), evidence.kind(), evidence.quote(), Optional.of(own), evidence.development(), evidence.gpus(), evidence.switches());
    }

    private Verdict verdict(Hello hello, Evidence evidence, Optional<String> devices) {
        Policy stated = policy.orElseThrow(() -> refused("no policy is configured"));
        byte[] with = evidence.collateral().orElseThrow(() -> refused("it comes without collateral, and this gateway fetches none"));
        Bytes bound = ReportData.bind(hello.node().toByteArray(), hello.receiptKey().toByteArray(), hello.sealingKey().orElse(PublicKey.NONE).toByteArray(),
            evidence.nonce().bytes());
        return network.nyxos.attestation.Evidence.of(evidence.kind(), Bytes.of(evidence.quote()), new String(with, StandardCharsets.UTF_8), devices)
            .verify(stated.withReportData(bound), clock.instant());
    }

    /// What the registry calls a measurement: a TD's MRTD, an SNP guest's launch measurement.
    private static network.nyxos.escrow.program.registry.Measurement workload(Measurement measured) {
        return new network.nyxos.escrow.program.registry.Measurement(measured.workload().toArray());
    }

    private static AttestationException refused(String why) {
        return new AttestationException("evidence.refused", why);
    }
}
