package network.nyxos.node.dispute;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.node.account.ChainWriter;
import network.nyxos.node.account.NodeAccountException;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.dispute.AccuserPlayer;
import network.nyxos.node.engine.dispute.Recomputation;
import network.nyxos.node.engine.int8.WeightsTree;
import network.nyxos.node.outbox.AccusedReceipts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/**
 * Disputes receipts that this node found wrong, with a stake of its own, and plays each dispute to its end (docs/disputes.md, docs/decisions/055).
 *
 * <p>It believes nobody: what it is given must open what the receipt commits to, the registry must know who signed it, and its own run of the job must leave
 * something to prove; else no stake is paid. What it plays with is on disk before it pays, and everything else is read from the chain: whoever was stopped goes on
 * where each dispute stands. A dispute's address follows from node, receipt and wallet, so that none can be open twice.
 */
public final class Accusations implements AutoCloseable {
    /** Disputes at once: each keeps the keys and values of all its job's tokens in memory, and a stake in the registry. */
    public static final int AT_ONCE = 4;

    /** The code for: not now, ask again. */
    public static final String LATER = "accuse_later";

    private static final Logger LOG = LoggerFactory.getLogger(Accusations.class);
    /** How long closing waits for moves that are under way. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int ACTIVE = 1;
    private static final int UNBONDING = 2;
    /** What the registry's program can be shown. */
    private static final int MOST_HEAD = 128;
    private static final int MOST_EVIDENCE = 262_144;
    /** Of a chain's rent: lamports for a byte, and bytes that every account has besides its data. */
    private static final long RENT = 6_960;
    private static final int OVERHEAD = 128;
    /** Bytes of a proof for each value of the model's stream: twice what was measured (docs/disputes.md). */
    private static final int PROOF_A_VALUE = 20;
    /** Lamports for some hundred transactions. */
    private static final long FEES = 1_000_000;
    /** How often an opening is refused before it is given up. */
    private static final int REFUSALS = 5;
    /** JSON-RPC's word for a transaction whose trial run failed: it was not sent. */
    private static final long NOT_SENT = -32_002;

    private final SolanaRpc rpc;
    private final ChainWriter writer;
    private final Programs programs;
    private final PublicKey config;
    private final Keypair wallet;
    private final Map<Hash, Model> models;
    private final AccusedReceipts kept;
    private final BiConsumer<Hash, String> told;
    private final Map<Hash, WeightsTree> weights = new ConcurrentHashMap<>();
    private final Map<Hash, Case> cases = new ConcurrentHashMap<>();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(AT_ONCE, Thread.ofPlatform().daemon().name("node-accuser-", 0).factory());
    private Optional<Duration> every = Optional.empty();

    /**
     * One that goes on with what an earlier one left in the folder, but not by itself yet.
     *
     * @param config the registry's config account
     * @param wallet accuses: pays stakes, rent and fees, and is rewarded
     * @param models the models that the node runs under {@code nyx-int8-v1}, by id
     * @param folder where it keeps what it plays with; its own
     * @param told   of a job, what is done about it
     */
    public Accusations(SolanaRpc rpc, ChainWriter writer, Programs programs, PublicKey config, Keypair wallet, Map<Hash, Model> models, Path folder, BiConsumer<Hash, String> told) {
        this.rpc = rpc;
        this.writer = writer;
        this.programs = programs;
        this.config = config;
        this.wallet = wallet;
        this.models = Map.copyOf(models);
        this.kept = new AccusedReceipts(folder);
        this.told = told;
        kept.all().forEach(accuse -> {
            Case left = new Case(DoubtedReceipt.of(accuse));
            cases.put(left.receipt(), left);
        });
    }

    /** Goes on with every dispute this often, each by itself, until it is closed. */
    public synchronized void start(Duration pace) {
        every = Optional.of(pace);
        cases.values().forEach(this::schedule);
    }

    private synchronized void schedule(Case part) {
        every.ifPresent(pace -> part.turns = Optional.of(threads.scheduleWithFixedDelay(part::advance, 0, pace.toMillis(), TimeUnit.MILLISECONDS)));
    }

    /** Makes the move that is due in every dispute, for who does not {@link #start} it. */
    public void round() {
        cases.values().forEach(Case::advance);
    }

    /** How many disputes are not over. */
    public int open() {
        return cases.size();
    }

