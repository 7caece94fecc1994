package network.nyxos.localnet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;
import software.sava.core.encoding.Base58;

/**
 * A Solana chain in this process: the real runtime (LiteSVM on agave's) with the slots, the window of valid
 * blockhashes and the history that the runtime alone does not keep.
 *
 * <p>A transaction is executed when it arrives, in the slot that is open then. It is {@link Commitment#CONFIRMED}
 * at once, because nobody else makes blocks and none is rolled back, and {@link Commitment#FINALIZED} once
 * {@link ChainOptions#finalitySlots()} slots have followed. Accounts are read as they are now, whatever the commitment.
 *
 * <p>A blockhash is valid for the 150 slots after its own. A transaction is taken once in that window; a second
 * time it is refused as {@code AlreadyProcessed}. Durable nonces are refused as {@code BlockhashNotFound}.
 *
 * <p>All methods may be called from any thread; the chain does its work on one thread of its own.
 */
public final class LocalChain implements AutoCloseable {

    /** Slots after its own in which a blockhash is valid. */
    public static final int BLOCKHASH_SLOTS = 150;

    /** Slots an epoch has. */
    public static final long EPOCH_SLOTS = 432_000;

    /** Lamports in one SOL. */
    public static final long LAMPORTS_PER_SOL = 1_000_000_000L;

    /** The SPL token program, and the newer one beside it. */
    public static final PublicKey TOKEN_PROGRAM = TokenState.TOKEN;
    public static final PublicKey TOKEN_2022_PROGRAM = TokenState.TOKEN_2022;

    static final PublicKey SYSTEM_PROGRAM = PublicKey.fromBase58Encoded("11111111111111111111111111111111");

    private static final Logger LOG = LoggerFactory.getLogger(LocalChain.class);
    private static final PublicKey COMPUTE_BUDGET = PublicKey.fromBase58Encoded("ComputeBudget111111111111111111111111111111");
    private static final PublicKey NATIVE_MINT_2022 = PublicKey.fromBase58Encoded("9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9");
    private static final PublicKey LOADER_V3 = PublicKey.fromBase58Encoded("BPFLoaderUpgradeab1e11111111111111111111111");
    private static final int SLOT_HASHES = 512;
    private static final int MAX_DECIMALS = 255;
    /** Programs nest calls, and each level of theirs takes room on the thread that runs them. */
    private static final long STACK_BYTES = 16L << 20;

    private final ChainOptions options;
    private final ScheduledThreadPoolExecutor executor;
    private final List<ChainListener> listeners = new CopyOnWriteArrayList<>();
    private volatile Thread thread;
    private volatile long slot;

    private final AtomicBoolean closing = new AtomicBoolean();

    // Everything below belongs to the chain's thread.
    private boolean closed;
    private Svm svm;
    private Optional<ChainLog> log = Optional.empty();
    private byte[] seed = new byte[0];
    private Signer faucet;
    private long unixTime;
    private long skewSeconds;
    private long airdrops;
    private long nextSequence;
    private Optional<ChainFailure> broken = Optional.empty();
    private final Deque<Svm.SlotHash> slotHashes = new ArrayDeque<>();
    private final Deque<byte[]> recentBlockhashes = new ArrayDeque<>();
    private final Map<String, Long> window = new LinkedHashMap<>();
    private final NavigableMap<Long, Long> times = new TreeMap<>();
    private final Set<PublicKey> touched = new HashSet<>();
    private final Map<ByteBuffer, Long> recentMessages = new LinkedHashMap<>();
    private final NavigableMap<Long, ExecutedTransaction> bySequence = new TreeMap<>();
    private final Map<String, ExecutedTransaction> bySignature = new HashMap<>();
    private final NavigableMap<Long, List<ExecutedTransaction>> bySlot = new TreeMap<>();
    private final Map<PublicKey, NavigableMap<Long, ExecutedTransaction>> byAddress = new HashMap<>();

