package network.nyxos.node.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.engine.int8.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine's promise, on a small model with random weights: one input, one output, however it is computed. */
@Timeout(60)
class DeterministicEngineTest {
    private static final Sampling WARM = new Sampling(900_000, 950_000, 50);

    @TempDir
    private Path folder;

    private Model model(int threads, Decoder.Simd simd) {
        return Model.load(TinyModel.write(folder, 42), new Model.Options("tiny", threads, simd, Integer.MAX_VALUE));
    }

    private static ReplayRequest job(int length, Sampling sampling, long seed, int maxTokens) {
        int[] prompt = new int[length];
        for (int i = 0; i < length; i++) {
            prompt[i] = 2 + (i * 37 + length) % 256;
        }
        return new ReplayRequest(prompt, sampling, seed, maxTokens, List.of());
    }

    private static int[] run(Model model, ReplayRequest request) {
        return new DeterministicEngine(model).replay(request, new Cancellation()).outputIds();
    }

    /** A checksum over the bits of all logits of a run that is fed the given ids after the prompt. */
    private static List<Long> logits(Model model, int[] prompt, int[] following) throws InterruptedException, ExecutionException {
        java.util.concurrent.CompletableFuture<List<Long>> result = new java.util.concurrent.CompletableFuture<>();
        model.decoder().submit(prompt, new Sequence.Step() {
            private final List<Long> sums = new ArrayList<>();

            @Override
            public int next(float[] logits, int at) {
                CRC32 crc = new CRC32();
                for (int i = 0; i < TinyModel.VOCABULARY; i++) {
                    int bits = Float.floatToRawIntBits(logits[at + i]);
                    crc.update(new byte[] {(byte) bits, (byte) (bits >> 8), (byte) (bits >> 16), (byte) (bits >> 24)});
                }
                sums.add(crc.getValue());
                if (sums.size() > following.length) {
                    result.complete(sums);
                    return DONE;
                }
                return following[sums.size() - 1];
            }

            @Override
            public void failed(RuntimeException reason) {
                result.completeExceptionally(reason);
            }
        });
        return result.get();
    }

