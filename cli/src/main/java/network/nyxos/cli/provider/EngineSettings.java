package network.nyxos.cli.provider;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import network.nyxos.cli.up.StackException;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.node.engine.ModelFiles;
import network.nyxos.node.engine.OpenAiServerEngine;

/** What runs the model: this process, or a server that speaks OpenAI's chat completions. */
sealed interface EngineSettings {

    /** Keys of the configuration. */
    Set<String> KEYS = Set.of("engine", "engine.model", "engine.key-file", "model.file", "model.name", "model.threads", "model.id", "model.context");

    /**
     * The built-in engine, which is deterministic.
     *
     * @param file    weights (GGUF); empty: SmolLM2-135M-Instruct, fetched once
     * @param name    what clients call it; empty: after the file
     * @param threads how many it computes on; empty: as many as the machine has
     */
    record BuiltIn(Optional<Path> file, Optional<String> name, OptionalInt threads) implements EngineSettings {
        @Override
        public Engine open(Consumer<String> progress) {
            Path weights = file.orElseGet(() -> ModelFiles.standard().require(ModelFiles.SMOLLM2_135M, (step, fraction) -> { }));
            String called = name.orElseGet(() -> file.map(path -> path.getFileName().toString().replaceFirst("\\.gguf$", "")).orElse(ModelFiles.SMOLLM2_135M.name()));
            progress.accept("loading " + weights);
            Model.Options options = Model.Options.named(called);
            return new DeterministicEngine(Model.load(weights, threads.isPresent() ? options.withThreads(threads.getAsInt()) : options));
        }
    }

    /**
     * A server's model. Not deterministic, so for the open and confidential tiers.
     *
     * @param server  up to and with {@code /v1}
     * @param card    what it is towards gateways
     * @param model   what the server calls it
     * @param keyFile a file with the bearer token
     */
    record Server(URI server, ModelCard card, String model, Optional<Path> keyFile) implements EngineSettings {
        @Override
        public Engine open(Consumer<String> progress) {
            progress.accept("using model " + model + " of " + server);
            return new OpenAiServerEngine(card, server, model, keyFile.map(Server::token));
        }

        private static String token(Path file) {
            try {
                return Files.readString(file).strip();
            } catch (java.io.IOException e) {
                throw new StackException("config_invalid", "engine.key-file " + file + " cannot be read");
            }
        }
    }

    /**
     * Gets it ready.
     *
     * @param progress told what is done
     * @throws EngineException when the model cannot be had
     */
    Engine open(Consumer<String> progress);

    /**
     * Reads {@code engine} ({@code built-in}, the default, or a server's base URL). Built-in: {@code model.file}, {@code model.name}, {@code model.threads}.
     * A server: {@code engine.model}, {@code engine.key-file}, {@code model.name}, {@code model.id}, {@code model.context}.
     */
    static EngineSettings of(Map<String, String> values) {
        if (values.getOrDefault("engine", "built-in").equals("built-in")) {
            return new BuiltIn(Optional.ofNullable(values.get("model.file")).map(Path::of), Optional.ofNullable(values.get("model.name")),
                    values.containsKey("model.threads") ? OptionalInt.of(number(values, "model.threads")) : OptionalInt.empty());
        }
        URI server = NodeSettings.url(values, "engine");
        String name = NodeSettings.required(values, "model.name");
        try {
            return new Server(server, new ModelCard(NodeSettings.required(values, "model.id"), name, "openai", number(values, "model.context"), false),
                    values.getOrDefault("engine.model", name), Optional.ofNullable(values.get("engine.key-file")).map(Path::of));
        } catch (IllegalArgumentException e) {
            throw new StackException("config_invalid", "model." + e.getMessage());
        }
    }

    private static int number(Map<String, String> values, String name) {
        String text = NodeSettings.required(values, name);
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new StackException("config_invalid", name + " is a whole number from 1 on, not '" + text + "'");
        }
        return Integer.parseInt(text);
    }
}
