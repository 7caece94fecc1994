package network.nyxos.node.dispute;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import network.nyxos.chain.Account;
import network.nyxos.chain.AccountFilter;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.ProgramState;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.node.account.ChainWriter;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.dispute.DisputeState;
import network.nyxos.node.engine.dispute.Job;
import network.nyxos.node.engine.dispute.NodePlayer;
import network.nyxos.node.engine.dispute.Recomputation;
import network.nyxos.node.engine.int8.WeightsTree;
import network.nyxos.node.job.RevealMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * Answers disputes about a node's receipts (docs/disputes.md): looks for those in which it is the node's turn, runs the job again and opens what is asked for.
 *
 * <p>A job's ids are those that the node still remembers; else it asks the accuser, who must know them. Each answer follows from the dispute's account alone, so one
 * that got lost is made again by the next round, and a restart forgets nothing that cannot be had again. The node key signs and pays the fees.
 */
public final class Defender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Defender.class);
    private static final Duration WAIT = Duration.ofSeconds(60);
    /** How long closing waits for a move that is under way. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Jobs in memory. */
    private static final int JOBS = 2;
    /** Lamports below which a node key is said to need SOL: some hundred answers' fees. */
    private static final long LOW = 1_000_000;

    private final SolanaRpc rpc;
    private final ChainWriter writer;
    private final Programs programs;
    private final Keypair nodeKey;
    private final Map<Hash, Model> models;
    private final RevealMemory memory;
    private final ShownEvidence shown;
    private final Map<Hash, WeightsTree> weights = new HashMap<>();
    /** Of disputes against many receipts at once the jobs are run again turn by turn: each keeps the keys and values of all its tokens. */
    private final Map<PublicKey, NodePlayer> players = new LinkedHashMap<>(2 * JOBS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PublicKey, NodePlayer> eldest) {
            return size() > JOBS;
        }
    };
    private final Set<PublicKey> undefended = new HashSet<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private Optional<Thread> thread = Optional.empty();

    /**
     * A defender, not started yet.
     *
     * @param nodeKey signs answers and pays their fees
     * @param models  the models that the node runs under {@code nyx-int8-v1}, by id
     * @param memory  ids of jobs that the node remembers
     */
    public Defender(SolanaRpc rpc, ChainWriter writer, Programs programs, Keypair nodeKey, Map<Hash, Model> models, RevealMemory memory) {
        this.rpc = rpc;
        this.writer = writer;
        this.programs = programs;
        this.nodeKey = nodeKey;
        this.models = Map.copyOf(models);
        this.memory = memory;
        this.shown = new ShownEvidence(rpc, programs);
    }

    /** Looks for disputes this often, until it is closed. */
    public synchronized void start(Duration every) {
        thread = Optional.of(Thread.ofPlatform().daemon().name("node-defender").start(() -> {
            try {
                while (!closing.await(every.toMillis(), TimeUnit.MILLISECONDS)) {
                    try {
                        round();
                    } catch (RuntimeException e) {
                        LOG.warn("disputes could not be looked for, tried again: {}", e.getMessage());
                    }
                }
            } catch (InterruptedException e) {
                LOG.debug("no longer looks for disputes");
            }
        }));
    }

    /**
     * Looks once, and moves in every dispute in which it is the node's turn.
     *
     * @return how many moves were made
     * @throws network.nyxos.chain.RpcException where the chain cannot be asked
     */
    public int round() {
        ProgramState found = rpc.programState(programs.registry(), List.of(new AccountFilter.Size(Dispute.SIZE),
                AccountFilter.key(Dispute.OFFSET_NODE_KEY, nodeKey.publicKey())), Commitment.CONFIRMED);
        Set<PublicKey> open = new HashSet<>();
        int moves = 0;
        for (Account account : found.accounts()) {
            // Evidence is of any length, and an accuser writes what it likes into it.
            if (!Dispute.matches(account.data())) {
                continue;
            }
            open.add(account.address());
            Dispute dispute = Dispute.decode(account.data());
            boolean inTime = Long.compareUnsigned(found.slot(), dispute.deadlineSlot()) < 0;
            if (inTime && DisputeState.Phase.of(dispute.phase()).isNodes()) {
                try {
                    moves += move(account.address(), dispute) ? 1 : 0;
                } catch (RuntimeException e) {
                    LOG.error("dispute {} about receipt {} could not be answered, tried again until slot {}: {}", account.address(), dispute.receiptHash(),
                            Long.toUnsignedString(dispute.deadlineSlot()), e.getMessage(), e);
                }
            }
        }
        players.keySet().retainAll(open);
        undefended.retainAll(open);
        return moves;
    }

    private boolean move(PublicKey address, Dispute dispute) {
        NodePlayer player = players.get(address);
        if (player == null) {
            Model model = models.get(dispute.modelId());
            if (model == null) {
                return cannot(address, dispute, "this node does not run model " + dispute.modelId());
            }
            Optional<DisputedText> text = text(address, dispute);
            if (text.isEmpty()) {
                return dispute.idsAsked() == 0 ? send(dispute, "asks for the ids", new RegistryInstruction.AskIds().instruction(programs.registry(),
                        new RegistryInstruction.AskIds.Accounts(nodeKey.publicKey(), dispute.config(), address, programs.registryEventAuthority(), programs.registry())))
                        : cannot(address, dispute, "the ids that were shown are not to be had any more");
            }
            player = player(address, dispute, model, text.get());
            players.put(address, player);
        }
        byte[] answer = player.answer(DisputeState.of(dispute));
        return send(dispute, "answers phase " + dispute.phase(), new RegistryInstruction.Answer(answer).instruction(programs.registry(),
                new RegistryInstruction.Answer.Accounts(nodeKey.publicKey(), dispute.config(), address, programs.registryEventAuthority(), programs.registry())));
    }

    private boolean cannot(PublicKey address, Dispute dispute, String reason) {
        if (undefended.add(address)) {
            LOG.error("dispute {} about receipt {} cannot be answered, and this node's bond is lost at slot {}: {}", address, dispute.receiptHash(),
                    Long.toUnsignedString(dispute.deadlineSlot()), reason);
        }
        return false;
    }

    private Optional<DisputedText> text(PublicKey address, Dispute dispute) {
        Optional<DisputedText> remembered = memory.find(dispute.promptCommitment(), dispute.outputHash())
                .map(opening -> new DisputedText(opening.salt(), opening.promptIds(), opening.outputIds()));
        if (remembered.isPresent() || dispute.idsAsked() == 0) {
            return remembered;
        }
        PublicKey evidence = programs.evidence(address);
        Optional<DisputedText> standing = shown.standing(evidence).flatMap(DisputedText::read).filter(text -> text.opens(dispute));
        return standing.or(() -> shown.whenIdsWereShown(evidence).flatMap(DisputedText::read).filter(text -> text.opens(dispute)));
    }

    private NodePlayer player(PublicKey address, Dispute dispute, Model model, DisputedText text) {
        LOG.info("dispute {} about receipt {}: the job is run again", address, dispute.receiptHash());
        Sampling sampling = new Sampling((int) dispute.temperatureMicro(), (int) dispute.topPMicro(), (int) dispute.topK());
        WeightsTree tree = weights.computeIfAbsent(dispute.modelId(), _ -> model.decoder().weightsTree());
        Recomputation computed = Recomputation.of(model, tree, new Job(text.prompt(), text.reply(), sampling, dispute.samplerSeed(), false));
        if (!computed.trace().commitment(text.salt()).equals(dispute.traceCommitment())) {
            LOG.error("dispute {} about receipt {}: the job run again is not what the receipt says; this node's memory or disk may be failing", address, dispute.receiptHash());
        }
        return new NodePlayer(computed, text.salt());
    }

    private boolean send(Dispute dispute, String what, Instruction instruction) {
        long lamports = rpc.balance(nodeKey.publicKey(), Commitment.CONFIRMED);
        if (lamports < LOW) {
            LOG.error("node key {} has {} lamports: it pays the fees of answers in disputes, and who does not answer loses its bond; send it SOL", nodeKey.publicKey(), lamports);
        }
        String intent = "dispute:" + dispute.receiptHash() + ":" + dispute.accuser() + ":" + dispute.phase() + ":" + Long.toUnsignedString(dispute.deadlineSlot());
        Outcome outcome = writer.execute(intent, blockhash -> TransactionBuilder.legacy(nodeKey.publicKey()).add(instruction).compile(blockhash).sign(nodeKey), WAIT);
        if (outcome.isConfirmed()) {
            LOG.info("dispute about receipt {} by {}: {}", dispute.receiptHash(), dispute.accuser(), what);
        } else {
            LOG.error("dispute about receipt {} by {}: {}, but {}", dispute.receiptHash(), dispute.accuser(), what, outcome.describe());
        }
        return outcome.isConfirmed();
    }

    /** Stops looking; a move that is under way is given some seconds. */
    @Override
    public void close() {
        closing.countDown();
        Optional<Thread> running;
        synchronized (this) {
            running = thread;
        }
        running.ifPresent(looking -> {
            try {
                looking.join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
