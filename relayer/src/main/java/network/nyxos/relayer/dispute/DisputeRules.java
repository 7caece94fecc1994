package network.nyxos.relayer.dispute;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.Slash;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.NodeFacts;
import network.nyxos.relayer.gate.PaperRules;
import network.nyxos.relayer.gate.PastKey;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.ReplayRules;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.gate.ServingKey;
import software.sava.core.accounts.PublicKey;

/// Who of two nodes lied, and what that costs. Nothing here believes the relayer: papers are believed by their signatures, keys by the registry, and who is
/// wrong is found by running the job.
public final class DisputeRules {
    private DisputeRules() {
    }

    /// Whether the papers are two nodes' own words that contradict each other, about one job of the verified tier.
    public static Ruling papers(Accusation papers, SlashFacts chain) {
        Receipt receipt = papers.receipt().receipt();
        Assignment order = papers.assignment().assignment();
        Optional<NodeFacts> node = ServingKey.of(chain, papers.receipt(), order);
        return Ruling.first(List.of(
            () -> require(papers.assignment().verify(), "assignment_signature", "the gateway that the assignment names did not sign it"),
            () -> PaperRules.judge(order, receipt),
            () -> require(receipt.tier() == Tier.VERIFIED && receipt.tokensOut() > 0, "dispute_tier", "only a reply of the verified tier is decided by running it again"),
            () -> require(node.isPresent(), "node_unregistered", "the registry knows no node " + receipt.node()),
            () -> require(papers.receipt().verify(node.orElseThrow().receiptKey()), "receipt_signature", "the receipt is not signed by a receipt key of node " + receipt.node()),
            () -> require(ReplayRules.reveal(order, receipt, papers.revealed()).passed(), "dispute_reveal",
                "what is revealed does not open the commitments of receipt and assignment"),
            () -> require(!papers.replay().node().equals(receipt.node()), "replay_same_node", "a node cannot replay its own job"),
            () -> require(stated(papers.job(), papers.replay(), chain), "replay_signature", "the statement is not signed by a receipt key of node " + papers.replay().node()),
            // Who was given something else to run has said nothing about this job.
            () -> require(papers.replay().order().equals(papers.order().hash()), "replay_order", "the statement is about another run than the one that this job calls for"),
            () -> require(!papers.replay().says().confirms(receipt), "dispute_none", "the statement says what the receipt says")));
    }

    /// Whether a key that the registry has or had for the replaying node signed its statement: changing the key does not unsay it.
    private static boolean stated(Hash job, Replay replay, SlashFacts chain) {
        return chain.node(replay.node()).map(facts -> replay.verify(job, facts.receiptKey())
            || chain.pastReceiptKeys(facts).stream().map(PastKey::key).anyMatch(key -> replay.verify(job, key))).orElse(false);
    }

    private static Ruling require(boolean holds, String code, String message) {
        return holds ? Ruling.PASS : Ruling.refuse(code, message);
    }

    /// The nodes whose signed word one's own run refutes: one of them, or both.
    public static Set<PublicKey> liars(Accusation papers, Rerun own) {
        return Stream.concat(own.confirms(papers.receipt().receipt()) ? Stream.empty() : Stream.of(papers.node()),
            own.equals(papers.replay().says()) ? Stream.empty() : Stream.of(papers.replay().node())).collect(Collectors.toUnmodifiableSet());
    }

    /// The other of the two nodes.
    public static PublicKey opponent(Accusation papers, PublicKey accused) {
        return accused.equals(papers.node()) ? papers.replay().node() : papers.node();
    }

    /// What a liar loses: the whole bond (docs/economics.md). Half goes to the node whose word was right, unless both are one operator's; the rest is burned. The
    /// payer has its payment back and gets nothing of the bond, which is in another mint and for another promise.
    ///
    /// @param accused  whose bond is taken; has one
    /// @param right    the other node; empty where its word was wrong, too, or the registry does not know it
    /// @param token    what it is rewarded on
    /// @param evidence the papers' hash
    public static Slash slash(Bonded accused, Optional<Bonded> right, UnaryOperator<PublicKey> token, Hash evidence) {
        Slash whole = Slash.burning(accused.bond(), evidence);
        long half = accused.bond() / 2;
        return right.filter(other -> half > 0 && !other.node().operator().equals(accused.node().operator()))
            .map(other -> whole.rewarding(token.apply(other.payout()), half)).orElse(whole);
    }
}
