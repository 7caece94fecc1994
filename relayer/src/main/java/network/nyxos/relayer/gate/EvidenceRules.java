package network.nyxos.relayer.gate;

import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.program.RegisteredModel;

/// Whether a confidential job ran where its receipt says. That the evidence itself holds was found out when it came in.
public final class EvidenceRules {
    /// The longest that evidence may be said to count: a relayer states how long it does, and could state anything.
    public static final Duration MAX_LIFETIME = Duration.ofDays(1);

    private EvidenceRules() {
    }

    /// Rules on the evidence that a receipt names.
    ///
    /// @param node             what the registry says of the receipt's node, as {@link ServingKey} has it
    /// @param model            what the registry says of the receipt's model; empty when nobody registered it: then any measurement that the policy takes will do
    /// @param found            the evidence of that hash that was verified; empty when there is none
    /// @param allowDevelopment whether evidence without hardware behind it counts here
    public static Ruling judge(Receipt receipt, NodeFacts node, Optional<RegisteredModel> model, Optional<Evidence> found, boolean allowDevelopment) {
        if (receipt.quoteHash().isZero()) {
            return Ruling.refuse("evidence_absent", "a confidential job's receipt names its evidence, this names none");
        }
        if (found.isEmpty()) {
            return Ruling.wait("evidence_unknown", "evidence " + receipt.quoteHash() + " was not given to the relayer or did not verify");
        }
        Evidence evidence = found.get();
        if (evidence.development() && !allowDevelopment) {
            return Ruling.refuse("evidence_development", "the evidence hangs on a development root, which this configuration refuses");
        }
        // Not the sealing key: a TEE makes a new one at each start and registers it, and what was served before is owed all the same. Who seals a prompt has
        // checked the key that it sealed to; what the receipt says is the receipt key's word.
        if (!evidence.node().equals(receipt.node()) || !evidence.receiptKey().equals(node.receiptKey())) {
            return Ruling.refuse("evidence_keys", "the evidence binds another node, or another receipt key than the registry holds for it");
        }
        if (model.isPresent() && !model.get().allows(evidence.measurement())) {
            return Ruling.refuse("evidence_measurement", "the evidence measures " + HexFormat.of().formatHex(evidence.measurement().bytes())
                + ", which is none that model " + receipt.modelId() + " allows");
        }
        if (evidence.expiresMs() - evidence.receivedMs() > MAX_LIFETIME.toMillis()) {
            return Ruling.refuse("evidence_stale", "the evidence is said to count from " + evidence.receivedMs() + " to " + evidence.expiresMs() + ", " + MAX_LIFETIME + " is the most");
        }
        boolean covers = receipt.startMs() >= evidence.receivedMs() - PaperRules.CLOCK_TOLERANCE_MS && receipt.endMs() <= evidence.expiresMs();
        return covers ? Ruling.PASS : Ruling.refuse("evidence_stale", "served from " + receipt.startMs() + " to " + receipt.endMs()
            + ", the evidence counts from " + evidence.receivedMs() + " to " + evidence.expiresMs());
    }
}
