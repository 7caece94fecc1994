package network.nyxos.node.engine.dispute;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.int8.Sequence;
import network.nyxos.node.engine.int8.WeightsTree;

/**
 * A job computed again. The engine runs the prompt and then the reply's tokens as they are given, whatever it would have chosen itself; the numbers inside
 * a block are computed when they are asked for, from the keys and values that the engine kept.
 *
 * <p>A reply with an id that the model does not have is run up to there. Keeps the job's keys and values; for one thread at a time.
 */
public final class Recomputation implements Computation {
    /** Blocks in memory: a proof asks for the one in dispute, the one before, and one of another position. */
    private static final int BLOCKS = 4;

    private record Place(int position, int layer) {
    }

    private final WeightsTree model;
    private final Job job;
    private final Sequence sequence;
    private final int[] chosen;
    private final Trace trace;
    /** The stream after a layer, layers of a position from the first on. */
    private final Map<Place, int[]> streams = new HashMap<>();
    private final Map<Place, BlockVectors> blocks = new LinkedHashMap<>(2 * BLOCKS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, BlockVectors> eldest) {
            return size() > BLOCKS;
        }
    };
    private final Map<Integer, ChoiceVectors> choices = new HashMap<>();

    private Recomputation(WeightsTree model, Job job, Sequence sequence, int[] chosen) {
        this.model = model;
        this.job = job;
        this.sequence = sequence;
        this.chosen = chosen;
        this.trace = sequence.trace(job.prompt().length + chosen.length - 1);
    }

    /**
     * Runs a job; returns when it is through.
     *
     * @param weights the model's tree
     * @throws EngineException {@code CONTEXT_EXCEEDED} or {@code INVALID_REQUEST} for a job that the model cannot run, {@code ENGINE_CLOSED}, {@code ENGINE_FAILED}
     */
    public static Recomputation of(Model model, WeightsTree weights, Job job) {
        if (job.steps() > model.decoder().context()) {
            throw new EngineException(EngineException.Code.CONTEXT_EXCEEDED, "the job has " + job.steps() + " steps; " + model.decoder().context() + " fit");
        }
        Run run = new Run(job, weights.header().vocabulary());
        Sequence sequence = model.decoder().submit(job.prompt(), run);
        try {
            return new Recomputation(weights, job, sequence, run.done.join());
        } catch (CompletionException e) {
            throw e.getCause() instanceof EngineException known ? known : new EngineException(EngineException.Code.ENGINE_FAILED, "the job could not be run again", e);
        }
    }

    /** Feeds the reply and notes what would have been chosen. */
    private static final class Run implements Sequence.Step {
        final CompletableFuture<int[]> done = new CompletableFuture<>();
        private final Job job;
        private final int[] reply;
        private final int vocabulary;
        private final int[] chosen;
        private int count;

        Run(Job job, int vocabulary) {
            this.job = job;
            this.reply = job.reply();
            this.vocabulary = vocabulary;
            this.chosen = new int[reply.length];
        }

        @Override
        public int next(int[] logits, int at) {
            chosen[count] = job.free() ? ChoiceVectors.chosen(Arrays.copyOfRange(logits, at, at + vocabulary), job.sampling(), job.seed(), count) : reply[count];
            int token = reply[count++];
            if (count == reply.length || token < 0 || token >= vocabulary) {
                done.complete(Arrays.copyOf(chosen, count));
                return DONE;
            }
            return token;
        }

        @Override
        public void failed(RuntimeException reason) {
            done.completeExceptionally(reason);
        }
    }

    /** What was run again. */
    public Job job() {
        return job;
    }

    WeightsTree model() {
        return model;
    }

    /** The first of the reply's tokens that the model does not choose when it has run those before it; empty too for a job with a form. */
    public OptionalInt wrongChoice() {
        int[] reply = job.reply();
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] != reply[i]) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /** What the model chooses as the reply's token of an index, having run those before it; of a job with a form the reply's own. */
    public int chosen(int index) {
        return chosen[index];
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public List<ChunkVector> block(int position, int layer) {
        return vectors(position, layer).all();
    }

    @Override
    public Choice choice(int position) {
        ChoiceVectors choice = choiceVectors(position);
        return new Choice(choice.candidates().size(), choice.all());
    }

    BlockVectors vectors(int position, int layer) {
        Place place = new Place(position, layer);
        BlockVectors known = blocks.get(place);
        if (known == null) {
            known = new BlockVectors(model, layer, position, stream(position, layer), (p, keyHead) -> sequence.kept(layer, p, keyHead));
            blocks.put(place, known);
        }
        return known;
    }

    ChoiceVectors choiceVectors(int position) {
        return choices.computeIfAbsent(position, _ -> new ChoiceVectors(model, stream(position, model.header().layers()), job.sampling(), job.seed(),
                position + 1 - job.prompt().length));
    }

    /** The stream that enters a layer of a position; of the number of layers: that leaves the last. */
    int[] stream(int position, int layer) {
        if (layer == 0) {
            return BlockVectors.embedding(model, job.token(position));
        }
        Place before = new Place(position, layer - 1);
        int[] known = streams.get(before);
        if (known == null) {
            known = vectors(position, layer - 1).after();
            streams.put(before, known);
        }
        return known;
    }
}
