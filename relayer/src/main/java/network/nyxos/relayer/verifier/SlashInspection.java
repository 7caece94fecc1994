package network.nyxos.relayer.verifier;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.dispute.Bonded;
import network.nyxos.relayer.dispute.DisputeRules;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.dispute.SlashDraft;
import network.nyxos.relayer.dispute.SlashFacts;
import network.nyxos.relayer.dispute.Slashings;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.Rerun;
import software.sava.core.accounts.PublicKey;

/// Judges by itself who of two nodes lied: reads their signatures, runs the job on an engine of its own, and works out what the liar loses. Nothing that the
/// relayer says is believed, and no statement of any node either.
final class SlashInspection {
    /// How many runs are remembered: verifiers are asked about both nodes, and again when an answer was lost.
    private static final int REMEMBERED = 256;

    private final Set<PublicKey> gateways;
    private final SlashFacts facts;
    private final Replayer replayer;
    private final Map<Hash, Rerun> runs = new LinkedHashMap<>();
    // An engine does one job faster than two at once, and the same job is not run twice.
    private final ReentrantLock one = new ReentrantLock();

    /// @param gateways whose assignments count
    /// @param facts    of the verifier's own RPC node, asked anew each time
    SlashInspection(Set<PublicKey> gateways, SlashFacts facts, Replayer replayer) {
        this.gateways = Set.copyOf(gateways);
        this.facts = facts;
        this.replayer = replayer;
    }

    /// What came of a run: one or the other is there.
    private record Run(Optional<Rerun> rerun, Optional<Refused> refused) {
    }

    /// Judges a draft.
    ///
    /// @return why it is not signed; empty when it may be
    Optional<Refused> judge(SlashDraft draft) {
        Accusation papers = draft.papers();
        if (!gateways.contains(papers.assignment().assignment().gateway())) {
            return Refused.whole("assignment_signature", "the assignment is not of one of the gateways known here");
        }
        if (!draft.accused().equals(papers.node()) && !draft.accused().equals(papers.replay().node())) {
            return Refused.whole("accused_foreign", "node " + draft.accused() + " has signed none of these papers");
        }
        Optional<Refused> unsound = Refused.of(DisputeRules.papers(papers, facts));
        if (unsound.isPresent()) {
            return unsound;
        }
        Run run = run(papers);
        return run.refused().or(() -> convict(draft, DisputeRules.liars(papers, run.rerun().orElseThrow())));
    }

    private Optional<Refused> convict(SlashDraft draft, Set<PublicKey> liars) {
        if (!liars.contains(draft.accused())) {
            return draft.accused().equals(draft.papers().node()) ? Refused.whole("receipt_right", "this verifier's own run came to what the receipt says")
                : Refused.whole("replay_right", "this verifier's own run came to what the replaying node says");
        }
        Optional<Bonded> accused = facts.bonded(draft.accused()).filter(Bonded::slashable);
        if (accused.isEmpty()) {
            return Refused.whole("bond_gone", "node " + draft.accused() + " has no bond to take");
        }
        PublicKey opponent = DisputeRules.opponent(draft.papers(), draft.accused());
        boolean right = !liars.contains(opponent);
        if (!right && draft.slash().reward().isPresent()) {
            return Refused.whole(Slashings.REWARD_UNDUE, "node " + opponent + " lied, too, and is not rewarded");
        }
        Slash due = DisputeRules.slash(accused.get(), right ? facts.bonded(opponent) : Optional.empty(), facts::rewardToken, draft.papers().hash());
        return draft.slash().equals(due) ? Optional.empty() : Refused.notYet("slash_amounts", "by the rules it is " + due + ", not " + draft.slash());
    }

    private Run run(Accusation papers) {
        one.lock();
        try {
            Rerun known = runs.get(papers.hash());
            if (known != null) {
                return new Run(Optional.of(known), Optional.empty());
            }
            return switch (replayer.run(papers.order())) {
                case Replayer.Result.Ran(Rerun rerun) -> {
                    if (runs.size() >= REMEMBERED) {
                        runs.remove(runs.keySet().iterator().next());
                    }
                    runs.put(papers.hash(), rerun);
                    yield new Run(Optional.of(rerun), Optional.empty());
                }
                case Replayer.Result.Unable(var reason, boolean again) -> new Run(Optional.empty(), Optional.of(new Refused(reason, Optional.of(papers.job()), again)));
            };
        } finally {
            one.unlock();
        }
    }
}
