package network.nyxos.node.engine.dispute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.SmolLm2;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.engine.int8.WeightsTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine's arithmetic a third time, plainly and from the leaves of the model's root: it ends where the engine's does, block by block and token by token. */
@Timeout(300)
class RecomputationTest {
    @TempDir
    private Path folder;

    private static Completion replay(Model model, int[] prompt, Sampling sampling, int tokens) {
        return new DeterministicEngine(model).replay(new ReplayRequest(prompt, sampling, 5, tokens, List.of()), new Cancellation());
    }

    private static int[] prompt(int length, int vocabulary) {
        int[] prompt = new int[length];
        for (int i = 0; i < length; i++) {
            prompt[i] = 2 + (i * 37 + length) % (vocabulary - 2);
        }
        return prompt;
    }

    @Test
    void everyBlockAndEveryChoiceOfASmallModelIsTheEngines() {
        for (long seed : new long[] {42, 43}) {
            try (Model model = Model.load(TinyModel.write(folder, seed), new Model.Options("tiny", 2, Decoder.Simd.ON, Integer.MAX_VALUE))) {
                WeightsTree weights = model.decoder().weightsTree();
                for (Sampling sampling : List.of(new Sampling(900_000, 950_000, 50), new Sampling(2_000_000, Sampling.ONE, 0), new Sampling(700_000, 1, 0), Sampling.GREEDY)) {
                    int[] prompt = prompt(120, TinyModel.VOCABULARY);
                    Completion reply = replay(model, prompt, sampling, 15);
                    Recomputation again = Recomputation.of(model, weights, new Job(prompt, reply.outputIds(), sampling, 5, true));
                    Trace trace = reply.trace().orElseThrow();
                    assertThat(again.trace().root()).isEqualTo(trace.root());
                    assertThat(again.wrongChoice()).isEmpty();
                    for (int position = 0; position < trace.steps().size(); position++) {
                        for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
                            assertThat(again.vectors(position, layer).hash()).as("block %d of step %d", layer, position).isEqualTo(trace.steps().get(position).blocks().get(layer));
                        }
                    }
                    for (int i = 0; i < reply.tokensOut(); i++) {
                        assertThat(again.choiceVectors(prompt.length - 1 + i).chosen()).isEqualTo(reply.outputIds()[i]);
                    }
                }
            }
        }
    }

    @Test
    void someBlocksAndChoicesOfTheRealModelAreTheEngines() {
        try (Model model = Model.load(SmolLm2.file(), Model.Options.named("smollm2").withThreads(2))) {
            WeightsTree weights = model.decoder().weightsTree();
            Sampling sampling = new Sampling(800_000, 900_000, 40);
            int[] prompt = prompt(150, model.tokenizer().size());
            Completion reply = replay(model, prompt, sampling, 4);
            Recomputation again = Recomputation.of(model, weights, new Job(prompt, reply.outputIds(), sampling, 5, true));
            Trace trace = reply.trace().orElseThrow();
            assertThat(again.wrongChoice()).isEmpty();
            for (int position : new int[] {64, 152}) {
                // The stream runs through all layers, so the last one's hash is over all their numbers.
                for (int layer : new int[] {0, 13, 29}) {
                    assertThat(again.vectors(position, layer).hash()).as("block %d of step %d", layer, position).isEqualTo(trace.steps().get(position).blocks().get(layer));
                }
            }
            assertThat(again.choiceVectors(152).chosen()).isEqualTo(reply.outputIds()[3]);
        }
    }

    @Test
    void aReplyIsRunAsItIsAndItsFirstWrongTokenNamed() {
        try (Model model = Model.load(TinyModel.write(folder, 42), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE))) {
            WeightsTree weights = model.decoder().weightsTree();
            Sampling sampling = new Sampling(900_000, 950_000, 50);
            int[] prompt = prompt(10, TinyModel.VOCABULARY);
            int[] reply = replay(model, prompt, sampling, 8).outputIds();
            int[] other = reply.clone();
            other[3] = (other[3] + 1) % TinyModel.VOCABULARY;
            assertThat(Recomputation.of(model, weights, new Job(prompt, other, sampling, 5, true)).wrongChoice()).hasValue(3);
            assertThat(Recomputation.of(model, weights, new Job(prompt, other, sampling, 5, false)).wrongChoice()).as("a form decides").isEmpty();
            other[3] = -5;
            Recomputation cut = Recomputation.of(model, weights, new Job(prompt, other, sampling, 5, true));
            assertThat(cut.wrongChoice()).hasValue(3);
            assertThat(cut.trace().steps()).as("up to the id that is none").hasSize(13);
            assertThat(cut.trace().steps().stream().map(Trace.Step::token).skip(10)).containsExactlyElementsOf(Arrays.stream(reply).limit(3).boxed().toList());
        }
    }
}
