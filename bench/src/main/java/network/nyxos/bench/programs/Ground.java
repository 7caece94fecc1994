package network.nyxos.bench.programs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.PosterCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.ExecutedTransaction;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.TransactionRefused;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/** A chain with both programs, one registry, one market and a pool for a mint: the ground program tests and measurements stand on. */
public final class Ground implements AutoCloseable {

    /** Addresses of the two programs. */
    public static final Programs PROGRAMS = Programs.LOCAL;
    /** The least bond of a node, base units. */
    public static final long MIN_BOND = 1_000_000;
    static final long MIN_VALIDATOR_BOND = 700_000;
    static final long UNBONDING = 200;
    /** From the announcement of a verifier set until it can rule. */
    static final long NOTICE = UNBONDING + UNBONDING / 2;
    /** The least bond of who posts batches, base units. */
    public static final long POSTER_BOND = 3_000_000;
    static final long WINDOW = 10;
    static final long EXIT = 150;
    /** Without a batch, until nodes may settle by themselves. */
    static final long SILENCE = 40;
    static final int FEE_BPS = 200;

    /** The chain itself. */
    public final LocalChain chain;
    final Keypair admin = Keypair.generate();
    /** The market's operator. */
    public final Keypair operator = Keypair.generate();
    final PublicKey treasury = Keypair.generate().publicKey();
    /** Assigns jobs. */
    final Keypair gateway = Keypair.generate();
    /** The market's verifiers; two are a quorum. */
    public final List<Keypair> verifiers = List.of(Keypair.generate(), Keypair.generate(), Keypair.generate());
    /** What bonds and payments are made in, six decimals. */
    public final PublicKey mint = Keypair.generate().publicKey();
    final PublicKey tokenProgram;
    /** Calls to the registry. */
    public final RegistryCalls registry;
    /** Calls to the market. */
    public final MarketCalls market;
    /** Calls about who posts the market's batches. */
    public final PosterCalls posters;
    /** Calls to the mint's pool. */
    public final PoolCalls pool;
    /** The slot of its opening. */
    final long poolOpened;

    Ground(PublicKey tokenProgram) {
        this(tokenProgram, ChainOptions.defaults().withManualSlots());
    }