    private LocalChain(ChainOptions options) {
        this.options = options;
        executor = new ScheduledThreadPoolExecutor(1, work -> {
            thread = new Thread(null, work, "localnet-chain", STACK_BYTES);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A chain in memory with {@link ChainOptions#defaults()}. */
    public static LocalChain start() {
        return start(ChainOptions.defaults());
    }

    /**
     * A new chain, or the one that the options' directory holds.
     *
     * @throws ChainFailure when the native library is missing or the directory cannot be used; the message says what to do
     */
    public static LocalChain start(ChainOptions options) {
        LocalChain chain = new LocalChain(options);
        try {
            chain.onChain(() -> {
                chain.open();
                return null;
            });
        } catch (RuntimeException | Error e) {
            chain.executor.shutdown();
            throw e;
        }
        if (options.slotMillis() > 0) {
            chain.executor.scheduleAtFixedRate(chain::tick, options.slotMillis(), options.slotMillis(), TimeUnit.MILLISECONDS);
        }
        return chain;
    }

    /** How this chain runs. */
    public ChainOptions options() {
        return options;
    }

    /** The open slot, from 1. It is also the block height: no slot is skipped. */
    public long slot() {
        return slot;
    }

    /** The newest slot whose transactions are finalized. */
    public long finalizedSlot() {
        return Math.max(0, slot - options.finalitySlots());
    }

    /** The newest blockhash, in base58. */
    public String latestBlockhash() {
        return blockhashAt(Commitment.CONFIRMED).hash();
    }

    /** The last slot in which a transaction with {@link #latestBlockhash()} is taken. */
    public long lastValidBlockHeight() {
        return blockhashAt(Commitment.CONFIRMED).lastValidBlockHeight();
    }

    /** The chain's Unix time in seconds, as programs read it from the Clock. */
    public long unixTime() {
        return onChain(() -> unixTime);
    }

    /** Lets slots pass; the clock's time does not move by it. */
    public void advanceSlots(long slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("slots is " + slots + ", must be at least 1");
        }
        write(() -> {
            enterSlot(Math.addExact(slot, slots));
            return null;
        });
    }

    /** Puts the chain's clock ahead, for good, and enters the next slot, so that programs see the new time. */
    public void advanceTime(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("by is " + by + ", must not be negative");
        }
        write(() -> {
            skewSeconds = Math.addExact(skewSeconds, by.toSeconds());
            enterSlot(Math.addExact(slot, 1));
            return null;
        });
    }

    /** An account as it is now; empty when there is none. */
    public Optional<ChainAccount> account(PublicKey address) {
        return onChain(() -> svm.account(address));
    }

    /** An account's balance in lamports; 0 when there is no account. */
    public long balance(PublicKey address) {
        return account(address).map(ChainAccount::lamports).orElse(0L);
    }

    /** The accounts a program owns, by address. */
    public Map<PublicKey, ChainAccount> programAccounts(PublicKey program) {
        Map<PublicKey, ChainAccount> found = new TreeMap<>();
        onChain(() -> svm.programAccounts(program))
                .forEach(change -> change.account().ifPresent(account -> found.put(change.address(), account)));
        return found;
    }

    /** What a token account holds in base units; 0 when there is none. */
    public long tokenBalance(PublicKey tokenAccount) {
        return account(tokenAccount).flatMap(account -> TokenState.read(account.owner(), account.data()))
                .map(state -> state instanceof TokenState.Holding holding ? holding.amount() : 0L).orElse(0L);
    }

    /** The lamports an account of so many bytes must hold. */
    public long minimumRent(long dataLength) {
        return onChain(() -> svm.minimumRent(dataLength));
    }

    /** Writes an account as given; one with 0 lamports is removed. */
    public void setAccount(PublicKey address, ChainAccount account) {
        write(() -> {
            put(address, account);
            return null;
        });
    }

    /** Deploys an ELF file under the upgradeable loader, without an upgrade authority; callable at once. */
    public void deploy(PublicKey program, byte[] elf) {
        write(() -> {
            changed(svm.addProgram(program, elf));
            return null;
        });
    }

    /**
     * Writes a mint without extensions and without a freeze authority, its supply 0.
     *
     * @param tokenProgram {@link #TOKEN_PROGRAM} or {@link #TOKEN_2022_PROGRAM}
     * @param decimals     0 to 255
     */
    public void createMint(PublicKey mint, PublicKey tokenProgram, PublicKey authority, int decimals) {
        if (!TokenState.isTokenProgram(tokenProgram)) {
            throw new IllegalArgumentException("tokenProgram is " + tokenProgram.toBase58() + ", which is no token program");
        }
        if (decimals < 0 || decimals > MAX_DECIMALS) {
            throw new IllegalArgumentException("decimals is " + decimals + ", must be 0 to " + MAX_DECIMALS);
        }
        write(() -> {
            putMint(mint, tokenProgram, Optional.of(authority), decimals);
            return null;
        });
    }

    /**
     * Gives an owner tokens out of nothing: its associated token account is made where it is missing, and the
     * mint's supply grows by as much.
     *
     * @param amount base units, at least 0
     * @return the associated token account
     */
    public PublicKey mintTo(PublicKey mint, PublicKey owner, long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("amount is " + amount + ", must not be negative");
        }
        return write(() -> {
            ChainAccount minted = svm.account(mint)
                    .filter(account -> TokenState.read(account.owner(), account.data()).filter(TokenState.Mint.class::isInstance).isPresent())
                    .orElseThrow(() -> new IllegalArgumentException("mint " + mint.toBase58() + " does not exist"));
            PublicKey address = TokenState.associatedAddress(owner, mint, minted.owner());
            ChainAccount holder = svm.account(address).orElseGet(() -> ChainAccount.of(
                    svm.minimumRent(TokenState.ACCOUNT_BYTES), minted.owner(), TokenState.Holding.of(mint, owner, 0).encode()));
            put(mint, withAdded(minted, TokenState.MINT_SUPPLY_OFFSET, amount));
            put(address, withAdded(holder, TokenState.ACCOUNT_AMOUNT_OFFSET, amount));
            return address;
        });
    }

    /** The faucet's address. */
    public PublicKey faucet() {
        return onChain(() -> faucet.publicKey());
    }

    /**
     * Sends lamports from the faucet, by a transaction.
     *
     * @param lamports at least 1; a new account needs {@link #minimumRent} of 0 bytes
     * @throws TransactionRefused when the faucet has not so much, or it is too little for a new account
     */
    public ExecutedTransaction airdrop(PublicKey recipient, long lamports) {
        if (lamports < 1) {
            throw new IllegalArgumentException("lamports is " + lamports + ", must be at least 1");
        }
        return write(() -> {
            WireTransaction transfer = WireTransaction.parse(faucetTransfer(recipient, lamports));
            Execution trial = simulated(transfer, true, true).execution();
            if (trial.failure().isPresent()) {
                throw new TransactionRefused(trial.failure().get());
            }
            return execute(transfer);
        });
    }

    /**
     * Executes a signed transaction in the open slot. One that fails in a program is recorded with its failure, and
     * its fee is charged, as on a validator that was told to skip the preflight.
     *
     * @throws MalformedTransaction when the bytes are no transaction
     * @throws TransactionRefused   when it does not get into a block: signature, blockhash, duplicate, fee payer
     */
    public ExecutedTransaction send(byte[] wire) {
        WireTransaction transaction = WireTransaction.parse(wire);
        return write(() -> execute(transaction));
    }

    /**
     * Executes a signed transaction without a trace. Whatever would refuse it is in the result as its failure.
     *
     * @throws MalformedTransaction when the bytes are no transaction
     */
    public Execution simulate(byte[] wire) {
        WireTransaction transaction = WireTransaction.parse(wire);
        return onChain(() -> simulated(transaction, true, true).execution());
    }

    /** A transaction by its first signature in base58; empty when it is not in the history. */
    public Optional<ExecutedTransaction> transaction(String signature) {
        return onChain(() -> Optional.ofNullable(bySignature.get(signature)));
    }

    /**
     * The transactions that name an address, newest first.
     *
     * @param before only older than this signature
     * @param until  only newer than this signature
     * @param limit  at most so many
     */
    public List<ExecutedTransaction> transactionsOf(PublicKey address, Optional<String> before, Optional<String> until, int limit) {
        return transactionsOf(address, before, until, Long.MAX_VALUE, limit);
    }

    /** Only those in slots up to the newest. */
    List<ExecutedTransaction> transactionsOf(
            PublicKey address, Optional<String> before, Optional<String> until, long newestSlot, int limit) {
        return onChain(() -> {
            NavigableMap<Long, ExecutedTransaction> all = byAddress.getOrDefault(address, new TreeMap<>());
            // A signature nobody knows bounds nothing when it is the older end and everything when it is the newer one.
            long end = before.map(signature -> sequenceOf(signature).orElse(0)).orElse(Long.MAX_VALUE);
            long start = until.map(signature -> sequenceOf(signature).orElse(-1)).orElse(-1L);
            if (end <= start) {
                return List.of();
            }
            return all.subMap(start, false, end, false).descendingMap().values().stream()
                    .filter(transaction -> transaction.slot() <= newestSlot).limit(limit).toList();
        });
    }

    /** The transactions of a slot in their order. */
    public List<ExecutedTransaction> transactionsIn(long slot) {
        return onChain(() -> List.copyOf(bySlot.getOrDefault(slot, List.of())));
    }

    /** Stops the chain; one with a directory can be started from it again. */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            onChain(() -> {
                // What is still queued behind this, a tick or a call, finds the chain closed.
                closed = true;
                release();
                return null;
            });
        } finally {
            // Not at once: a call that was dropped from the queue would wait for ever.
            executor.shutdown();
        }
    }

    /** A blockhash and the last block height it is valid at. */
    record ValidBlockhash(String hash, long lastValidBlockHeight) {
    }

    ValidBlockhash blockhashAt(Commitment commitment) {
        return onChain(() -> {
            long completed = Math.max(0, slot - 1 - (commitment == Commitment.FINALIZED ? options.finalitySlots() : 0));
            return new ValidBlockhash(Base58.encode(blockhash(completed)), completed + BLOCKHASH_SLOTS);
        });
    }

    boolean isBlockhashValid(String hash) {
        return onChain(() -> window.containsKey(hash));
    }

    /** The slot that commitment sees as the newest. */
    long slotAt(Commitment commitment) {
        return commitment == Commitment.FINALIZED ? finalizedSlot() : slot;
    }

    Commitment commitmentOf(ExecutedTransaction transaction) {
        return transaction.slot() <= finalizedSlot() ? Commitment.FINALIZED : Commitment.CONFIRMED;
    }

    /** The blockhash of a completed slot, in base58. */
    String blockhashOf(long slot) {
        return onChain(() -> Base58.encode(blockhash(slot)));
    }

    /** A slot's Unix time in seconds; empty for one that has not begun. */
    OptionalLong timeOf(long slot) {
        return onChain(() -> slot > this.slot || times.floorEntry(slot) == null
                ? OptionalLong.empty() : OptionalLong.of(times.floorEntry(slot).getValue()));
    }

    /** How many transactions the chain has executed in all. */
    long transactionCount() {
        return onChain(() -> nextSequence);
    }

    /** The oldest slot whose transactions are all remembered. */
    long firstAvailableSlot() {
        return onChain(() -> bySequence.isEmpty() || bySequence.firstKey() == 0 ? 0 : bySequence.firstEntry().getValue().slot() + 1);
    }

    /** Executes without a trace, with what it would change. */
    Execution.WithChanges simulateWithChanges(WireTransaction transaction, boolean verifySignatures, boolean checkBlockhash) {
        return onChain(() -> simulated(transaction, verifySignatures, checkBlockhash));
    }

    /** What came of a transaction that was tried before it was sent. */
    sealed interface Preflighted {

        record Sent(ExecutedTransaction transaction) implements Preflighted {
        }

        record Failed(Execution execution) implements Preflighted {
        }
    }

    /** Executes a transaction if it succeeds, and otherwise leaves no trace of it. */
    Preflighted sendIfSucceeding(WireTransaction transaction) {
        return write(() -> {
            Execution trial = simulated(transaction, true, true).execution();
            return trial.failure().isPresent() ? new Preflighted.Failed(trial) : new Preflighted.Sent(execute(transaction));
        });
    }

    /** The decimals of a mint; empty when there is no such mint. */
    OptionalInt decimals(PublicKey mint) {
        return onChain(() -> decimalsOf(mint));
    }

    void addListener(ChainListener listener) {
        listeners.add(listener);
    }

    void removeListener(ChainListener listener) {
        listeners.remove(listener);
    }

    /** Runs work on the chain's thread, between transactions. */
    <T> T onChain(Supplier<T> work) {
        if (Thread.currentThread() == thread) {
            return whileOpen(work);
        }
        try {
            Callable<T> task = () -> whileOpen(work);
            return executor.submit(task).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new ChainFailure("The chain failed", e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChainFailure("Interrupted while waiting for the chain; what was asked may still be done", e);
        } catch (RejectedExecutionException | CancellationException e) {
            throw new ChainFailure("The chain is closed", e);
        }
    }

    private <T> T whileOpen(Supplier<T> work) {
        if (closed) {
            throw new ChainFailure("The chain is closed");
        }
        return work.get();
    }

    /** Runs work that changes the chain, unless an earlier failure left it in doubt. */
    private <T> T write(Supplier<T> work) {
        return onChain(() -> {
            if (broken.isPresent()) {
                throw new ChainFailure("The chain stopped after a failure: " + broken.get().getMessage(), broken.get());
            }
            try {
                return work.get();
            } catch (ChainFailure failure) {
                broken = Optional.of(failure);
                LOG.error("The chain stops: {}", failure.getMessage(), failure);
                throw failure;
            }
        });
    }

    private void tick() {
        try {
            write(() -> {
                enterSlot(slot + 1);
                return null;
            });
        } catch (RuntimeException e) {
            // Said once by write(); the schedule goes on so that a caller keeps getting the reason.
            LOG.debug("slot not entered", e);
        }
    }

    private void open() {
        svm = new Svm();
        try {
            load();
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    private void release() {
        log.ifPresent(ChainLog::close);
        svm.close();
    }

    private void load() {
        Map<PublicKey, Optional<ChainAccount>> accounts = new LinkedHashMap<>();
        Deque<ChainLog.Transaction> remembered = new ArrayDeque<>();
        Optional<ChainLog> opened = options.data().map(directory -> ChainLog.open(directory, entry -> {
            switch (entry) {
                case ChainLog.Genesis genesis -> {
                    if (!genesis.genesisHash().equals(options.genesisHash())) {
                        throw new ChainFailure("The chain in " + directory + " has the genesis hash " + genesis.genesisHash()
                                + ", but " + options.genesisHash() + " was asked for");
                    }
                    seed = genesis.seed();
                }
                case ChainLog.Slot began -> {
                    slot = began.slot();
                    noteTime(began.slot(), began.unixTime());
                }
                case ChainLog.Accounts set -> set.changes().forEach(change -> accounts.put(change.address(), change.account()));
                case ChainLog.Transaction tx -> {
                    Execution.WithChanges ran = Execution.read(tx.reply(), mint -> decimalsIn(tx.decimals(), mint));
                    ran.changes().forEach(change -> accounts.put(change.address(), change.account()));
                    remember(new ExecutedTransaction(tx.sequence(), WireTransaction.parse(tx.wire()).signature(),
                            tx.slot(), tx.unixTime(), tx.wire(), ran.execution()));
                    remembered.add(tx);
                    if (remembered.size() > options.historyLimit()) {
                        remembered.removeFirst();
                    }
                }
            }
        }));
        try {
            begin(accounts);
            // From here on what happens is written down; all that did is in the file's first entries.
            opened.ifPresent(file -> file.rewrite(snapshot(remembered)));
            log = opened;
        } catch (RuntimeException | Error e) {
            opened.ifPresent(ChainLog::close);
            throw e;
        }
    }

    /** Brings the virtual machine to where the chain left off, and a new one to its first slot. */
    private void begin(Map<PublicKey, Optional<ChainAccount>> accounts) {
        boolean fresh = seed.length == 0;
        if (fresh) {
            seed = new byte[32];
            new SecureRandom().nextBytes(seed);
        }
        faucet = Signer.createFromPrivateKey(derive("faucet", 0));
        if (fresh) {
            putGenesisAccounts();
        } else {
            restore(accounts);
        }
        long last = slot;
        long now = options.clock().instant().getEpochSecond();
        times.putIfAbsent(0L, now);
        // A clock that was put ahead stays ahead.
        skewSeconds = Math.max(0, unixTime - now);
        slot = Math.max(0, last - SLOT_HASHES);
        enterSlot(last + 1);
    }

    private void putGenesisAccounts() {
        if (options.faucetSol() > 0) {
            put(faucet.publicKey(), ChainAccount.of(Math.multiplyExact(options.faucetSol(), LAMPORTS_PER_SOL), SYSTEM_PROGRAM, new byte[0]));
        }
        putMint(TokenState.NATIVE_MINT, TOKEN_PROGRAM, Optional.empty(), 9);
        putMint(NATIVE_MINT_2022, TOKEN_2022_PROGRAM, Optional.empty(), 9);
    }

    private void restore(Map<PublicKey, Optional<ChainAccount>> accounts) {
        // A program is loaded when its account is written, from the account that holds its code.
        accounts.forEach((address, account) -> account.filter(LocalChain::holdsCode).ifPresent(code -> svm.setAccount(address, code)));
        accounts.forEach((address, account) -> account.filter(a -> !holdsCode(a)).ifPresent(other -> svm.setAccount(address, other)));
        touched.addAll(accounts.keySet());
    }

    private static boolean holdsCode(ChainAccount account) {
        return account.owner().equals(LOADER_V3) && account.data().length > 0 && account.data()[0] == 3;
    }

    private Iterable<ChainLog.Entry> snapshot(Collection<ChainLog.Transaction> transactions) {
        List<ChainLog.Entry> entries = new ArrayList<>();
        entries.add(new ChainLog.Genesis(seed, options.genesisHash()));
        times.forEach((began, time) -> entries.add(new ChainLog.Slot(began, time)));
        entries.add(new ChainLog.Slot(slot, unixTime));
        entries.addAll(transactions);
        // After the transactions: what an old one says of an account gives way to what the account is now.
        for (PublicKey address : touched) {
            entries.add(new ChainLog.Accounts(List.of(new AccountChange(address, svm.account(address)))));
        }
        return entries;
    }

    private void enterSlot(long next) {
        for (long passed = Math.max(slot, next - SLOT_HASHES); passed < next; passed++) {
            slotHashes.addFirst(new Svm.SlotHash(passed, derive("slot", passed)));
            byte[] blockhash = blockhash(passed);
            recentBlockhashes.addFirst(blockhash);
            window.put(Base58.encode(blockhash), passed);
        }
        while (slotHashes.size() > SLOT_HASHES) {
            slotHashes.removeLast();
        }
        while (recentBlockhashes.size() > BLOCKHASH_SLOTS) {
            recentBlockhashes.removeLast();
        }
        window.values().removeIf(passed -> passed + BLOCKHASH_SLOTS < next);
        recentMessages.values().removeIf(seen -> seen + BLOCKHASH_SLOTS < next);
        unixTime = Math.max(unixTime, options.clock().instant().getEpochSecond() + skewSeconds);
        noteTime(next, unixTime);
        long epoch = next / EPOCH_SLOTS;
        svm.enter(new Svm.SlotState(next, unixTime, epoch, times.floorEntry(epoch * EPOCH_SLOTS).getValue(), slotHashes, recentBlockhashes));
        log.ifPresent(file -> file.append(new ChainLog.Slot(next, unixTime)));
        slot = next;
        forget();
        long finalized = finalizedSlot();
        listeners.forEach(listener -> listener.onSlot(next, finalized));
    }

    /** Keeps one entry for each time, at the slot where it began. */
    private void noteTime(long began, long time) {
        unixTime = time;
        Map.Entry<Long, Long> before = times.floorEntry(began);
        if (before == null || before.getValue() != time) {
            times.put(began, time);
        }
    }

    private ExecutedTransaction execute(WireTransaction transaction) {
        refusal(transaction).ifPresent(failure -> {
            throw new TransactionRefused(failure);
        });
        byte[] reply = svm.send(transaction.bytes());
        Map<PublicKey, Integer> decimals = new HashMap<>();
        Execution.WithChanges ran = Execution.read(reply, mint -> {
            OptionalInt known = decimalsOf(mint);
            known.ifPresent(value -> decimals.put(mint, value));
            return known;
        });
        if (!ran.execution().included()) {
            throw new TransactionRefused(ran.execution().failure().orElseThrow());
        }
        ExecutedTransaction executed = new ExecutedTransaction(
                nextSequence, transaction.signature(), slot, unixTime, transaction.bytes(), ran.execution());
        log.ifPresent(file -> file.append(
                new ChainLog.Transaction(executed.sequence(), slot, unixTime, transaction.bytes(), decimals, reply)));
        ran.changes().forEach(change -> touched.add(change.address()));
        remember(executed);
        listeners.forEach(listener -> {
            listener.onTransaction(executed);
            listener.onAccounts(executed.slot(), ran.changes());
        });
        return executed;
    }

    private Execution.WithChanges simulated(WireTransaction transaction, boolean verifySignatures, boolean checkBlockhash) {
        Optional<TransactionFailure> refusal = checkBlockhash ? refusal(transaction) : Optional.empty();
        return refusal
                .map(failure -> new Execution.WithChanges(Execution.refused(failure), List.of()))
                .orElseGet(() -> Execution.read(svm.simulate(transaction.bytes(), verifySignatures), this::decimalsOf));
    }

    /** Why a transaction does not get into this slot, as far as its blockhash and the ones before it say. */
    private Optional<TransactionFailure> refusal(WireTransaction transaction) {
        if (!window.containsKey(transaction.blockhash())) {
            return Optional.of(TransactionFailure.BLOCKHASH_NOT_FOUND);
        }
        return recentMessages.containsKey(messageHash(transaction)) ? Optional.of(TransactionFailure.ALREADY_PROCESSED) : Optional.empty();
    }

    private void remember(ExecutedTransaction executed) {
        nextSequence = executed.sequence() + 1;
        WireTransaction transaction = executed.parsed();
        recentMessages.put(messageHash(transaction), executed.slot());
        bySequence.put(executed.sequence(), executed);
        bySignature.put(executed.signature(), executed);
        bySlot.computeIfAbsent(executed.slot(), key -> new ArrayList<>()).add(executed);
        executed.execution().accounts().forEach(account ->
                byAddress.computeIfAbsent(account.address(), key -> new TreeMap<>()).put(executed.sequence(), executed));
    }

    private void forget() {
        while (bySequence.size() > options.historyLimit() && bySequence.firstEntry().getValue().slot() + BLOCKHASH_SLOTS < slot) {
            ExecutedTransaction oldest = bySequence.pollFirstEntry().getValue();
            bySignature.remove(oldest.signature());
            bySlot.remove(oldest.slot());
            oldest.execution().accounts().forEach(account -> byAddress.computeIfPresent(account.address(), (key, transactions) -> {
                transactions.remove(oldest.sequence());
                return transactions.isEmpty() ? null : transactions;
            }));
        }
    }

    private OptionalLong sequenceOf(String signature) {
        ExecutedTransaction known = bySignature.get(signature);
        return known == null ? OptionalLong.empty() : OptionalLong.of(known.sequence());
    }

    private OptionalInt decimalsOf(PublicKey mint) {
        return svm.account(mint)
                .flatMap(account -> TokenState.read(account.owner(), account.data()))
                .map(state -> state instanceof TokenState.Mint known ? OptionalInt.of(known.decimals()) : OptionalInt.empty())
                .orElse(OptionalInt.empty());
    }

    private static OptionalInt decimalsIn(Map<PublicKey, Integer> decimals, PublicKey mint) {
        return decimals.containsKey(mint) ? OptionalInt.of(decimals.get(mint)) : OptionalInt.empty();
    }

    private void putMint(PublicKey mint, PublicKey tokenProgram, Optional<PublicKey> authority, int decimals) {
        byte[] data = new TokenState.Mint(authority, 0, decimals, Optional.empty()).encode();
        put(mint, ChainAccount.of(svm.minimumRent(data.length), tokenProgram, data));
    }

    private void put(PublicKey address, ChainAccount account) {
        svm.setAccount(address, account);
        changed(List.of(new AccountChange(address, Optional.of(account).filter(a -> a.lamports() != 0))));
    }

    private void changed(List<AccountChange> changes) {
        log.ifPresent(file -> file.append(new ChainLog.Accounts(changes)));
        changes.forEach(change -> touched.add(change.address()));
        listeners.forEach(listener -> listener.onAccounts(slot, changes));
    }

    private static ChainAccount withAdded(ChainAccount account, int offset, long amount) {
        byte[] data = account.data().clone();
        ByteBuffer view = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long sum = view.getLong(offset) + amount;
        if (Long.compareUnsigned(sum, amount) < 0) {
            throw new IllegalArgumentException("amount is " + amount + ", which is more than a mint can issue");
        }
        view.putLong(offset, sum);
        return new ChainAccount(account.lamports(), account.owner(), account.executable(), account.rentEpoch(), data);
    }

    private byte[] faucetTransfer(PublicKey recipient, long lamports) {
        if (recipient.equals(faucet.publicKey())) {
            throw new IllegalArgumentException("the faucet cannot give to itself");
        }
        // Two equal gifts in one slot would be one transaction; the unit limit, which nobody reads, tells them apart.
        int unitLimit = 1_000 + (int) (airdrops++ % 1_000_000);
        byte[] message = new ByteWriter(256).u8(1).u8(0).u8(2)
                .u8(4).key(faucet.publicKey()).key(recipient).key(SYSTEM_PROGRAM).key(COMPUTE_BUDGET)
                .raw(blockhash(slot - 1))
                .u8(2)
                .u8(3).u8(0).u8(5).u8(2).u32(unitLimit)
                .u8(2).u8(2).u8(0).u8(1).u8(12).u32(2).u64(lamports)
                .toByteArray();
        return new ByteWriter(WireTransaction.MAX_BYTES).u8(1).raw(faucet.sign(message)).raw(message).toByteArray();
    }

    private byte[] blockhash(long slot) {
        return derive("block", slot);
    }

    private byte[] derive(String purpose, long number) {
        return sha256().digest(new ByteWriter(128).text("nyxos localnet").text(purpose).raw(seed).u64(number).toByteArray());
    }

    private static ByteBuffer messageHash(WireTransaction transaction) {
        MessageDigest digest = sha256();
        digest.update(transaction.bytes(), transaction.messageOffset(), transaction.bytes().length - transaction.messageOffset());
        return ByteBuffer.wrap(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
