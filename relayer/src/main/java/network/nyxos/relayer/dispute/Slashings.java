package network.nyxos.relayer.dispute;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.batch.Quorum;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.job.JobEvents;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.job.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Brings each dispute to its end. Where the registry has disputes the node that replayed is asked first to take the receipt to the program, and both parts wait for
/// what that decides; else, and where it decides nothing, both are put before the verifiers, and what a quorum has signed is sent. It decides nothing itself: whoever
/// neither the program nor the verifiers' own runs refute keeps its bond. Every step may be taken again after a crash: what is on chain is looked for first, by the papers' hash.
public final class Slashings {
    private static final Logger LOG = LoggerFactory.getLogger(Slashings.class);
    /// What a verifier says that finds the node to be rewarded lying, too.
    public static final String REWARD_UNDUE = "reward_undue";
    private static final int AT_ONCE = 16;

    private final DisputeStore store;
    private final SlashChain chain;
    private final Accusers accusers;
    private final Duration patience;
    private final SlashQuorum quorum;
    private final JobEvents events;
    private final Duration again;
    private final InstantSource clock;

    /// @param accusers who may take a receipt to the registry's program
    /// @param patience how long they are waited for, before the verifiers are asked
    /// @param events   is told when a job's state or reason changes by it
    /// @param again    how long until nodes or verifiers that cannot say yet are asked again, and the chain is looked at again
    public Slashings(DisputeStore store, SlashChain chain, Accusers accusers, Duration patience, SlashQuorum quorum, JobEvents events, Duration again, InstantSource clock) {
        this.store = store;
        this.chain = chain;
        this.accusers = accusers;
        this.patience = patience;
        this.quorum = quorum;
        this.events = events;
        this.again = again;
        this.clock = clock;
    }

    /// Takes one step with every case that is due; returns when all are taken. None waits for another's nodes or verifiers.
    public void advance() {
        try (ExecutorService steps = Executors.newVirtualThreadPerTaskExecutor()) {
            store.due(clock.millis(), AT_ONCE).forEach(part -> steps.execute(() -> tried(part)));
        }
    }

    private void tried(SlashCase part) {
        try {
            step(part);
        } catch (RuntimeException e) {
            // Nothing was decided; the others need not wait for it.
            LOG.warn("the part of node {} in dispute {} could not be looked at: {}", part.accused(), part.evidence(), e.toString());
            LOG.debug("dispute {}", part.evidence(), e);
            store.postpone(part, part.reason(), later(), clock.millis());
        }
    }

    private void step(SlashCase part) {
        Dispute dispute = store.find(part.evidence()).orElseThrow();
        Accusation papers = dispute.papers();
        boolean served = part.accused().equals(papers.node());
        Hash receipt = papers.receipt().receipt().hash();
        Optional<SlashFacts.Executed> proved = served ? chain.facts().slashed(part.accused(), receipt) : Optional.empty();
        if (proved.isPresent()) {
            slashed(part, papers, proved.get(), "by a dispute before the registry's program about receipt " + receipt);
            return;
        }
        Optional<SlashFacts.Executed> done = chain.facts().slashed(part.accused(), part.evidence());
        if (done.isPresent()) {
            slashed(part, papers, done.get(), "evidence " + part.evidence());
            return;
        }
        Optional<Bonded> accused = chain.facts().bonded(part.accused()).filter(Bonded::slashable);
        if (accused.isEmpty()) {
            end(part, SlashState.MOOT, new Reason("bond_gone", "node " + part.accused() + " has no bond to take any more"), Optional.empty());
            return;
        }
        switch (part.state()) {
            case OPEN -> {
                if (part.program() && !served) {
                    follow(part, dispute);
                } else if (!disputed(part, papers, receipt)) {
                    ask(part, papers, accused.get());
                }
            }
            case SIGNED -> send(part, papers);
            case SLASHED, DISMISSED, MOOT -> { }
        }
    }

    /// The replaying node's part goes as the serving node's: where the program found that one wrong, this one was right.
    private void follow(SlashCase part, Dispute dispute) {
        SlashState other = dispute.cases().stream().filter(each -> !each.accused().equals(part.accused())).map(SlashCase::state).findFirst().orElseThrow();
        switch (other) {
            case OPEN, SIGNED -> store.postpone(part, part.reason(), later(), clock.millis());
            case SLASHED -> end(part, SlashState.DISMISSED, new Reason("proved_right", "the registry's program found the receipt wrong that node " + part.accused() + " contradicts"),
                Optional.empty());
            case DISMISSED, MOOT -> store.toVerifiers(part.evidence(), part.reason(), clock.millis());
        }
    }

    /// Whether the registry's program is deciding, or may come to: then no verifier is asked, so that one cheat has one judge.
    private boolean disputed(SlashCase part, Accusation papers, Hash receipt) {
        if (chain.facts().answerSlots() == 0) {
            return part.program() && toVerifiers(part, new Reason("disputes_off", "the registry has no disputes"));
        }
        Optional<PublicKey> open = chain.facts().openDispute(papers.node(), receipt);
        if (open.isPresent()) {
            return waits(part, new Reason("awaits_program", "the registry's program decides, in dispute " + open.get()));
        }
        if (!part.program()) {
            return false;
        }
        boolean patient = clock.millis() < part.openedMs() + patience.toMillis();
        return switch (accusers.accuse(papers.replay().node(), papers)) {
            case Accusers.Reply.Accuses(PublicKey wallet) when patient -> waits(part, new Reason("awaits_dispute", "node " + papers.replay().node() + " accuses with wallet " + wallet));
            case Accusers.Reply.Silent(Reason reason) when patient -> waits(part, reason);
            case Accusers.Reply.Accuses(PublicKey wallet) -> toVerifiers(part, new Reason("not_accused", "wallet " + wallet + " was to accuse, and no dispute is there"));
            case Accusers.Reply.Silent(Reason reason) -> toVerifiers(part, reason);
            case Accusers.Reply.Declines(Reason reason) -> toVerifiers(part, reason);
        };
    }

    private boolean waits(SlashCase part, Reason reason) {
        store.postpone(part, reason, later(), clock.millis());
        return true;
    }

    private boolean toVerifiers(SlashCase part, Reason reason) {
        LOG.info("dispute {}: the verifiers are asked: {}", part.evidence(), reason);
        store.toVerifiers(part.evidence(), reason, clock.millis());
        return true;
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

    private void slashed(SlashCase part, Accusation papers, SlashFacts.Executed executed, String on) {
        String told = "node " + part.accused() + " lost its bond of " + executed.amount() + " base units (" + executed.reward() + " to who was right, " + executed.burned()
            + " burned) in " + executed.transaction() + ", " + on;
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
