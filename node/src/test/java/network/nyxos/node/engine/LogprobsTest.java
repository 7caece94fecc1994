package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.node.engine.int8.Decoder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How likely tokens were: what the numbers are of, and which of them go with which text. */
class LogprobsTest {
    private static final Sampling WARM = new Sampling(2_000_000, 900_000, 12);

    @TempDir
    private static Path models;
    private static Model model;

    @BeforeAll
    static void load() {
        model = Model.load(TinyModel.write(models, 43), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE));
    }

    @AfterAll
    static void unload() {
        model.close();
    }

    private record Said(Completion completion, String text, List<TokenLogprob> tokens) {
        byte[] bytes() {
            var all = new ByteArrayOutputStream();
            tokens.forEach(each -> all.writeBytes(each.token().bytes()));
            return all.toByteArray();
        }
    }

    private static Said ask(OptionalInt top, Sampling sampling, int maxTokens, List<String> stop) {
        var text = new StringBuilder();
        var tokens = new ArrayList<TokenLogprob>();
        var sink = new TokenSink() {
            @Override
            public void accept(String piece, int count) {
                throw new AssertionError("asked for with probabilities");
            }

            @Override
            public void accept(String piece, int count, List<TokenLogprob> logprobs) {
                text.append(piece);
                tokens.addAll(logprobs);
                assertThat(tokens).hasSizeLessThanOrEqualTo(count);
            }
        };
        Completion completion = new DeterministicEngine(model).generate(new GenerationRequest(List.of(new ChatMessage("user", "Say something")), sampling, 5, maxTokens, stop, "", top), sink,
                new Cancellation());
        return new Said(completion, text.toString(), tokens);
    }

    @Test
    void theyAreOfTheSoftmaxOverTheWholeVocabulary() {
        var random = new Random(7);
        int size = model.tokenizer().size();
        for (int round = 0; round < 50; round++) {
            int[] logits = IntStream.range(0, size + 3).map(i -> random.nextInt(40 << 16) - (20 << 16)).toArray();
            logits[3 + random.nextInt(size)] = logits[3 + random.nextInt(size)];
            int chosen = random.nextInt(size);
            var logprobs = new Logprobs(model.tokenizer(), 5);
            logprobs.took(logits, 3, chosen);
            // Whatever the token's bytes are, text of any length lets it go.
            TokenLogprob token = logprobs.of("anything").getFirst();

            double sum = IntStream.range(0, size).mapToDouble(i -> Math.exp(logits[3 + i] / 65536.0)).sum();
            assertThat(token.token().micro() / 1e6).isCloseTo(logits[3 + chosen] / 65536.0 - Math.log(sum), within(1e-6));
            int[] sorted = IntStream.range(0, size).boxed().sorted((a, b) -> logits[3 + b] == logits[3 + a] ? a - b : Integer.compare(logits[3 + b], logits[3 + a])).mapToInt(i -> i).toArray();
            for (int i = 0; i < 5; i++) {
                assertThat(token.top().get(i).bytes()).isEqualTo(model.tokenizer().bytes(sorted[i]));
                assertThat(token.top().get(i).micro() / 1e6).isCloseTo(logits[3 + sorted[i]] / 65536.0 - Math.log(sum), within(1e-6));
            }
        }
    }

    @Test
    void theReplyIsTheSameWithThemAndEachTokenOfItIsTold() {
        for (Sampling sampling : List.of(Sampling.GREEDY, WARM)) {
            Completion without = new DeterministicEngine(model).generate(new GenerationRequest(List.of(new ChatMessage("user", "Say something")), sampling, 5, 40, List.of()), TokenSink.NONE,
                    new Cancellation());
            Said said = ask(OptionalInt.of(20), sampling, 40, List.of());
            assertThat(said.completion().outputIds()).isEqualTo(without.outputIds());
            assertThat(said.completion().traceRoot(network.nyxos.escrow.crypto.Hash.ZERO)).isEqualTo(without.traceRoot(network.nyxos.escrow.crypto.Hash.ZERO));
            assertThat(new String(said.bytes(), StandardCharsets.UTF_8)).isEqualTo(said.text());
            assertThat(said.tokens()).allSatisfy(each -> {
                assertThat(each.top()).hasSize(20);
                assertThat(each.token().micro()).isNotPositive();
                assertThat(each.top()).extracting(TokenLogprob.Likely::micro).isSortedAccordingTo((a, b) -> b - a);
            });
            if (sampling.greedy()) {
                assertThat(said.tokens()).allSatisfy(each -> assertThat(each.top().getFirst().micro()).isEqualTo(each.token().micro()));
            }
        }
        assertThat(ask(OptionalInt.of(0), WARM, 5, List.of()).tokens()).isNotEmpty().allSatisfy(each -> assertThat(each.top()).isEmpty());
        assertThat(ask(OptionalInt.empty(), WARM, 5, List.of()).tokens()).isEmpty();
    }

    @Test
    void whatAStopTextCutsOffIsNotTold() {
        Said whole = ask(OptionalInt.of(0), WARM, 40, List.of());
        String stop = whole.text().substring(whole.text().length() / 2, whole.text().length() / 2 + 2);
        Said cut = ask(OptionalInt.of(0), WARM, 40, List.of(stop));
        assertThat(cut.text()).isEqualTo(whole.text().substring(0, whole.text().indexOf(stop)));
        assertThat(cut.tokens()).hasSizeLessThan(whole.tokens().size()).isEqualTo(whole.tokens().subList(0, cut.tokens().size()));
        assertThat(new String(cut.bytes(), StandardCharsets.UTF_8)).startsWith(cut.text());
    }

    @Test
    void atMostTwentyAreTold() {
        assertThatThrownBy(() -> ask(OptionalInt.of(21), WARM, 5, List.of())).isInstanceOfSatisfying(EngineException.class,
                e -> assertThat(e.code()).isEqualTo(EngineException.Code.INVALID_REQUEST));
    }
}
