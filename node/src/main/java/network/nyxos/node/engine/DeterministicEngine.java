package network.nyxos.node.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import network.nyxos.escrow.job.TokenLogprob;
import network.nyxos.node.engine.format.Guide;
import network.nyxos.node.engine.int8.Sequence;
import network.nyxos.node.engine.tokenizer.StreamingText;

/**
 * {@code nyx-int8-v1}: the same ids, sampler and seed give the same output ids and the same {@link Trace} at any thread count, with or without SIMD,
 * on any CPU. Closing it leaves the {@link Model}, which others may share, open.
 */
public final class DeterministicEngine implements Engine {
    private sealed interface Event {
        record Piece(String text, int tokens, List<TokenLogprob> logprobs) implements Event { }

        record End(Completion.Finish finish) implements Event { }

        record Failure(RuntimeException reason) implements Event { }
    }

    private final Model model;
    private volatile boolean closed;

    /** @param model loaded; stays the caller's to close */
    public DeterministicEngine(Model model) {
        this.model = model;
    }

    /** The model that it runs. */
    public Model loaded() {
        return model;
    }

    @Override
    public ModelCard model() {
        return model.card();
    }

    @Override
    public Completion generate(GenerationRequest request, TokenSink sink, Cancellation cancellation) {
        int[] prompt = promptIds(request.messages());
        return replay(new ReplayRequest(prompt, request.sampling(), request.seed(), request.maxTokens(), request.stop(), request.format()), request.topLogprobs(), sink, cancellation);
    }

    @Override
    public int[] promptIds(List<ChatMessage> messages) {
        return model.template().encode(messages);
    }

    @Override
    public Completion replay(ReplayRequest request, Cancellation cancellation) {
        return replay(request, OptionalInt.empty(), TokenSink.NONE, cancellation);
    }

    private Completion replay(ReplayRequest request, OptionalInt topLogprobs, TokenSink sink, Cancellation cancellation) {
        int[] prompt = request.promptIds();
        if (closed) {
            throw new EngineException(EngineException.Code.ENGINE_CLOSED, "the engine was closed");
        }
        int room = model.card().context() - prompt.length;
        if (room < 1) {
            throw new EngineException(EngineException.Code.CONTEXT_EXCEEDED, "the prompt has " + prompt.length
                    + " tokens, and the model's context holds " + model.card().context() + " with the reply: shorten the messages");
        }
        Reply reply = new Reply(request, model.forms().guide(request.format()), Math.min(request.maxTokens(), room), topLogprobs);
        Sequence sequence = model.decoder().submit(prompt, reply);
        cancellation.onCancel(() -> {
            sequence.cancel();
            reply.cancel();
        });
        try {
            while (true) {
                switch (reply.events.take()) {
                    case Event.Piece piece -> sink.accept(piece.text(), piece.tokens(), piece.logprobs());
                    case Event.End end -> {
                        int[] output = reply.output();
                        Optional<Trace> trace = output.length == 0 ? Optional.empty() : Optional.of(sequence.trace(prompt.length + output.length - 1));
                        return new Completion(prompt, output, prompt.length, output.length, reply.maxTokens, end.finish(), trace);
                    }
                    case Event.Failure failure -> throw failure.reason();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(EngineException.Code.ENGINE_FAILED, "interrupted while the reply was made", e);
        } finally {
            // A sink that throws must not leave the decoder working for nobody.
            sequence.cancel();
            reply.cancel();
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    /** What the decoder's thread does with logits: choose, note, hand text over. */
    private final class Reply implements Sequence.Step {
        final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        final int maxTokens;
        private final Sampler sampler;
        private final Guide guide;
        private final StreamingText text;
        private int[] ids = new int[64];
        private int count;
        private boolean ended;
        private final Optional<Logprobs> logprobs;

        Reply(ReplayRequest request, Guide guide, int maxTokens, OptionalInt topLogprobs) {
            this.logprobs = topLogprobs.isPresent() ? Optional.of(new Logprobs(model.tokenizer(), topLogprobs.getAsInt())) : Optional.empty();
            this.sampler = new Sampler(request.sampling(), request.seed());
            this.guide = guide;
            this.text = new StreamingText(model.tokenizer(), request.stop());
            this.maxTokens = maxTokens;
        }

        @Override
        public synchronized int next(int[] logits, int at) {
            if (ended) {
                return DONE;
            }
            int id = sampler.pick(logits, at, model.tokenizer().size(), guide.mask());
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, count * 2);
            }
            ids[count++] = id;
            if (model.tokenizer().endsGeneration(id)) {
                return end(Completion.Finish.STOP);
            }
            guide.took(id);
            logprobs.ifPresent(each -> each.took(logits, at, id));
            piece(text.accept(id));
            if (text.stopped()) {
                return end(Completion.Finish.STOP);
            }
            return count == maxTokens ? end(Completion.Finish.LENGTH) : id;
        }

        synchronized void cancel() {
            if (!ended) {
                end(Completion.Finish.CANCELLED);
            }
        }

        private int end(Completion.Finish finish) {
            ended = true;
            if (!text.stopped()) {
                // Half a character is the end of no form; without a form it shows as U+FFFD.
                piece(guide == Guide.FREE ? text.finish() : text.cut());
            }
            events.add(new Event.End(finish));
            return DONE;
        }

        private void piece(String piece) {
            if (!piece.isEmpty()) {
                events.add(new Event.Piece(piece, count, logprobs.map(each -> each.of(piece)).orElse(List.of())));
            }
        }

        @Override
        public synchronized void failed(RuntimeException reason) {
            if (!ended) {
                ended = true;
                events.add(new Event.Failure(reason));
            }
        }

        synchronized int[] output() {
            return Arrays.copyOf(ids, count);
        }
    }
}
