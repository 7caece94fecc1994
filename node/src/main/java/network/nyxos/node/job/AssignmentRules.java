package network.nyxos.node.job;

import java.util.Map;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import software.sava.core.accounts.PublicKey;

/**
 * Whether a job is one to take. Every refusal is a {@link ProtocolException} whose code goes to the gateway.
 *
 * @param node   this node's key
 * @param tiers  what it serves
 * @param models ids of what it runs
 * @param held   ids of those whose replies it can hold to a form
 * @param prices mints it is paid in and the least it asks for in each; empty: any mint at any price
 */
public record AssignmentRules(PublicKey node, Set<Tier> tiers, Set<Hash> models, Set<Hash> held, Map<PublicKey, Price> prices) {
    /** How far clocks may differ; as in the relayer's gate. */
    private static final long CLOCK_SKEW_MS = 2_000;

    public AssignmentRules {
        tiers = Set.copyOf(tiers);
        models = Set.copyOf(models);
        held = Set.copyOf(held);
        prices = Map.copyOf(prices);
    }

    /**
     * Checks an assignment.
     *
     * @param signed  what the gateway sent
     * @param gateway the key that the link's peer must have
     * @param asked   the request
     * @param nowMs   unix milliseconds
     */
    public void check(SignedAssignment signed, PublicKey gateway, Asked asked, long nowMs) {
        Assignment order = signed.assignment();
        int maxTokens = asked.request().maxTokens();
        require(order.gateway().equals(gateway), "gateway_unknown", "the assignment is by gateway " + order.gateway() + ", this link is to " + gateway);
        require(signed.verify(), "assignment_signature", "the assignment's signature is not its gateway's");
        require(order.node().equals(node), "assignment_node", "the assignment is for node " + order.node());
        require(models.contains(order.modelId()), "model_unknown", "this node does not run model " + order.modelId());
        require(tiers.contains(order.tier()), "tier_unserved", "this node does not serve the tier " + order.tier().wireName());
        require(maxTokens >= 1 && maxTokens <= order.maxOutput(), "max_tokens_range",
                "maxTokens is " + maxTokens + ", the assignment allows 1 to " + order.maxOutput());
        // A verified job is replayed from what was signed; a bound that stands in the request alone would make an honest reply look cut off.
        require(order.tier() != Tier.VERIFIED || maxTokens == order.maxOutput(), "max_tokens_range",
                "maxTokens is " + maxTokens + ", of a verified job it must be the assignment's " + order.maxOutput());
        require(order.constraints().equals(asked.committed().hash()), "constraints_mismatch",
                "the gateway signed other constraints of the reply than it sent");
        // What the engine cannot be held to would be the node's fault in a replay.
        require(asked.request().constraints().format().isEmpty() || held.contains(order.modelId()), "format_unsupported", "this node cannot hold that model's replies to a form");
        require(order.issuedMs() <= nowMs + CLOCK_SKEW_MS, "issued_in_future", "the assignment was issued " + (order.issuedMs() - nowMs) + " ms from now");
        require(order.deadlineMs() > nowMs, "deadline_passed", "the deadline passed " + (nowMs - order.deadlineMs()) + " ms ago");
        if (!prices.isEmpty()) {
            Price least = prices.get(order.mint());
            require(least != null, "mint_unaccepted", "this node is not paid in mint " + order.mint());
            require(order.price().perMillionIn() >= least.perMillionIn() && order.price().perMillionOut() >= least.perMillionOut(), "price_too_low",
                    "this node asks for " + least.perMillionIn() + " and " + least.perMillionOut() + " base units per million tokens");
        }
        long worst = order.price().ceiling(asked.contents(), maxTokens);
        require(order.ceiling() >= worst, "ceiling_too_low", "the ceiling is " + order.ceiling() + " base units, this request can cost " + worst);
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new ProtocolException(code, message);
        }
    }
}
