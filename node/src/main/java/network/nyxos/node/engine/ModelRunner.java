package network.nyxos.node.engine;

/**
 * Runs one model; of which kind its jobs are follows from its own kind. Safe for use by many threads, and its calls block.
 *
 * <p>Every method throws {@link EngineException} with a stable code.
 */
public sealed interface ModelRunner extends AutoCloseable permits Engine, EmbeddingEngine, ServiceEngine {
    /** What it serves. */
    ModelCard model();

    @Override
    void close();
}