    @Test
    void logitsAreTheSameAtAnyThreadCountWithAndWithoutSimd() throws Exception {
        int[] prompt = job(150, WARM, 0, 1).promptIds();
        int[] following = {5, 9, 200, 31};
        List<Long> expected;
        try (Model model = model(1, Decoder.Simd.OFF)) {
            expected = logits(model, prompt, following);
        }
        assertThat(expected).doesNotHaveDuplicates().hasSize(5);
        for (int threads : new int[] {1, 2, 3}) {
            for (Decoder.Simd simd : Decoder.Simd.values()) {
                try (Model model = model(threads, simd)) {
                    assertThat(logits(model, prompt, following)).as("%d threads, SIMD %s", threads, simd).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void aPromptInBatchesIsAPromptTokenByToken() throws Exception {
        int[] prompt = job(100, WARM, 0, 1).promptIds();
        try (Model model = model(2, Decoder.Simd.ON)) {
            List<Long> stepwise = logits(model, new int[] {prompt[0]}, Arrays.copyOfRange(prompt, 1, prompt.length));
            assertThat(logits(model, prompt, new int[0])).containsExactly(stepwise.getLast());
            assertThat(logits(model, Arrays.copyOf(prompt, 33), new int[0])).containsExactly(stepwise.get(32));
        }
    }

    @Test
    void jobsSideBySideAreJobsAlone() throws Exception {
        try (Model model = model(2, Decoder.Simd.ON); ExecutorService pool = Executors.newFixedThreadPool(6)) {
            List<ReplayRequest> jobs = List.of(job(3, WARM, 1, 40), job(70, WARM, 2, 40), job(1, Sampling.GREEDY, 3, 60), job(33, WARM, 4, 10),
                    job(64, WARM, 5, 30), job(200, Sampling.GREEDY, 6, 20));
            List<int[]> alone = jobs.stream().map(job -> run(model, job)).toList();
            List<Future<int[]>> together = new ArrayList<>();
            for (ReplayRequest job : jobs) {
                together.add(pool.submit(() -> run(model, job)));
            }
            for (int i = 0; i < jobs.size(); i++) {
                assertThat(together.get(i).get()).as("job %d", i).isEqualTo(alone.get(i));
            }
        }
    }

    @Test
    void aReplayGivesTheOutputOfTheJob() {
        try (Model model = model(2, Decoder.Simd.AUTO); Model other = model(1, Decoder.Simd.OFF)) {
            Completion job = new DeterministicEngine(model).generate(new GenerationRequest(List.of(new ChatMessage("user", "Say something")),
                    WARM, -77, 50, List.of("zq", "\n")), TokenSink.NONE, new Cancellation());
            Completion replay = new DeterministicEngine(other).replay(new ReplayRequest(job.promptIds(), WARM, -77, job.maxTokens(), List.of("zq", "\n")),
                    new Cancellation());
            assertThat(replay.outputIds()).isEqualTo(job.outputIds());
            assertThat(replay.finish()).isEqualTo(job.finish());
        }
    }

    @Test
    void theSeedDecidesAndOnlyWhereSamplingIsOn() {
        try (Model model = model(1, Decoder.Simd.OFF)) {
            assertThat(run(model, job(5, WARM, 1, 30))).isEqualTo(run(model, job(5, WARM, 1, 30))).isNotEqualTo(run(model, job(5, WARM, 2, 30)));
            assertThat(run(model, job(5, Sampling.GREEDY, 1, 30))).isEqualTo(run(model, job(5, Sampling.GREEDY, 2, 30)));
        }
    }

    @Test
    void streamsWhatItReturns() {
        try (Model model = model(1, Decoder.Simd.OFF)) {
            StringBuilder text = new StringBuilder();
            List<Integer> counts = new ArrayList<>();
            Completion completion = new DeterministicEngine(model).generate(
                    new GenerationRequest(List.of(new ChatMessage("user", "Hi")), WARM, 9, 25, List.of()), (piece, tokens) -> {
                        assertThat(piece).isNotEmpty();
                        text.append(piece);
                        counts.add(tokens);
                    }, new Cancellation());
            assertThat(text.toString()).isEqualTo(model.tokenizer().decode(completion.outputIds()));
            assertThat(counts).isSorted();
            assertThat(completion.tokensOut()).isEqualTo(completion.outputIds().length).isLessThanOrEqualTo(25);
            assertThat(completion.tokensIn()).isEqualTo(completion.promptIds().length);
        }
    }

    @Test
    void endsAtTheContext() {
        try (Model model = model(1, Decoder.Simd.OFF)) {
            Completion completion = new DeterministicEngine(model).replay(job(TinyModel.CONTEXT - 3, Sampling.GREEDY, 0, 100), new Cancellation());
            assertThat(completion.maxTokens()).isEqualTo(3);
            assertThat(completion.tokensOut()).isLessThanOrEqualTo(3);
            assertThatThrownBy(() -> run(model, job(TinyModel.CONTEXT, Sampling.GREEDY, 0, 1))).isInstanceOfSatisfying(EngineException.class,
                    e -> assertThat(e.code()).isEqualTo(EngineException.Code.CONTEXT_EXCEEDED));
        }
    }

    @Test
    void cancellingEndsAReplyWithWhatItHas() {
        try (Model model = model(1, Decoder.Simd.OFF)) {
            Cancellation cancellation = new Cancellation();
            Completion completion = new DeterministicEngine(model).generate(new GenerationRequest(List.of(new ChatMessage("user", "Hi")),
                    new Sampling(2_000_000, Sampling.ONE, 0), 9, 400, List.of()), (piece, tokens) -> {
                        if (tokens >= 3) {
                            cancellation.cancel();
                        }
                    }, cancellation);
            assertThat(completion.finish()).isEqualTo(Completion.Finish.CANCELLED);
            assertThat(completion.tokensOut()).isGreaterThanOrEqualTo(3).isLessThan(400);
        }
    }

    @Test
    void aFailingSinkFailsItsJobOnly() {
        try (Model model = model(1, Decoder.Simd.OFF)) {
            DeterministicEngine engine = new DeterministicEngine(model);
            GenerationRequest request = new GenerationRequest(List.of(new ChatMessage("user", "Hi")), WARM, 9, 400, List.of());
            assertThatThrownBy(() -> engine.generate(request, (piece, tokens) -> {
                throw new IllegalStateException("link is gone");
            }, new Cancellation())).hasMessage("link is gone");
            assertThat(run(model, job(5, WARM, 1, 5))).isNotEmpty();
        }
    }

    @Test
    void refusesIdsOutsideTheVocabulary() {
        try (Model model = model(1, Decoder.Simd.OFF)) {
            assertThatThrownBy(() -> run(model, new ReplayRequest(new int[] {258}, WARM, 0, 1, List.of()))).hasMessageContaining("258");
        }
    }

    @Test
    void closingTheModelFailsRunningJobsWithACode() {
        Model model = model(1, Decoder.Simd.OFF);
        assertThatThrownBy(() -> new DeterministicEngine(model).generate(
                new GenerationRequest(List.of(new ChatMessage("user", "Hi")), new Sampling(2_000_000, Sampling.ONE, 0), 9, 400, List.of()),
                (piece, tokens) -> model.close(), new Cancellation()))
                .isInstanceOfSatisfying(EngineException.class, e -> assertThat(e.code()).isEqualTo(EngineException.Code.ENGINE_CLOSED));
    }

    @Test
    void theModelIdNamesWeightsTokenizerAndEngine() throws Exception {
        Path file = TinyModel.write(folder, 42);
        try (Model model = Model.load(file, new Model.Options("tiny", 1, Decoder.Simd.OFF, 100))) {
            java.security.MessageDigest digest = java.security.MessageDigest.getInstance("SHA-256");
            byte[] weights = digest.digest(java.nio.file.Files.readAllBytes(file));
            digest.update("nyxos:model:v1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            digest.update(weights);
            digest.update(model.tokenizer().hash().bytes());
            digest.update("nyx-int8-v1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(model.card().id()).isEqualTo(java.util.HexFormat.of().formatHex(digest.digest()));
            assertThat(model.card().context()).isEqualTo(100);
        }
    }
}
