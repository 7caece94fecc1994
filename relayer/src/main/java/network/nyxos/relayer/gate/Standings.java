package network.nyxos.relayer.gate;

import java.util.function.BiPredicate;
import network.nyxos.escrow.standing.Enrolment;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.standing.Standing;
import software.sava.core.accounts.PublicKey;

/// Sample rates by what nodes have earned, of chain data alone. The relayer draws at them and every verifier demands them, each of what it looked up itself:
/// whoever knows fewer final batches comes to a higher rate, and a verifier knows every one that a proposal builds on.
public final class Standings implements SampleRates {
    private final SampleRule rule;
    private final ChainFacts chain;
    private final BiPredicate<PublicKey, Long> accused;
    private final FinalWork work;

    /// @param chain   as it is now; facts that are older than the draw may give too low a rate
    /// @param accused whether a dispute about a node's receipt was open at a slot; asked only where one is open now
    public Standings(SampleRule rule, ChainFacts chain, BiPredicate<PublicKey, Long> accused, FinalWork work) {
        this.rule = rule;
        this.chain = chain;
        this.accused = accused;
        this.work = work;
    }

    @Override
    public int rate(PublicKey mint, PublicKey node, long slot) {
        // A flat rule asks nothing; a node that is not registered is refused for that.
        return rule.isFlat() ? rule.floorPpm() : chain.node(node).map(facts -> rule.rate(standing(mint, facts, slot))).orElse(SampleRule.ALL);
    }

    private Standing standing(PublicKey mint, NodeFacts facts, long slot) {
        boolean flagged = facts.openDisputes() > 0 && accused.test(facts.node(), slot);
        var enrolment = new Enrolment(facts.registeredSlot(), facts.state() == NodeFacts.State.ACTIVE, flagged);
        return Standing.of(enrolment, work.of(mint, facts.node(), facts.registeredSlot(), slot), slot);
    }
}
