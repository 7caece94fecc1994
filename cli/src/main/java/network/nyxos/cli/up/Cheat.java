package network.nyxos.cli.up;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.ChatMessage;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.TokenSink;

/**
 * An engine that says that it is another, and does not do what that one does: what demonstration and tests catch. No command gives it to a node of anybody.
 *
 * @param claimed  the engine that it says it is, by which it replays
 * @param serving  what it makes of a chat
 * @param replayed what it makes of a replay's true outcome
 */
public record Cheat(Engine claimed, BiFunction<GenerationRequest, TokenSink, Completion> serving, UnaryOperator<Completion> replayed) implements Engine {

    /** Serves another model's output under the claimed id. */
    public static UnaryOperator<Engine> otherModel(Engine other) {
        return claimed -> new Cheat(claimed, (request, sink) -> other.generate(request, sink, new Cancellation()), UnaryOperator.identity());
    }

    /** Gives the prompt back in place of the model's reply: next to no work, under the claimed model's id. */
    public static UnaryOperator<Engine> parrot() {
        return claimed -> new Cheat(claimed, (request, sink) -> {
            var one = new GenerationRequest(request.messages(), request.sampling(), request.seed(), 1, List.of());
            int[] prompt = claimed.generate(one, TokenSink.NONE, new Cancellation()).promptIds();
            int[] output = Arrays.copyOf(prompt, Math.min(prompt.length, request.maxTokens()));
            sink.accept(request.messages().getLast().content(), output.length);
            return new Completion(prompt, output, prompt.length, output.length, request.maxTokens(), Completion.Finish.STOP);
        }, UnaryOperator.identity());
    }

    /** Changes one token of the true reply. */
    public static UnaryOperator<Engine> flipsOneToken() {
        return claimed -> new Cheat(claimed, (request, sink) -> flipped(claimed.generate(request, sink, new Cancellation())), UnaryOperator.identity());
    }

    /** Stops early and says that the model did. */
    public static UnaryOperator<Engine> truncates() {
        return claimed -> new Cheat(claimed, (request, sink) -> {
            var shorter = new GenerationRequest(request.messages(), request.sampling(), request.seed(), Math.max(1, request.maxTokens() / 2), request.stop(), request.format());
            Completion half = claimed.generate(shorter, sink, new Cancellation());
            return new Completion(half.promptIds(), half.outputIds(), half.tokensIn(), half.tokensOut(), request.maxTokens(), Completion.Finish.STOP, half.trace());
        }, UnaryOperator.identity());
    }

    /** Gives the true tokens and the trace of something else: it has them from elsewhere, or computed them in another way. */
    public static UnaryOperator<Engine> othersWork() {
        return claimed -> new Cheat(claimed, (request, sink) -> {
            Completion right = claimed.generate(request, sink, new Cancellation());
            var other = new ReplayRequest(Arrays.copyOf(right.promptIds(), 1), request.sampling(), request.seed(), 2, request.stop(), request.format());
            return new Completion(right.promptIds(), right.outputIds(), right.tokensIn(), right.tokensOut(), right.maxTokens(), right.finish(),
                    claimed.replay(other, new Cancellation()).trace());
        }, UnaryOperator.identity());
    }

    /** Computes every reply as it should be, to a question of its own: one that it has answered already, or a shorter one. */
    public static UnaryOperator<Engine> answersAnother() {
        return claimed -> new Cheat(claimed, (request, sink) -> claimed.generate(new GenerationRequest(List.of(new ChatMessage("user", "Count.")), request.sampling(), request.seed(),
                request.maxTokens(), request.stop(), request.format()), sink, new Cancellation()), UnaryOperator.identity());
    }

    /** Draws by a seed of its own. */
    public static UnaryOperator<Engine> drawsByItsOwnSeed() {
        return claimed -> new Cheat(claimed, (request, sink) -> claimed.generate(new GenerationRequest(request.messages(), request.sampling(), request.seed() + 1, request.maxTokens(),
                request.stop(), request.format()), sink, new Cancellation()), UnaryOperator.identity());
    }

    /** Puts a token behind the true reply that the model never gave, to be paid for it. */
    public static UnaryOperator<Engine> inflates() {
        return claimed -> new Cheat(claimed, (request, sink) -> {
            Completion right = claimed.generate(request, sink, new Cancellation());
            int[] more = Arrays.copyOf(right.outputIds(), right.tokensOut() + 1);
            return new Completion(right.promptIds(), more, right.tokensIn(), more.length, right.maxTokens(), right.finish(), right.trace());
        }, UnaryOperator.identity());
    }

    /** Serves honestly, and replays falsely. */
    public static UnaryOperator<Engine> liesAboutOthers() {
        return claimed -> new Cheat(claimed, (request, sink) -> claimed.generate(request, sink, new Cancellation()), Cheat::flipped);
    }

    private static Completion flipped(Completion right) {
        int[] ids = right.outputIds();
        int at = ids.length / 2;
        ids[at] = ids[at] == 7 ? 8 : 7;
        return new Completion(right.promptIds(), ids, right.tokensIn(), right.tokensOut(), right.maxTokens(), right.finish(), right.trace());
    }

    @Override
    public ModelCard model() {
        return claimed.model();
    }

    @Override
    public Completion generate(GenerationRequest request, TokenSink sink, Cancellation cancellation) {
        return serving.apply(request, sink);
    }

    @Override
    public int[] promptIds(List<ChatMessage> messages) {
        return claimed.promptIds(messages);
    }

    @Override
    public Completion replay(ReplayRequest request, Cancellation cancellation) {
        return replayed.apply(claimed.replay(request, cancellation));
    }

    @Override
    public void close() {
    }
}