    /**
     * Disputes a receipt; asked again about one that it disputes already, it does nothing. Runs the job again first, which takes as long as the job did.
     *
     * @return the wallet that accuses
     * @throws ProtocolException {@value #LATER}; else it will not accuse: {@code accuse_papers}, {@code accuse_unsupported}, {@code disputes_off},
     *                           {@code node_unregistered}, {@code bond_gone}, {@code receipt_signature}, {@code nothing_wrong}, {@code stake_missing},
     *                           {@code dispute_over}, {@code dispute_refused}
     * @throws EngineException   for a job that the model cannot run
     */
    public PublicKey accuse(DoubtedReceipt doubted) {
        Case part = new Case(doubted);
        synchronized (cases) {
            if (cases.containsKey(part.receipt())) {
                return wallet.publicKey();
            }
            if (cases.size() >= AT_ONCE) {
                throw new ProtocolException(LATER, "this node plays " + AT_ONCE + " disputes already");
            }
            cases.put(part.receipt(), part);
        }
        try {
            part.begin();
        } catch (RuntimeException e) {
            cases.remove(part.receipt());
            throw e;
        }
        schedule(part);
        return wallet.publicKey();
    }

    private Account require(PublicKey address, String code, String what) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.owner().equals(programs.registry()))
                .orElseThrow(() -> new ProtocolException(code, what + " is not on chain at " + address));
    }

    private RegistryCalls registry(Config terms) {
        PublicKey mint = terms.bondMint();
        PublicKey tokenProgram = rpc.account(mint, Commitment.CONFIRMED).map(Account::owner).orElseThrow(() -> new ProtocolException("mint_missing", "bond mint " + mint + " left the chain"));
        return new RegistryCalls(programs, config, mint, tokenProgram);
    }

    /** @param width of the model's stream, which the longest proofs show whole */
    private void afford(Config terms, DoubtedReceipt doubted, int width) {
        PublicKey token = Tokens.associated(wallet.publicKey(), terms.bondMint(), rpc.account(terms.bondMint(), Commitment.CONFIRMED).map(Account::owner).orElse(PublicKey.NONE));
        long stake = terms.minBond();
        long held = rpc.tokenBalance(token, Commitment.CONFIRMED).orElse(0L);
        if (Long.compareUnsigned(held, stake) < 0) {
            throw new ProtocolException("stake_missing", "wallet " + wallet.publicKey() + " holds " + Long.toUnsignedString(held) + " base units of the bond mint, the stake is "
                    + Long.toUnsignedString(stake));
        }
        long evidence = Math.max((long) PROOF_A_VALUE * width, doubted.idsLength());
        if (evidence > MOST_EVIDENCE) {
            throw new ProtocolException("accuse_unsupported", "prompt and reply are too long to be shown to a node that asks for them");
        }
        long lamports = rpc.balance(wallet.publicKey(), Commitment.CONFIRMED);
        long needed = FEES + RENT * (2 * OVERHEAD + Dispute.SIZE + evidence);
        if (lamports < needed) {
            throw new ProtocolException("stake_missing", "wallet " + wallet.publicKey() + " has " + lamports + " lamports; rent and fees of a dispute are up to " + needed);
        }
    }

    /** Stops; moves under way are given some seconds. What is open goes on with the next start. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a move in a dispute was under way and goes on with the next start");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One dispute. */
    private final class Case {
        private final DoubtedReceipt doubted;
        private Optional<Accuser> accuser = Optional.empty();
        private boolean over;
        private int refusals;
        private volatile Optional<Future<?>> turns = Optional.empty();

        Case(DoubtedReceipt doubted) {
            this.doubted = doubted;
        }

        Hash receipt() {
            return doubted.receipt().receipt().hash();
        }

        /** Makes sure of everything, and opens it. */
        synchronized void begin() {
            try {
                doubted.check();
                Config terms = terms();
                if (terms.answerSlots() == 0) {
                    throw new ProtocolException("disputes_off", "the registry has no disputes");
                }
                Node node = node();
                if (node.state() != ACTIVE && node.state() != UNBONDING || node.bond() == 0) {
                    throw new ProtocolException("bond_gone", "node " + node.nodeKey() + " has no bond to take any more");
                }
                PublicKey signer = doubted.signer(node, rpc.slot(Commitment.CONFIRMED))
                        .orElseThrow(() -> new ProtocolException("receipt_signature", "no key that the registry takes of node " + node.nodeKey() + " signed the receipt"));
                afford(terms, doubted, tree(model()).header().width());
                Accuser made = accuser(terms, signer);
                kept.put(doubted.message());
                open(made);
            } catch (RuntimeException e) {
                over = true;
                throw e;
            }
        }

        private void open(Accuser made) {
            accuser = Optional.of(made);
            Optional<RegistryEvent.DisputeEnded> earlier = Optional.empty();
            try {
                earlier = made.step();
            } catch (RuntimeException e) {
                if (neverOpened(made, e)) {
                    kept.remove(receipt());
                    throw new ProtocolException("dispute_refused", "the dispute was not opened: " + e.getMessage());
                }
                LOG.warn("dispute about receipt {}: whether it was opened is not known yet: {}", receipt(), e.getMessage());
            }
            if (earlier.isPresent()) {
                kept.remove(receipt());
                throw new ProtocolException("dispute_over", "this wallet has disputed that receipt before");
            }
        }

        private Config terms() {
            return Config.decode(require(config, "registry_missing", "the registry's config").data());
        }

        private Node node() {
            PublicKey key = doubted.receipt().receipt().node();
            return Node.decode(require(programs.node(config, key), "node_unregistered", "node " + key).data());
        }

        private Model model() {
            Receipt said = doubted.receipt().receipt();
            Model model = models.get(said.modelId());
            if (model == null || !said.engine().equals(Model.ENGINE)) {
                throw new ProtocolException("accuse_unsupported", "this node does not run model " + said.modelId() + " on engine " + said.engine() + " as its own");
            }
            return model;
        }

        private WeightsTree tree(Model model) {
            WeightsTree tree = weights.computeIfAbsent(doubted.receipt().receipt().modelId(), _ -> model.decoder().weightsTree());
            if (tree.header().headSize() > MOST_HEAD) {
                throw new ProtocolException("accuse_unsupported", "models with heads of more than " + MOST_HEAD + " values have no disputes on chain");
            }
            return tree;
        }

        /** Runs the job again. */
        private Accuser accuser(Config terms, PublicKey signer) {
            Receipt said = doubted.receipt().receipt();
            Model model = model();
            Recomputation honest = Recomputation.of(model, tree(model), doubted.job());
            if (new AccuserPlayer(honest, doubted.claim()).doubt() == AccuserPlayer.Doubt.NONE) {
                throw new ProtocolException("nothing_wrong", "what the registry's program can decide of receipt " + receipt() + " is as it should be");
            }
            return new Accuser(rpc, writer, programs, registry(terms).dispute(said.node(), receipt(), wallet.publicKey()), wallet, doubted.papers(signer, model.template().hash()),
                    () -> new AccuserPlayer(honest, doubted.claim()), line -> {
                        LOG.info("dispute about receipt {} of node {}: {}", receipt(), said.node(), line);
                        told.accept(said.jobId(), line);
                    });
        }

        /** Whether a failure proves that nothing was paid: it ended before the dispute was there, and no transaction is on its way. */
        private boolean neverOpened(Accuser made, RuntimeException e) {
            boolean ended = e instanceof NodeAccountException known && known.outcome().isPresent() && !known.code().equals("outcome_unknown")
                    || e instanceof RpcException.Refused refused && refused.number() == NOT_SENT;
            try {
                return ended && !made.isOpen();
            } catch (RpcException unknown) {
                return false;
            }
        }

        /** Makes the move that is due. */
        synchronized void advance() {
            if (over) {
                return;
            }
            try {
                if (accuser.isEmpty()) {
                    // After a restart. A dispute that is open needs no key to be signed with any more; one that is not is refused where the key no longer counts.
                    Node node = node();
                    accuser = Optional.of(accuser(terms(), doubted.signer(node, rpc.slot(Commitment.CONFIRMED)).orElse(node.receiptKey())));
                }
                advance(accuser.get());
            } catch (ProtocolException | EngineException e) {
                LOG.error("dispute about receipt {} cannot be gone on with, and the stake is lost when the time for a move is over; tried again: {}", receipt(), e.getMessage());
            } catch (RuntimeException e) {
                LOG.warn("dispute about receipt {}: tried again: {}", receipt(), e.getMessage());
            }
        }

        private void advance(Accuser now) {
            try {
                Optional<RegistryEvent.DisputeEnded> end = now.step();
                if (end.isPresent()) {
                    now.clear();
                    ended(end.get());
                }
            } catch (NodeAccountException | RpcException e) {
                // A chain's node that is behind may not show a dispute that is there: one look is not enough to give up a stake.
                if (!neverOpened(now, e) || ++refusals < REFUSALS) {
                    throw e;
                }
                LOG.warn("dispute about receipt {} was never opened: {}", receipt(), e.getMessage());
                forget();
            }
        }

        private void ended(RegistryEvent.DisputeEnded end) {
            Receipt said = doubted.receipt().receipt();
            String line = switch (end.outcome()) {
                case Accuser.PROVEN -> "proved: node " + said.node() + " lost its bond, " + end.reward() + " base units of it to " + end.accuser();
                case Accuser.NODE_SILENT -> "node " + said.node() + " was silent and lost its bond, " + end.reward() + " base units of it to " + end.accuser();
                default -> "the stake is lost";
            };
            LOG.info("dispute about receipt {} is over: {}", receipt(), line);
            told.accept(said.jobId(), "dispute over: " + line);
            forget();
        }

        private void forget() {
            over = true;
            kept.remove(receipt());
            cases.remove(receipt());
            turns.ifPresent(future -> future.cancel(false));
        }
    }
}
