package network.nyxos.gateway.link;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Verdict;
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
    private final Duration validity;
    private final InstantSource clock;

    /// @param policy   what evidence must be; empty: no node does confidential work here
    /// @param validity how long evidence counts
    /// @param clock    what tells the time
    public EvidenceGate(Optional<Policy> policy, Duration validity, InstantSource clock) {
        this.policy = policy;
        this.validity = validity;
        this.clock = clock;
    }

    /// Whether confidential work is offered at all.
    public boolean open() {
        return policy.isPresent();
    }

    /// Judges evidence.
    ///
    /// @param hello what the node introduced itself with
    /// @param nonce the one it was asked to answer
    /// @return until when the node may do confidential work; empty when the evidence is refused
    public Optional<Instant> judge(Hello hello, Hash nonce, Evidence evidence) {
        Optional<String> problem = problem(hello, nonce, evidence);
        if (problem.isPresent()) {
            LOG.warn("evidence of node {} is refused: {}", hello.node(), problem.get());
            return Optional.empty();
        }
        return Optional.of(clock.instant().plus(validity));
    }

    private Optional<String> problem(Hello hello, Hash nonce, Evidence evidence) {
        if (policy.isEmpty()) {
            return Optional.of("no policy is configured");
        }
        if (!evidence.nonce().equals(nonce)) {
            return Optional.of("it answers another nonce");
        }
        if (evidence.collateral().isEmpty()) {
            return Optional.of("it comes without collateral");
        }
        Bytes bound = ReportData.bind(hello.node().toByteArray(), hello.receiptKey().toByteArray(), hello.sealingKey().orElse(PublicKey.NONE).toByteArray(),
            nonce.bytes());
        try {
            String collateral = new String(evidence.collateral().orElseThrow(), StandardCharsets.UTF_8);
            Verdict verdict = network.nyxos.attestation.Evidence.of(evidence.kind(), Bytes.of(evidence.quote()), collateral)
                .verify(policy.get().withReportData(bound), clock.instant());
            LOG.info("evidence of node {}: {}", hello.node(), verdict.summary());
            return verdict.accepted() ? Optional.empty() : Optional.of(verdict.summary());
        } catch (AttestationException e) {
            return Optional.of(e.getMessage());
        }
    }
}
