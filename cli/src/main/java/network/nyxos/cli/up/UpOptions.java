package network.nyxos.cli.up;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.program.RegistryCalls;
import picocli.CommandLine.Option;

/** Every choice of {@code nyxos up}; the defaults need nothing on the machine but what the README names. */
public final class UpOptions {

    private static final long SILENCE = 1_500;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = ".nyxos", description = "Keep all state here; a second run continues (default: ${DEFAULT-VALUE}).")
    Path data;

    @Option(names = "--once", description = "Exit after the job: 0 only if every step held and the table balances.")
    boolean once;

    @Option(names = "--json", description = "Print the closing table as JSON on standard output; steps go to standard error.")
    boolean json;

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "127.0.0.1", description = "Where everything listens (default: ${DEFAULT-VALUE}).")
    String host;

    @Option(names = "--rpc-port", paramLabel = "N", defaultValue = "8899", description = "Local chain: JSON-RPC (default: ${DEFAULT-VALUE}; 0: any free one).")
    int rpcPort;

    @Option(names = "--ws-port", paramLabel = "N", defaultValue = "8900", description = "Local chain: PubSub (default: ${DEFAULT-VALUE}; 0: any free one).")
    int wsPort;

    @Option(names = "--gateway-port", paramLabel = "N", defaultValue = "8402", description = "Gateway (default: ${DEFAULT-VALUE}; 0: any free one).")
    int gatewayPort;

    @Option(names = "--relayer-port", paramLabel = "N", defaultValue = "8403", description = "Relayer (default: ${DEFAULT-VALUE}; 0: any free one).")
    int relayerPort;

    @Option(names = "--indexer-port", paramLabel = "N", defaultValue = "8404", description = "Indexer and its page (default: ${DEFAULT-VALUE}; 0: any free one).")
    int indexerPort;

    @Option(names = "--postgres-port", paramLabel = "N", defaultValue = "0", description = "Embedded PostgreSQL (default: any free one).")
    int postgresPort;

    @Option(names = "--jdbc", paramLabel = "URL", description = {"Use this PostgreSQL instead of an embedded one: jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=…",
            "The database is this stack's alone; its role must be allowed to make schemas, and up to 60 connections are opened."})
    Optional<String> jdbc = Optional.empty();

    @Option(names = "--rpc", paramLabel = "URL", description = {"Use this chain instead of the local one; the programs and both mints must be on it.",
            "What it lacks is named, with the way to a local chain that has it. Mainnet is refused."})
    Optional<URI> rpc = Optional.empty();

    @Option(names = "--ws", paramLabel = "URL", description = "PubSub of --rpc.")
    Optional<URI> ws = Optional.empty();

    @Option(names = "--model", paramLabel = "FILE", description = "Use this GGUF file instead of fetching SmolLM2-135M-Instruct.")
    Optional<Path> model = Optional.empty();

    @Option(names = "--embeddings", description = "Serve the embedding model all-MiniLM-L6-v2 as well, on the open node; it takes about 150 MiB of memory.")
    boolean embeddings;

    @Option(names = "--slot-millis", paramLabel = "N", defaultValue = "400", description = "Local chain: length of a slot (default: ${DEFAULT-VALUE}).")
    int slotMillis;

    @Option(names = "--challenge-slots", paramLabel = "N", defaultValue = "8", description = "A new market's window in slots (default: ${DEFAULT-VALUE}).")
    long challengeSlots;

    @Option(names = "--direct-slots", paramLabel = "N",
            description = "After how many slots without a batch a new market's nodes may settle by themselves, at least --challenge-slots; 0: never (default: 1500, or --challenge-slots).")
    Optional<Long> directSlots = Optional.empty();

    @Option(names = "--answer-slots", paramLabel = "N", defaultValue = "1500",
            description = "For each move of a dispute before a new registry's program, 10 to 216000; 0: it has none (default: ${DEFAULT-VALUE}).")
    long answerSlots;

    /** After how long without a batch nodes may settle by themselves, slots. */
    long directSlots() {
        return directSlots.orElse(Math.max(SILENCE, challengeSlots));
    }

    /** A port that every part may take, checked where it is read. */
    void check() {
        for (int port : new int[] {rpcPort, wsPort, gatewayPort, relayerPort, indexerPort, postgresPort}) {
            if (port < 0 || port > 65_535) {
                throw new StackException("config_port", "a port is " + port + ", must be 0 to 65535");
            }
        }
        if (slotMillis < 10 || slotMillis > 60_000) {
            throw new StackException("config_slot_millis", "--slot-millis is " + slotMillis + ", must be 10 to 60000");
        }
        if (challengeSlots < 1) {
            throw new StackException("config_challenge_slots", "--challenge-slots is " + challengeSlots + ", must be at least 1");
        }
        if (directSlots() != 0 && directSlots() < challengeSlots) {
            throw new StackException("config_direct_slots", "--direct-slots is " + directSlots() + ", must be 0 or at least --challenge-slots, which is " + challengeSlots);
        }
        if (answerSlots != 0 && (answerSlots < RegistryCalls.MIN_ANSWER_SLOTS || answerSlots > RegistryCalls.MAX_ANSWER_SLOTS)) {
            throw new StackException("config_answer_slots", "--answer-slots is " + answerSlots + ", must be 0 or " + RegistryCalls.MIN_ANSWER_SLOTS + " to " + RegistryCalls.MAX_ANSWER_SLOTS);
        }
        jdbc.filter(url -> !url.startsWith("jdbc:postgresql:")).ifPresent(url -> {
            throw new StackException("config_jdbc", "--jdbc must be jdbc:postgresql://HOST:PORT/DATABASE?user=…&password=…");
        });
        rpc.filter(url -> !List.of("http", "https").contains(String.valueOf(url.getScheme())) || url.getHost() == null).ifPresent(url -> {
            throw new StackException("config_rpc", "--rpc is " + url + ", must be an http or https URL");
        });
        ws.filter(url -> !List.of("ws", "wss").contains(String.valueOf(url.getScheme())) || url.getHost() == null).ifPresent(url -> {
            throw new StackException("config_ws", "--ws is " + url + ", must be a ws or wss URL");
        });
        if (ws.isPresent() && rpc.isEmpty()) {
            throw new StackException("config_ws", "--ws belongs to --rpc, which is not given");
        }
        model.filter(file -> !java.nio.file.Files.isReadable(file)).ifPresent(file -> {
            throw new StackException("config_model", "--model " + file + " cannot be read");
        });
    }
}