    /**
     * Lays it.
     *
     * @param tokenProgram SPL Token or Token-2022
     * @param options      of the chain
     */
    public Ground(PublicKey tokenProgram, ChainOptions options) {
        this.chain = LocalChain.start(options);
        this.tokenProgram = tokenProgram;
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        chain.airdrop(admin.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.airdrop(operator.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.createMint(mint, tokenProgram, admin.publicKey(), 6);
        List<PublicKey> verifierKeys = verifiers.stream().map(Keypair::publicKey).toList();
        PublicKey config = PROGRAMS.config(admin.publicKey(), 1);
        registry = new RegistryCalls(PROGRAMS, config, mint, tokenProgram);
        send(registry.initialize(admin.publicKey(), admin.publicKey(), new RegistryCalls.Terms(1, admin.publicKey(), MIN_BOND, MIN_VALIDATOR_BOND, UNBONDING, 2,
                verifierKeys, 0)), admin);
        Hash cluster = Hash.of(PublicKey.fromBase58Encoded(ChainOptions.DEVNET_GENESIS_HASH).toByteArray());
        market = new MarketCalls(PROGRAMS, PROGRAMS.market(cluster, admin.publicKey(), 1), config);
        posters = market.posters(mint, tokenProgram);
        send(market.initialize(admin.publicKey(), admin.publicKey(), posters, new MarketCalls.Terms(1, cluster, admin.publicKey(), operator.publicKey(), treasury, FEE_BPS,
                WINDOW, EXIT, SILENCE, POSTER_BOND, 2, verifierKeys, List.of(gateway.publicKey()))), admin);
        chain.mintTo(mint, operator.publicKey(), POSTER_BOND);
        send(posters.bond(operator.publicKey(), operator.publicKey(), POSTER_BOND), operator);
        pool = market.pool(mint, tokenProgram);
        send(pool.initialize(admin.publicKey(), admin.publicKey()), admin);
        poolOpened = chain.slot();
    }

    static byte[] artifact(String name) {
        // The launcher names the repository; a test finds it above the module it runs in.
        Path root = Optional.ofNullable(System.getenv("NYXOS_ROOT")).map(Path::of).orElseGet(() -> Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
                .filter(path -> Files.isDirectory(path.resolve("onchain"))).findFirst()
                .orElseThrow(() -> new IllegalStateException("the built programs were not found: run inside the repository, or set NYXOS_ROOT to it")));
        try {
            return Files.readAllBytes(root.resolve("onchain/artifacts/" + name + ".so"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A wallet with SOL for fees and {@code amount} units of the mint. */
    public Keypair wallet(long amount) {
        Keypair wallet = Keypair.generate();
        chain.airdrop(wallet.publicKey(), 10 * LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(mint, wallet.publicKey(), amount);
        return wallet;
    }

    PublicKey token(PublicKey owner) {
        return Tokens.associated(owner, mint, tokenProgram);
    }

    long balance(PublicKey owner) {
        return chain.account(token(owner)).isEmpty() ? 0 : chain.tokenBalance(token(owner));
    }

    Instruction openToken(PublicKey payer, PublicKey owner) {
        return Tokens.createAssociated(payer, owner, mint, tokenProgram);
    }

    Quorum quorum(Hash digest, int... members) {
        Map<PublicKey, Signature> signatures = new LinkedHashMap<>();
        for (int member : members) {
            signatures.put(verifiers.get(member).publicKey(), verifiers.get(member).sign(digest));
        }
        return new Quorum(digest, signatures);
    }

    /** Sends one instruction, as {@link #send(List, Keypair...)}. */
    public ExecutedTransaction send(Instruction instruction, Keypair... signers) {
        return send(List.of(instruction), signers);
    }

    /** Sends in a transaction paid by the first signer, which must succeed. */
    public ExecutedTransaction send(List<Instruction> instructions, Keypair... signers) {
        ExecutedTransaction sent = attempt(instructions, signers);
        if (!sent.execution().succeeded()) {
            throw new IllegalStateException(sent.execution().failure() + "\n" + String.join("\n", sent.execution().logs()));
        }
        return sent;
    }

    ExecutedTransaction attempt(List<Instruction> instructions, Keypair... signers) {
        // A slot each, so that equal transactions have different blockhashes. A chain whose slots pass by themselves is left alone.
        if (chain.options().slotMillis() == 0) {
            chain.advanceSlots(1);
        }
        var unsigned = TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions)
                .compile(Hash.of(PublicKey.fromBase58Encoded(chain.latestBlockhash()).toByteArray()));
        return chain.send(unsigned.sign(signers).bytes());
    }

    /** A lookup table on chain, ready to be used. */
    AddressLookupTable lookupTable(List<PublicKey> keys) {
        long slot = chain.slot();
        var derived = PublicKey.findProgramAddress(List.of(admin.publicKey().toByteArray(), new BorshWriter(Long.BYTES).u64(slot).toByteArray()),
                WellKnown.ADDRESS_LOOKUP_TABLE);
        List<AccountMeta> accounts = List.of(AccountMeta.createWrite(derived.publicKey()), AccountMeta.createReadOnlySigner(admin.publicKey()),
                AccountMeta.createWritableSigner(admin.publicKey()), AccountMeta.createRead(WellKnown.SYSTEM));
        byte[] create = new BorshWriter(16).u32(0).u64(slot).u8(derived.nonce()).toByteArray();
        BorshWriter extend = new BorshWriter(256).u32(2).u64(keys.size()).array(keys, keys.size(), BorshWriter::publicKey);
        send(List.of(Instruction.createInstruction(WellKnown.ADDRESS_LOOKUP_TABLE, accounts, create),
                Instruction.createInstruction(WellKnown.ADDRESS_LOOKUP_TABLE, accounts, extend.toByteArray())), admin);
        // What was put in counts from the next slot on.
        chain.advanceSlots(1);
        return AddressLookupTable.read(derived.publicKey(), data(derived.publicKey()));
    }

    /** The custom error number a transaction is refused with, 0 when it is not. */
    int refusal(List<Instruction> instructions, Keypair... signers) {
        try {
            return code(attempt(instructions, signers));
        } catch (TransactionRefused refused) {
            return code(refused.getMessage() + refused);
        }
    }

    int refusal(Instruction instruction, Keypair... signers) {
        return refusal(List.of(instruction), signers);
    }

    private static int code(ExecutedTransaction sent) {
        return sent.execution().succeeded() ? 0 : code(sent.execution().failure().toString());
    }

    private static int code(String text) {
        var matcher = java.util.regex.Pattern.compile("Custom\\\\?\"?:\\s*(\\d+)").matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("refused without a program error: " + text);
        }
        return Integer.parseInt(matcher.group(1));
    }

    byte[] data(PublicKey address) {
        return chain.account(address).orElseThrow(() -> new IllegalStateException("no account " + address)).data();
    }

    @Override
    public void close() {
        chain.close();
    }
}
