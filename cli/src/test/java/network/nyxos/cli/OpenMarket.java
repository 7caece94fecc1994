package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * A market on a chain in this process, opened as an operator opens one, for commands to be run against. Time passes by a slot a command, and when a test says so.
 *
 * <p>Its keys: {@code council} has the authority of market and registry and $USD and $NYX in its wallet; {@code operator}, {@code treasury}, verifiers {@code v1} to {@code v3}.
 */
public final class OpenMarket implements AutoCloseable {

    /** A batch's window. */
    public static final int CHALLENGE = 20;
    /** How long an exit waits. */
    public static final int EXIT = 150;
    /** How long a bond stays. */
    public static final int UNBONDING = 150;
    /** What the registry asks for. */
    public static final long BOND = 12_500_000;
    /** What the operator has bonded for the batches it posts, base units of $NYX. */
    public static final long POSTER_BOND = 40_000_000;

    private static final Path ARTIFACTS = Path.of("..", "onchain", "artifacts").toAbsolutePath().normalize();
    private static final String DEPLOYMENT = """
            cluster = %s
            programs.registry = %s
            programs.escrow = %s
            registry.id = 1
            registry.creator = @council
            registry.authority = @council
            registry.bond-mint = @nyx
            registry.min-bond = 12.5
            registry.min-validator-bond = 7.5
            registry.unbonding-slots = %d
            registry.threshold = 2
            registry.verifiers = @v1,@v2,@v3
            registry.answer-slots = %d
            market.id = 1
            market.creator = @council
            market.authority = @council
            market.operator = @operator
            market.treasury = @treasury
            market.fee-bps = 250
            market.challenge-slots = %d
            market.exit-slots = %d
            market.direct-slots = 9000
            market.bond-mint = @nyx
            market.min-poster-bond = 40
            market.threshold = 2
            market.verifiers = @v1,@v2,@v3
            market.mints = @usd,@nyx
            """;

    private final Keyring keys;
    private final LocalChain chain;
    private final LocalRpcServer server;
    private final SolanaRpc rpc;
    private final MarketCalls market;
    private final RegistryCalls registry;

    private OpenMarket(Keyring keys, LocalChain chain) {
        this.keys = keys;
        this.chain = chain;
        this.server = LocalRpcServer.start(chain, 0);
        this.rpc = SolanaRpc.connect(server.httpUrl());
        PublicKey config = Programs.LOCAL.config(keys.address("council"), 1);
        this.market = new MarketCalls(Programs.LOCAL, Programs.LOCAL.market(Hash.fromBase58(ChainOptions.DEVNET_GENESIS_HASH), keys.address("council"), 1), config);
        this.registry = new RegistryCalls(Programs.LOCAL, config, keys.address("nyx"), LocalChain.TOKEN_2022_PROGRAM);
    }

    /** Opens one, with its keys in a folder. */
    public static OpenMarket open(Path folder) {
        return open(folder, ChainOptions.defaults().withManualSlots(), 0);
    }

    /** Opens one whose chain goes on by itself. */
    static OpenMarket running(Path folder, int slotMillis) {
        return open(folder, ChainOptions.defaults().withSlotMillis(slotMillis), 0);
    }

    /** Opens one whose chain goes on by itself, and whose registry decides disputes. */
    static OpenMarket disputing(Path folder, int slotMillis, int answerSlots) {
        return open(folder, ChainOptions.defaults().withSlotMillis(slotMillis), answerSlots);
    }

    private static OpenMarket open(Path folder, ChainOptions options, int answerSlots) {
        var keys = new Keyring(folder);
        LocalChain chain = LocalChain.start(options);
        for (var program : List.of(Programs.LOCAL.registry(), Programs.LOCAL.escrow())) {
            chain.deploy(program, artifact(program.equals(Programs.LOCAL.registry()) ? "registry.so" : "escrow.so"));
        }
        chain.createMint(keys.address("usd"), LocalChain.TOKEN_PROGRAM, keys.address("mints"), 6);
        chain.createMint(keys.address("nyx"), LocalChain.TOKEN_2022_PROGRAM, keys.address("mints"), 6);
        var open = new OpenMarket(keys, chain);
        open.sol("council");
        Ran ran = Ran.command("deploy", "market", "--rpc", open.server.httpUrl().toString(), "--payer", keys.file("council").toString(), "--yes", "--file", open.file(DEPLOYMENT, answerSlots).toString());
        assertThat(ran.code()).as(ran.out() + ran.err()).isZero();
        open.sol("operator");
        chain.mintTo(keys.address("nyx"), keys.address("operator"), POSTER_BOND);
        open.send(List.of(open.market.posters(keys.address("nyx"), LocalChain.TOKEN_2022_PROGRAM).bond(keys.address("operator"), keys.address("operator"), POSTER_BOND)), "operator");
        return open;
    }

