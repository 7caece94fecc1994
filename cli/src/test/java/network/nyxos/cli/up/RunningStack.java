package network.nyxos.cli.up;

import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.node.engine.Engine;
import picocli.CommandLine;
import software.sava.core.accounts.PublicKey;

/** A whole stack in this process on free ports, without the main job: what commands are run against. */
public final class RunningStack implements AutoCloseable {

    private static final long SOL = 1_000_000_000L;
    private static final Duration SOON = Duration.ofMinutes(1);

    private final LocalStack stack;
    private final Path data;
    private final List<Provider> joined = new ArrayList<>();
    private boolean relayerStopped;

    private RunningStack(LocalStack stack, Path data) {
        this.stack = stack;
        this.data = data;
    }

    /**
     * Starts it.
     *
     * @param slotMillis length of a slot of its chain
     * @param more       further options of {@code nyxos up}
     */
    public static RunningStack start(Path data, int slotMillis, String... more) {
        var options = new UpOptions();
        Stream<String> fixed = Stream.of("--data", data.toString(), "--slot-millis", Integer.toString(slotMillis), "--rpc-port", "0", "--ws-port", "0", "--gateway-port", "0",
                "--relayer-port", "0", "--indexer-port", "0");
        CommandLine.populateCommand(options, Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
        return new RunningStack(LocalStack.start(options, new Steps(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false)), data);
    }

    /** Its {@code stack.json}. */
    public Path file() {
        return data.resolve("stack.json");
    }

    /** Its keys. */
    public Keys keys() {
        return stack.keys();
    }

    /** Its chain. */
    public SolanaRpc rpc() {
        return stack.rpc();
    }

    /** The key of its node of this name. */
    public PublicKey node(String name) {
        return provider(name).key();
    }

    /** One more node of the verified tier, with a bond of its own and on an engine of the caller's making; linked when this returns. */
    public PublicKey join(String name, UnaryOperator<Engine> engine) {
        Provider provider = stack.join(name, engine);
        joined.add(provider);
        return provider.key();
    }

    /** Ends a node as a crash would. */
    public void stop(String node) {
        provider(node).close();
    }

    /** Starts a node again on the stack's engine. */
    public void start(String node) {
        stack.restart(provider(node));
        await().atMost(SOON).until(provider(node)::linked);
    }

    /** What a node's operator holds, base units. */
    public long earned(String name, Mint mint) {
        return balance(provider(name).payout(), mint);
    }

    private Provider provider(String name) {
        return Stream.concat(stack.providers().stream(), joined.stream()).filter(provider -> provider.name().equals(name)).findFirst().orElseThrow();
    }

    /** What a wallet holds, base units. */
    public long balance(PublicKey wallet, Mint mint) {
        return mint.heldBy(wallet, rpc());
    }

    /** The file of a wallet, new at the first call, with SOL for fees and this much of a mint. */
    public Path wallet(Path file, Mint mint, long amount) {
        PublicKey wallet = Keypair.readOrCreate(file).publicKey();
        rpc().airdrop(wallet, 10 * SOL);
        await().until(() -> rpc().balance(wallet, Commitment.CONFIRMED) > 0);
        if (amount > 0) {
            stack.foundation().fund(mint, wallet, amount);
        }
        return file;
    }

    /** Ends the relayer; as anybody sees it, it is gone. */
    public void stopRelayer() {
        stack.stopRelayer();
        relayerStopped = true;
    }

    /** Starts the relayer again, with what it knew; one that runs goes on. */
    public void startRelayer() {
        if (relayerStopped) {
            stack.startRelayer();
            relayerStopped = false;
        }
    }

    /** Its market on its chain. */
    public ChainSession market() {
        return ChainSession.open(stack.contents().rpc(), stack.programs(), PublicKey.fromBase58Encoded(stack.contents().market()));
    }

    /** Where its node of this name keeps what it has done. */
    public Path nodeData(String name) {
        return data.resolve("node-" + name);
    }

    @Override
    public void close() {
        joined.forEach(Provider::close);
        stack.close();
    }
}
