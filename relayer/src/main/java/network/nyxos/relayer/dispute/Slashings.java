package network.nyxos.relayer.dispute;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings each dispute to its end: puts both nodes' parts before the verifiers and sends what a quorum has signed. It decides nothing itself: whoever the
/// verifiers' own runs do not refute keeps its bond. Every step may be taken again after a crash: what is on chain is looked for first, by the papers' hash.
public final class Slashings {
    private static final Logger LOG = LoggerFactory.getLogger(Slashings.class);
    /// What a verifier says that finds the node to be rewarded lying, too.
    public static final String REWARD_UNDUE = "reward_undue";
    private static final int AT_ONCE = 16;

    private final DisputeStore store;
    private final SlashChain chain;
    private final SlashQuorum quorum;
    private final JobEvents events;
    private final Duration again;
    private final InstantSource clock;

    /// @param events is told when a job's state or reason changes by it
    /// @param again  how long until verifiers that cannot say yet are asked again, and the chain is looked at again
    public Slashings(DisputeStore store, SlashChain chain, SlashQuorum quorum, JobEvents events, Duration again, InstantSource clock) {
        this.store = store;
        this.chain = chain;
        this.quorum = quorum;
        this.events = events;
        this.again = again;
        this.clock = clock;
    }

    /// Takes one step with every case that is due.
    public void advance() {
        for (SlashCase part : store.due(clock.millis(), AT_ONCE)) {
            try {
                step(part);
            } catch (RuntimeException e) {
                // Nothing was decided; the others need not wait for it.
                LOG.warn("the part of node {} in dispute {} could not be looked at: {}", part.accused(), part.evidence(), e.toString());
                LOG.debug("dispute {}", part.evidence(), e);
                store.postpone(part, part.reason(), later(), clock.millis());
            }
        }
    }

    private void step(SlashCase part) {
        Accusation papers = store.find(part.evidence()).orElseThrow().papers();
        Optional<SlashFacts.Executed> done = chain.facts().slashed(part.accused(), part.evidence());
        if (done.isPresent()) {
            slashed(part, papers, done.get());
            return;
        }
        Optional<Bonded> accused = chain.facts().bonded(part.accused()).filter(Bonded::slashable);
        if (accused.isEmpty()) {
            end(part, SlashState.MOOT, new Reason("bond_gone", "node " + part.accused() + " has no bond to take any more"), Optional.empty());
            return;
        }
        switch (part.state()) {
            case OPEN -> ask(part, papers, accused.get());
            case SIGNED -> send(part, papers);
            case SLASHED, DISMISSED, MOOT -> { }
        }
    }

    private void ask(SlashCase part, Accusation papers, Bonded accused) {
        Optional<Bonded> right = part.rewarded() ? chain.facts().bonded(DisputeRules.opponent(papers, part.accused())) : Optional.empty();
        Slash slash = DisputeRules.slash(accused, right, chain.facts()::rewardToken, part.evidence());
        Quorum.Answers answers = quorum.ask(new SlashDraft(papers, part.accused(), slash), chain.panel());
        if (answers.signatures().size() >= answers.threshold()) {
            store.signed(part, slash, answers.signatures().subList(0, answers.threshold()), clock.millis());
            LOG.info("dispute {}: a quorum convicts node {}", part.evidence(), part.accused());
            return;
        }
        String said = answers.refusals().stream().map(refusal -> refusal.verifier() + " " + refusal.reason()).collect(Collectors.joining("; "));
        List<Quorum.Refusal> forGood = answers.refusals().stream().filter(refusal -> !refusal.again()).toList();
        if (part.rewarded() && forGood.stream().anyMatch(refusal -> refusal.reason().code().equals(REWARD_UNDUE))) {
            store.unrewarded(part, clock.millis());
        } else if (answers.refusals().isEmpty() || forGood.size() < answers.blocking()) {
            store.postpone(part, new Reason("awaits_verifiers", answers.signatures().size() + " of " + answers.threshold() + " verifiers signed: " + said), later(), clock.millis());
        } else {
            end(part, SlashState.DISMISSED, new Reason("not_convicted", "no quorum of verifiers convicts node " + part.accused() + ": " + said), Optional.empty());
        }
    }

    private void send(SlashCase part, Accusation papers) {
        var draft = new SlashDraft(papers, part.accused(), part.slash().orElseThrow());
        switch (chain.slash("slash:" + part.evidence() + ":" + part.accused(), draft, part.signatures())) {
            // The event is what counts; it is looked for in the next step.
            case Sent.Confirmed(String transaction) -> store.postpone(part, new Reason("slash_sent", "confirmed in " + transaction), clock.millis(), clock.millis());
            case Sent.Failed(Reason reason) -> {
                LOG.warn("dispute {}: slash of node {} did not come about: {}", part.evidence(), part.accused(), reason);
                // The bond may have grown since: what is signed would leave some of it.
                store.reopen(part, reason, later(), clock.millis());
            }
            case Sent.Unknown(Reason reason) -> store.postpone(part, reason, later(), clock.millis());
        }
    }

    private void slashed(SlashCase part, Accusation papers, SlashFacts.Executed executed) {
        String told = "node " + part.accused() + " lost its bond of " + executed.amount() + " base units (" + executed.reward() + " to who was right, " + executed.burned()
            + " burned) in " + executed.transaction() + ", evidence " + part.evidence();
        boolean served = part.accused().equals(papers.node());
        end(part, SlashState.SLASHED, new Reason(served ? "slashed" : "replayer_slashed", served ? told : "the replay was false: " + told), Optional.of(executed.transaction()));
        if (!served) {
            // Its link is told as the serving node's is, so that it learns why its bond is gone.
            events.changed(part.job(), Optional.of(part.accused()), JobState.DISPUTED, new Reason("replayer_slashed", told));
        }
    }

    private void end(SlashCase part, SlashState state, Reason reason, Optional<String> transaction) {
        LOG.info("dispute {}: {}: {}", part.evidence(), state.wireName(), reason);
        store.end(part, state, reason, transaction, clock.millis()).ifPresent(left -> events.changed(left.job(), left.node(), left.state(), left.reason()));
    }

    private long later() {
        return clock.millis() + again.toMillis();
    }
}