    private static byte[] artifact(String name) {
        try {
            return Files.readAllBytes(ARTIFACTS.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String text, int answerSlots) {
        try {
            return Files.writeString(keys.folder().resolve("deployment.properties"), keys.named(text.formatted(ChainOptions.DEVNET_GENESIS_HASH, Programs.LOCAL.registry(),
                    Programs.LOCAL.escrow(), UNBONDING, answerSlots, CHALLENGE, EXIT)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its keys. */
    public Keyring keys() {
        return keys;
    }

    /** Its chain. */
    public LocalChain chain() {
        return chain;
    }

    /** The market's instructions. */
    public MarketCalls market() {
        return market;
    }

    /** The registry's instructions. */
    public RegistryCalls registry() {
        return registry;
    }

    /** The instructions of its pool of $USD. */
    public PoolCalls usd() {
        return market.pool(keys.address("usd"), LocalChain.TOKEN_PROGRAM);
    }

    /** Its chain's JSON-RPC. */
    URI rpcUrl() {
        return server.httpUrl();
    }

    /** Its chain's subscriptions. */
    URI wsUrl() {
        return server.wsUrl();
    }

    /** The slot that its chain is in. */
    public long slot() {
        return chain.slot();
    }

    /** Gives a wallet 10 SOL. */
    public void sol(String name) {
        chain.airdrop(keys.address(name), 10 * LocalChain.LAMPORTS_PER_SOL);
    }

    /** Gives a wallet SOL and base units of $USD or $NYX. */
    public void fund(String name, String mint, long amount) {
        sol(name);
        chain.mintTo(keys.address(mint), keys.address(name), amount);
    }

    /** Makes a mint, and a pool for it. */
    public void mint(String name) {
        chain.createMint(keys.address(name), LocalChain.TOKEN_PROGRAM, keys.address("mints"), 6);
        send(market.pool(keys.address(name), LocalChain.TOKEN_PROGRAM).initialize(keys.address("council"), keys.address("council")), "council");
    }

    /** What a wallet holds of a mint, base units. */
    public long balance(PublicKey wallet, String mint) {
        PublicKey program = mint.equals("usd") ? LocalChain.TOKEN_PROGRAM : LocalChain.TOKEN_2022_PROGRAM;
        return chain.tokenBalance(Tokens.associated(wallet, keys.address(mint), program));
    }

    /** An account, decoded. */
    public <T> T account(PublicKey address, Function<byte[], T> decode) {
        return decode.apply(rpc.account(address, Commitment.CONFIRMED).orElseThrow(() -> new AssertionError("nothing at " + address)).data());
    }

    /** Whether there is an account. */
    public boolean exists(PublicKey address) {
        return rpc.account(address, Commitment.CONFIRMED).isPresent();
    }

    /** Runs {@code nyxos} with these words: {@code @name} is the address of a key, {@code @name.json} its file; chain and market are added. */
    public Ran run(String words) {
        // Two commands that say the same are two transactions.
        chain.advanceSlots(1);
        var all = new ArrayList<>(keys.words(words));
        all.addAll(List.of("--rpc", server.httpUrl().toString(), "--market", market.market().toBase58()));
        Ran ran = Ran.command(all.toArray(String[]::new));
        assertThat(ran.out() + ran.err()).as("no stack trace for a person").doesNotContain("\tat ").doesNotContain("Exception");
        return ran;
    }

    /** The address of the key of this name. */
    public PublicKey address(String name) {
        return keys.address(name);
    }

    /** What a command that must go well shows with {@code --json}. */
    public JsonNode json(String words) {
        try {
            return new ObjectMapper().readTree(done(words + " --json").out());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code nyxos deploy check} of the file that it was opened from. */
    public Ran check() {
        chain.advanceSlots(1);
        return Ran.command("deploy", "check", "--rpc", server.httpUrl().toString(), "--artifacts", ARTIFACTS.toString(), "--file", keys.folder().resolve("deployment.properties").toString());
    }

    /** Runs what must go well. */
    public Ran done(String words) {
        Ran ran = run(words);
        assertThat(ran.code()).as(words + "\n" + ran.out() + ran.err()).isZero();
        return ran;
    }

    /** Runs what must be refused with this code. */
    public Ran refused(String code, String words) {
        Ran ran = run(words);
        assertThat(ran.err()).as(words + "\n" + ran.out()).endsWith("[" + code + "]\n").doesNotContain("Set NYXOS_TRACE");
        assertThat(ran.code()).isEqualTo(1);
        return ran;
    }

    /** Sends instructions; the first key pays. */
    public void send(List<Instruction> instructions, String... signers) {
        chain.advanceSlots(1);
        Keypair[] all = Stream.of(signers).map(keys::key).toArray(Keypair[]::new);
        var executed = chain.send(TransactionBuilder.legacy(all[0].publicKey()).addAll(instructions).compile(Hash.fromBase58(chain.latestBlockhash())).sign(all).bytes());
        assertThat(executed.execution().failure()).as("%s", executed.execution().logs()).isEmpty();
    }

    @Override
    public void close() {
        rpc.close();
        server.close();
        chain.close();
    }
}
