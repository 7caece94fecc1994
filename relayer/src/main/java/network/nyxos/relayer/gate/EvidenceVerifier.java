package network.nyxos.relayer.gate;

import java.time.Instant;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.binding.ReportData;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Verifies evidence under one policy. Pure: collateral comes with the evidence.
public final class EvidenceVerifier {
    private final Policy policy;

    /// @param policy what evidence must be; its report data is replaced by what each node's evidence must bind
    public EvidenceVerifier(Policy policy) {
        this.policy = policy;
    }

    /// Whether machines must show GPUs.
    public boolean demandsGpus() {
        return policy.gpuRequired();
    }

    /// Who the evidence must speak of.
    ///
    /// @param node       the node's key
    /// @param receiptKey signs its receipts
    /// @param sealingKey prompts are sealed to it; {@link PublicKey#NONE} where there is none
    /// @param nonce      the relayer's
    public record Subject(PublicKey node, PublicKey receiptKey, PublicKey sealingKey, Hash nonce) {
    }

    /// How it came out.
    public sealed interface Outcome {
        /// It holds.
        ///
        /// @param hash    names the evidence
        /// @param verdict of the verifier
        record Accepted(Hash hash, Verdict verdict) implements Outcome {
            /// What runs there, as the registry writes it: a TD's MRTD, an SNP guest's launch measurement.
            public Measurement measurement() {
                return verdict.measurement().map(measured -> new Measurement(measured.workload().toArray()))
                    .orElseThrow(() -> new IllegalStateException("accepted evidence " + hash + " measures nothing"));
            }
        }

        /// It does not.
        record Refused(Reason reason) implements Outcome {
        }
    }

    /// Judges evidence at a time.
    ///
    /// @param kind       one of {@link network.nyxos.attestation.Evidence#kinds()}
    /// @param collateral JSON as {@link network.nyxos.attestation.Evidence#of} reads it for this kind
    /// @param devices    likewise of the machine's GPUs; empty where it shows none
    public Outcome judge(Subject subject, String kind, byte[] quote, String collateral, Optional<String> devices, long nowMs) {
        if (!network.nyxos.attestation.Evidence.kinds().contains(kind)) {
            return new Outcome.Refused(new Reason("evidence_kind", "evidence of kind '" + kind + "' is not known; known are " + network.nyxos.attestation.Evidence.kinds()));
        }
        try {
            var bound = ReportData.bind(subject.node.toByteArray(), subject.receiptKey.toByteArray(), subject.sealingKey.toByteArray(), subject.nonce.bytes());
            Verdict verdict = network.nyxos.attestation.Evidence.of(kind, Bytes.of(quote), collateral, devices)
                .verify(policy.withReportData(bound), Instant.ofEpochMilli(nowMs));
            return verdict.accepted() ? new Outcome.Accepted(Hash.of(verdict.evidenceHash().toArray()), verdict)
                : new Outcome.Refused(new Reason("evidence_refused", verdict.summary()));
        } catch (AttestationException e) {
            return new Outcome.Refused(new Reason("evidence_malformed", e.code() + ": " + e.getMessage()));
        }
    }

    /// Judges evidence again that a relayer took, at the time at which it took it.
    ///
    /// @return why it does not hold; empty when it does
    public Optional<Reason> recheck(Evidence evidence) {
        Hash nonce;
        try {
            nonce = Hash.of(evidence.nonce());
        } catch (ProtocolException e) {
            return Optional.of(new Reason("evidence_nonce", e.getMessage()));
        }
        var subject = new Subject(evidence.node(), evidence.receiptKey(), evidence.sealingKey(), nonce);
        return switch (judge(subject, evidence.kind(), evidence.quote(), evidence.collateral(), evidence.devices(), evidence.receivedMs())) {
            case Outcome.Refused(Reason reason) -> Optional.of(reason);
            case Outcome.Accepted accepted when !accepted.hash().equals(evidence.hash()) || accepted.verdict().development() != evidence.development()
                || !accepted.measurement().equals(evidence.measurement()) ->
                Optional.of(new Reason("evidence_named", "the evidence is not what the document says it is"));
            case Outcome.Accepted ignored -> Optional.empty();
        };
    }
}
