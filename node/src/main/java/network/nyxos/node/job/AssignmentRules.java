package network.nyxos.node.job;

import java.util.Map;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.node.engine.EmbeddingEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.engine.ServiceEngine;
import software.sava.core.accounts.PublicKey;

/**
 * Whether a job is one to take. Every refusal is a {@link ProtocolException} whose code goes to the gateway.
 *
 * @param node      this node's key
 * @param tiers     what it serves
 * @param runners   what runs its models, by their ids
 * @param prices    mints it is paid in and the least it asks for in each; empty: any mint at any price
 * @param embedding the same of embedding models where they have prices of their own; empty: {@code prices}. Vectors have no output tokens, so the first price counts alone
 * @param services  by their names, mints that services are paid in and the least base units for a call; empty: any mint at any price
 */
public record AssignmentRules(PublicKey node, Set<Tier> tiers, Map<Hash, ModelRunner> runners, Map<PublicKey, Price> prices, Map<PublicKey, Price> embedding,
        Map<String, Map<PublicKey, Long>> services) {
    /** How far clocks may differ; as in the relayer's gate. */
    private static final long CLOCK_SKEW_MS = 2_000;

    public AssignmentRules {
        tiers = Set.copyOf(tiers);
        runners = Map.copyOf(runners);
        prices = Map.copyOf(prices);
        embedding = Map.copyOf(embedding);
        services = Map.copyOf(services);
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
        require(order.gateway().equals(gateway), "gateway_unknown", "the assignment is by gateway " + order.gateway() + ", this link is to " + gateway);
        require(signed.verify(), "assignment_signature", "the assignment's signature is not its gateway's");
        require(order.node().equals(node), "assignment_node", "the assignment is for node " + order.node());
        require(runners.containsKey(order.modelId()), "model_unknown", "this node does not run model " + order.modelId());
        require(tiers.contains(order.tier()), "tier_unserved", "this node does not serve the tier " + order.tier().wireName());
        require(order.constraints().equals(asked.committed().hash()), "constraints_mismatch",
                "the gateway signed other constraints of the reply than it sent");
        require(order.issuedMs() <= nowMs + CLOCK_SKEW_MS, "issued_in_future", "the assignment was issued " + (order.issuedMs() - nowMs) + " ms from now");
        require(order.deadlineMs() > nowMs, "deadline_passed", "the deadline passed " + (nowMs - order.deadlineMs()) + " ms ago");
        long worst = switch (asked) {
            case Asked.Chat chat when runners.get(order.modelId()) instanceof Engine engine -> worst(order, chat, engine);
            case Asked.Embeddings embeddings when runners.get(order.modelId()) instanceof EmbeddingEngine engine -> worst(order, embeddings, engine);
            case Asked.Call _ when runners.get(order.modelId()) instanceof ServiceEngine service -> worst(order, service.model().name());
            case Asked.Chat _ -> throw new ProtocolException("job_kind", "that model does something else and continues no chats");
            case Asked.Embeddings _ -> throw new ProtocolException("job_kind", "that model does something else and makes no embeddings");
            case Asked.Call _ -> throw new ProtocolException("job_kind", "that model is no service");
        };
        require(order.ceiling() >= worst, "ceiling_too_low", "the ceiling is " + order.ceiling() + " base units, this request can cost " + worst);
    }

    private long worst(Assignment order, Asked.Chat chat, Engine engine) {
        int maxTokens = chat.request().maxTokens();
        int choices = chat.request().choices();
        long all = chat.request().maxTokensOfAll();
        require(maxTokens >= 1 && all <= order.maxOutput(), "max_tokens_range",
                "maxTokens is " + maxTokens + " of " + choices + (choices == 1 ? " choice" : " choices") + ", the assignment allows 1 to " + order.maxOutput() + " together");
        // A trace and a replay are of one sequence.
        require(order.tier() != Tier.VERIFIED || choices == 1, "choices_unsupported", "a verified job has one choice, this asks for " + choices);
        // A verified job is replayed from what was signed; a bound that stands in the request alone would make an honest reply look cut off.
        require(order.tier() != Tier.VERIFIED || maxTokens == order.maxOutput(), "max_tokens_range",
                "maxTokens is " + maxTokens + ", of a verified job it must be the assignment's " + order.maxOutput());
        // What the engine cannot be held to would be the node's fault in a replay.
        require(chat.request().constraints().format().isEmpty() || engine.model().formats(), "format_unsupported", "this node cannot hold that model's replies to a form");
        require(chat.request().topLogprobs().isEmpty() || engine.model().kind() instanceof ModelKind.Chat able && able.logprobs(), "logprobs_unsupported",
                "this node does not give that model's probabilities");
        requirePrice(order, prices, order.price().perMillionOut());
        return order.price().ceiling(chat.contents(), all);
    }

    private long worst(Assignment order, Asked.Embeddings asked, EmbeddingEngine engine) {
        // What differs between machines in its last bits can be replayed by nobody.
        require(order.tier() != Tier.VERIFIED, "tier_unserved", "embeddings are not served with tier " + order.tier().wireName());
        requirePrice(order, embedding.isEmpty() ? prices : embedding, Long.MAX_VALUE);
        try {
            return order.price().charge(engine.tokensAtMost(asked.request().inputs()), 0);
        } catch (EngineException e) {
            throw new ProtocolException(e.code().wire(), e.getMessage(), e);
        }
    }

    private long worst(Assignment order, String service) {
        require(order.tier() == Tier.OPEN, "tier_unserved", "what a service says can be checked by nobody, so it is served with tier open alone");
        require(order.maxOutput() >= 1, "max_tokens_range", "a call of a service is one output token, the assignment allows none");
        long price = order.price().charge(0, 1);
        if (!services.isEmpty()) {
            Long least = services.getOrDefault(service, Map.of()).get(order.mint());
            require(least != null, "mint_unaccepted", "this node is not paid in mint " + order.mint() + " for service " + service);
            require(price >= least, "price_too_low", "this node asks for " + least + " base units a call");
        }
        return price;
    }

    /** @param out what is paid for a million output tokens */
    private static void requirePrice(Assignment order, Map<PublicKey, Price> prices, long out) {
        if (!prices.isEmpty()) {
            Price least = prices.get(order.mint());
            require(least != null, "mint_unaccepted", "this node is not paid in mint " + order.mint());
            require(order.price().perMillionIn() >= least.perMillionIn() && out >= least.perMillionOut(), "price_too_low",
                    "this node asks for " + least.perMillionIn() + " and " + least.perMillionOut() + " base units per million tokens");
        }
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new ProtocolException(code, message);
        }
    }
}
