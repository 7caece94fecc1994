package network.nyxos.cli.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import network.nyxos.node.engine.ModelRunner;

/**
 * What a node runs, open.
 *
 * @param all at least one
 */
record Runners(List<ModelRunner> all) implements AutoCloseable {

    /**
     * Opens what the settings name; what was opened is closed again when another cannot be.
     *
     * @throws network.nyxos.node.engine.EngineException when a model cannot be had
     */
    static Runners open(NodeSettings settings, Consumer<String> progress) {
        var all = new ArrayList<ModelRunner>();
        try {
            settings.engines().forEach(engine -> all.add(engine.open(progress)));
            return new Runners(List.copyOf(all));
        } catch (RuntimeException e) {
            all.forEach(ModelRunner::close);
            throw e;
        }
    }

    @Override
    public void close() {
        all.forEach(ModelRunner::close);
    }
}
