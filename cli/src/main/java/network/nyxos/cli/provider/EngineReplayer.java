package network.nyxos.cli.provider;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.node.engine.Cancellation;
import network.nyxos.node.engine.Completion;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.ReplayRequest;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.job.Asked;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.job.Reason;

/** Runs disputed jobs again on an engine of this process, the one that nodes have. */
public final class EngineReplayer implements Replayer {

    private final Supplier<Engine> engine;

    /** @param engine asked when there is something to run, so that it may still be loading; stays the caller's to close */
    public EngineReplayer(Supplier<Engine> engine) {
        this.engine = engine;
    }

    /**
     * Opens the engine that a service's file names as a node's does ({@code engine = built-in}, {@code model.file}, {@code model.threads}); empty where it names
     * none. Reads the file only: the model is loaded when it is asked for.
     *
     * @param progress told what is done
     */
    public static Optional<Supplier<Engine>> of(ConfigFile config, Consumer<String> progress) {
        if (config.optional("engine").isEmpty()) {
            return Optional.empty();
        }
        Optional<EngineSettings.BuiltIn> own = EngineSettings.of(config).filter(EngineSettings.BuiltIn.class::isInstance).map(EngineSettings.BuiltIn.class::cast);
        if (own.isPresent()) {
            return Optional.of(() -> own.get().open(progress));
        }
        throw ConfigFile.invalid("a verifier's engine is built-in: only a run that comes out the same everywhere decides who lied");
    }

    /**
     * The built-in engine.
     *
     * @param weights GGUF; empty: SmolLM2-135M-Instruct, fetched once
     */
    public static Engine open(Optional<Path> weights, Consumer<String> progress) {
        return new EngineSettings.BuiltIn(weights, Optional.empty(), OptionalInt.empty()).open(progress);
    }

    @Override
    public Result run(NodeCalls.Order order) {
        Engine own = engine.get();
        if (!own.model().deterministic() || !own.model().id().equals(order.modelId().hex()) || !own.model().engine().equals(order.engine())) {
            return new Result.Unable(new Reason("model_other", "here runs model " + own.model().id() + " on " + own.model().engine() + ", the job was one of model "
                    + order.modelId() + " on " + order.engine()), false);
        }
        try {
            Completion completion = own.replay(
                    new ReplayRequest(Asked.replayed(own, order.text(), order.promptIds()), Sampling.of(order.sampler()), order.seed(), order.maxTokens(), order.constraints().stop(), order.constraints().format()), new Cancellation());
            return new Result.Ran(new Rerun(TokenHash.output(completion.outputIds()), completion.traceRoot(order.salt()), Finish.ofCode(completion.finish().wire())));
        } catch (EngineException e) {
            return new Result.Unable(new Reason(e.code().wire(), e.getMessage()), e.code() == EngineException.Code.ENGINE_FAILED || e.code() == EngineException.Code.ENGINE_CLOSED);
        }
    }
}
