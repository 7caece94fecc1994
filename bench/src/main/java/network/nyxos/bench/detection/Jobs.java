package network.nyxos.bench.detection;

import java.util.List;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.escrow.wire.WireMessage;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.ChatMessage;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.job.Outcome;
import network.nyxos.node.job.ReceiptWriter;
import network.nyxos.relayer.gate.Revealed;
import software.sava.core.accounts.PublicKey;

/** Random jobs as a gateway orders them and a node does them: any sampler, stop texts that may appear, a form or none. The same seed gives the same jobs. */
final class Jobs {

    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static final Price PRICE = new Price(1_000_000, 1_000_000);
    private static final int MOST_TOKENS = 24;
    /** What replies are held to, and nothing. */
    private static final List<String> FORMS = List.of("", "", "{\"type\":\"json_object\"}", "{\"schema\":{\"items\":{\"enum\":[\"a\",\"bc\",null]},\"type\":\"array\"},\"type\":\"json_schema\"}",
            "{\"choice\":\"auto\",\"parallel\":true,\"tools\":[{\"name\":\"f\",\"parameters\":{\"additionalProperties\":false,\"properties\":{},\"required\":[],\"type\":\"object\"}}],\"type\":\"tools\"}");

    private final Random random;
    private final Keypair gateway;
    private final Keypair node;

    /** @param node whose receipts these are, key and receipt key in one */
    Jobs(Random random, Keypair gateway, Keypair node) {
        this.random = random;
        this.gateway = gateway;
        this.node = node;
    }

    /**
     * What is asked.
     *
     * @param order the gateway's assignment
     * @param text  the prompt
     * @param limits what the reply keeps to besides
     */
    record Asked(Assignment order, PromptText text, Constraints limits) {
        /** As the engine takes it. */
        GenerationRequest request() {
            List<ChatMessage> messages = text.messages().stream().map(message -> new ChatMessage(message.role(), message.content())).toList();
            return new GenerationRequest(messages, Sampling.of(order.sampler()), order.seed(), order.maxOutput(), limits.stop(), limits.format());
        }

        /** The reply of an engine that is honest. */
        Completion answered(Engine engine) {
            return engine.generate(request(), (piece, tokens) -> { }, new Cancellation());
        }
    }

    /** The next question to a model. */
    Asked next(Hash modelId) {
        var sampler = new Sampler(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(1_500_000), random.nextBoolean() ? 1_000_000 : 1 + random.nextInt(999_999), random.nextInt(60));
        var text = new PromptText(Hash.random(random), List.of(new WireMessage.ChatMessage("user", letters(1 + random.nextInt(40)))));
        var limits = new Constraints(random.nextInt(3) == 0 ? List.of(letters(1), letters(2)) : List.of(), FORMS.get(random.nextInt(FORMS.size())), text.hash());
        var order = new Assignment(Hash.random(random), gateway.publicKey(), node.publicKey(), modelId, Tier.VERIFIED, 0, 1 + random.nextInt(MOST_TOKENS), MINT, PRICE, 1_000_000,
                Payment.VOUCHER, Hash.random(random), random.nextLong(), sampler, limits.hash(), Hash.ZERO, 1_000, 100_000);
        return new Asked(order, text, limits);
    }

    /** A job's papers, whatever was done for it. */
    ServedJob served(Asked asked, Completion done, String engine) {
        Hash salt = Hash.random(random);
        var receipt = new ReceiptWriter(node).write(asked.order(), Outcome.of(done, salt), engine, Hash.ZERO, 2_000, 3_000);
        return new ServedJob(asked.order().sign(gateway), receipt, new Revealed(salt, done.promptIds(), done.outputIds(), asked.limits(), asked.text()), done);
    }

    /** The reply of an engine that is honest, to a client that now and then hangs up in its midst. */
    Completion answered(Asked asked, Engine engine) {
        var cancellation = new Cancellation();
        int hangUp = random.nextInt(4) == 0 ? 1 + random.nextInt(asked.order().maxOutput()) : Integer.MAX_VALUE;
        return engine.generate(asked.request(), (piece, tokens) -> {
            if (tokens >= hangUp) {
                cancellation.cancel();
            }
        }, cancellation);
    }

    private String letters(int count) {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
