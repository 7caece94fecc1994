package network.nyxos.cli.provider;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Embedding;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.escrow.job.ModelKind;
import network.nyxos.escrow.job.ServiceBody;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.HttpService;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.node.engine.ModelFiles;
import network.nyxos.node.engine.ModelRunner;
import network.nyxos.node.engine.OnnxEmbeddingEngine;
import network.nyxos.node.engine.OpenAiServerEmbeddings;
import network.nyxos.node.engine.OpenAiServerEngine;

/** What runs a model, this process or a server that speaks OpenAI's API; or an agent's own service. */
sealed interface EngineSettings {

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

    /** The built-in embedding model, which comes with the program. Not deterministic to the last bit, so for the open and confidential tiers. */
    record MiniLm() implements EngineSettings {
        @Override
        public ModelRunner open(Consumer<String> progress) {
            progress.accept("loading " + OnnxEmbeddingEngine.MINILM);
            return OnnxEmbeddingEngine.miniLm();
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
        public ModelRunner open(Consumer<String> progress) {
            progress.accept("using model " + model + " of " + server);
            return switch (card.kind()) {
                case ModelKind.Chat _ -> new OpenAiServerEngine(card, server, model, keyFile.map(Server::token));
                case ModelKind.Embedding _ -> new OpenAiServerEmbeddings(card, server, model, keyFile.map(Server::token));
                case ModelKind.Service _ -> throw new IllegalStateException("a service is no model of a server");
            };
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
     * An agent's own service, for the open tier.
     *
     * @param name  what clients call it
     * @param url   where it answers, on this machine or beside it
     * @param limit how long a call may take
     * @param most  bytes of a reply
     */
    record AgentService(String name, URI url, Duration limit, int most) implements EngineSettings {
        // Gateways wait for a minute unless they are told otherwise.
        private static final Duration USUAL = Duration.ofSeconds(30);
        private static final int USUAL_BYTES = 64 * 1024;

        @Override
        public ModelRunner open(Consumer<String> progress) {
            progress.accept("selling service " + name + " of " + url.getScheme() + "://" + url.getAuthority());
            return new HttpService(name, url, limit, most);
        }

        /**
         * Reads {@code services}, names with commas between, and of each {@code service.NAME.url}, {@code service.NAME.seconds} (default 30, at most 240) and
         * {@code service.NAME.reply-bytes} (default 65 536, at most 524 288).
         */
        static List<AgentService> all(ConfigFile config) {
            return config.list("services").stream().map(name -> of(config, name)).toList();
        }

        private static AgentService of(ConfigFile config, String name) {
            String at = "service." + name + ".";
            try {
                ModelId.ofService(name);
            } catch (ProtocolException e) {
                throw ConfigFile.invalid("services: " + e.getMessage());
            }
            int seconds = config.number(at + "seconds", (int) USUAL.toSeconds(), 1, 240);
            URI url = config.url(at + "url");
            if (url.getHost() == null || url.getUserInfo() != null || url.getFragment() != null) {
                throw ConfigFile.invalid(at + "url has a host, and neither a user nor a fragment");
            }
            return new AgentService(name, url, Duration.ofSeconds(seconds), config.number(at + "reply-bytes", USUAL_BYTES, 1, ServiceBody.MAX_REPLY));
        }
    }

    /**
     * Gets it ready.
     *
     * @param progress told what is done
     * @throws EngineException when the model cannot be had
     */
    ModelRunner open(Consumer<String> progress);

    /**
     * Reads {@code engine}: {@code built-in}, the default, {@code minilm}, {@code none}, or a server's base URL. Built-in: {@code model.file}, {@code model.name}, {@code model.threads}.
     * A server: {@code engine.model}, {@code engine.key-file}, {@code model.name}, {@code model.id}, {@code model.context}, and {@code model.dimensions} where it makes embeddings.
     */
    static Optional<EngineSettings> of(ConfigFile config) {
        return switch (config.optional("engine").orElse("built-in")) {
            case "built-in" -> Optional.of(builtIn(config));
            case "minilm" -> Optional.of(new MiniLm());
            case "none" -> Optional.empty();
            default -> Optional.of(server(config));
        };
    }

    private static EngineSettings builtIn(ConfigFile config) {
        OptionalInt threads = config.optional("model.threads").isPresent() ? OptionalInt.of(config.number("model.threads", 1, 1, 1024)) : OptionalInt.empty();
        return new BuiltIn(config.file("model.file"), config.optional("model.name"), threads);
    }

    private static EngineSettings server(ConfigFile config) {
        URI server = config.url("engine");
        String name = config.text("model.name");
        config.text("model.context");
        int dimensions = config.number("model.dimensions", 0, 1, Embedding.MAX_DIMENSIONS);
        ModelKind kind = dimensions == 0 ? new ModelKind.Chat(false, false) : new ModelKind.Embedding(dimensions);
        try {
            return new Server(server, new ModelCard(config.text("model.id"), name, "openai", config.number("model.context", 0, 1, 100_000_000), false, kind),
                    config.optional("engine.model").orElse(name), config.file("engine.key-file"));
        } catch (IllegalArgumentException e) {
            throw ConfigFile.invalid("model." + e.getMessage());
        }
    }
}
