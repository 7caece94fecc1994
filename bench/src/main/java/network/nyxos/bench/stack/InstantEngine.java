package network.nyxos.bench.stack;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.GenerationRequest;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.TokenSink;

/** Answers every chat with the same four tokens and no thought, so that what remains of a request's time is everything but the model. */
final class InstantEngine implements Engine {

    static final String MODEL = "instant-bench";
    static final Hash MODEL_ID = ModelId.of(Hash.sha256(new byte[] {1}), Hash.sha256(new byte[] {2}), "instant-bench-v1");
    static final int CONTEXT = 4096;
    private static final int PROMPT_TOKENS = 8;
    private static final int[] OUTPUT = {1, 2, 3, 4};

    @Override
    public ModelCard model() {
        return new ModelCard(MODEL_ID.hex(), MODEL, "instant-bench-v1", CONTEXT, true, false);
    }

    @Override
    public Completion generate(GenerationRequest request, TokenSink sink, Cancellation cancellation) {
        for (int i = 0; i < OUTPUT.length; i++) {
            sink.accept("word ", i + 1);
        }
        return new Completion(new int[PROMPT_TOKENS], OUTPUT, PROMPT_TOKENS, OUTPUT.length, request.maxTokens(), Completion.Finish.STOP);
    }

    @Override
    public Completion replay(ReplayRequest request, Cancellation cancellation) {
        throw new EngineException(EngineException.Code.INVALID_REQUEST, "the benchmark's engine replays nothing");
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
