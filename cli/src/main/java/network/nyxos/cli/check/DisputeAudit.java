package network.nyxos.cli.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.relayer.dispute.Bonded;
import network.nyxos.relayer.dispute.DisputeRules;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.dispute.SlashFacts;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/** Whether a node was slashed rightly: its own signed words, one's own run of the job, and what the chain says was taken. Believes neither relayer nor verifiers. */
final class DisputeAudit {

    private final SlashFacts chain;
    private final Set<PublicKey> gateways;
    private final Replayer replayer;

    /**
     * @param gateways the market's
     * @param replayer runs the job here
     */
    DisputeAudit(SlashFacts chain, Set<PublicKey> gateways, Replayer replayer) {
        this.chain = chain;
        this.gateways = Set.copyOf(gateways);
        this.replayer = replayer;
    }

    /**
     * A node whose bond was taken on these papers.
     *
     * @param proved by a dispute before the registry's program about the receipt, and not by the verifiers' word
     */
    private record Slashed(PublicKey node, SlashFacts.Executed taken, boolean proved) {
    }

    /** Makes every check that can be made. */
    List<Finding> check(Accusation papers) {
        var findings = new ArrayList<Finding>();
        findings.add(Finding.of("papers", "node " + papers.node() + " signed its receipt, node " + papers.replay().node() + " its replay, and they contradict each other",
                DisputeRules.papers(papers, chain)));
        PublicKey gateway = papers.assignment().assignment().gateway();
        findings.add(new Finding("gateway", gateways.contains(gateway), gateway + (gateways.contains(gateway) ? " is one of the market's" : " is none of the market's gateways")));
        Stream<Slashed> convicted = Stream.of(papers.node(), papers.replay().node())
                .flatMap(node -> chain.slashed(node, papers.hash()).map(taken -> new Slashed(node, taken, false)).stream());
        Stream<Slashed> proved = chain.slashed(papers.node(), papers.receipt().receipt().hash()).map(taken -> new Slashed(papers.node(), taken, true)).stream();
        List<Slashed> slashed = Stream.concat(convicted, proved).toList();
        findings.add(new Finding("slash on chain", !slashed.isEmpty(), slashed.isEmpty() ? "nobody was slashed on evidence " + papers.hash() : said(slashed)));
        switch (replayer.run(papers.order())) {
            case Replayer.Result.Unable(Reason reason, boolean ignored) -> findings.add(new Finding("own run", false, reason.toString()));
            case Replayer.Result.Ran(Rerun own) -> judge(papers, own, slashed, findings);
        }
        return List.copyOf(findings);
    }

    private static String said(List<Slashed> slashed) {
        return String.join("; ", slashed.stream().map(one -> "node " + one.node() + " lost " + one.taken().amount() + " base units in " + one.taken().transaction()
                + (one.proved() ? ", in a dispute before the registry's program" : "")).toList());
    }

    private void judge(Accusation papers, Rerun own, List<Slashed> slashed, List<Finding> findings) {
        Set<PublicKey> liars = DisputeRules.liars(papers, own);
        findings.add(new Finding("own run", !liars.isEmpty(), (own.confirms(papers.receipt().receipt()) ? "it came to what the receipt says" : "it refutes the receipt of node "
                + papers.node()) + ", and " + (own.equals(papers.replay().says()) ? "it came to what the replay says" : "it refutes the replay of node " + papers.replay().node())));
        for (Slashed one : slashed) {
            findings.add(new Finding("who was slashed", liars.contains(one.node()), "node " + one.node() + (liars.contains(one.node()) ? " signed what is false" : " signed what is TRUE")));
            findings.add(amounts(papers, one, liars));
        }
    }

    private Finding amounts(Accusation papers, Slashed one, Set<PublicKey> liars) {
        SlashFacts.Executed taken = one.taken();
        if (one.proved()) {
            long half = taken.amount() / 2;
            boolean whole = taken.left() == 0 && taken.reward() == half && taken.refund() == 0 && taken.burned() == taken.amount() - half;
            return new Finding("amounts", whole, "the program took the bond of " + taken.amount() + " base units: " + taken.reward() + " to who accused, " + taken.burned() + " burned");
        }
        PublicKey opponent = DisputeRules.opponent(papers, one.node());
        Optional<Bonded> accused = chain.bonded(one.node()).map(now -> new Bonded(now.node(), now.payout(), taken.amount()));
        Optional<Bonded> right = liars.contains(opponent) ? Optional.empty() : chain.bonded(opponent);
        boolean due = taken.left() == 0 && accused.filter(whole -> taken.is(DisputeRules.slash(whole, right, chain::rewardToken, papers.hash()))).isPresent();
        return new Finding("amounts", due, "of the bond of " + Math.addExact(taken.amount(), taken.left()) + " base units " + taken.amount() + " were taken: " + taken.reward()
                + " to node " + opponent + ", " + taken.refund() + " given back, " + taken.burned() + " burned" + (due ? "" : "; by the rules it is another division"));
    }
}
