package network.nyxos.node.dispute;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import network.nyxos.chain.Account;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.node.account.ChainWriter;
import network.nyxos.node.account.NodeAccountException;
import network.nyxos.node.engine.dispute.AccuserPlayer;
import network.nyxos.node.engine.dispute.DisputeState;
import network.nyxos.node.engine.dispute.Move;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * Plays a dispute about a receipt before the registry's program, in a wallet's name (docs/disputes.md).
 *
 * <p>Everything it knows of the course is read from the chain, so whoever was interrupted begins anew and goes on where the dispute stands.
 */
public final class Accuser {
    /** {@link RegistryEvent.DisputeEnded#outcome()}: the node has lied. */
    public static final int PROVEN = 1;
    /** {@link RegistryEvent.DisputeEnded#outcome()}: the node did not answer in time. */
    public static final int NODE_SILENT = 2;

    private static final Duration WAIT = Duration.ofSeconds(90);
    /** What a proof may take; it takes some ten thousands. */
    private static final int PROOF_UNITS = 400_000;

    /**
     * What is disputed.
     *
     * @param receipt     the node's
     * @param receiptKey  who signed it
     * @param assignment  that it answers
     * @param constraints the opening of what the assignment bound the reply to; empty where that was nothing
     * @param tokenizer   the model's, as its id has it
     */
    public record Papers(SignedReceipt receipt, PublicKey receiptKey, byte[] assignment, byte[] constraints, Hash tokenizer) {
        public Papers {
            assignment = assignment.clone();
            constraints = constraints.clone();
        }
    }

    private final SolanaRpc rpc;
    private final ChainWriter writer;
    private final DisputeCalls calls;
    private final Keypair wallet;
    private final Papers papers;
    private final Supplier<AccuserPlayer> players;
    private final Consumer<String> told;
    private final DisputeCourse course;
    private final ShownEvidence evidence;
    private AccuserPlayer player;
    private Optional<RegistryEvent.DisputeEnded> end = Optional.empty();

    /**
     * Nothing is sent yet.
     *
     * @param calls   the instructions of this dispute
     * @param wallet  accuses: pays fees, rent and stake
     * @param players gives one that knows the job; another one is asked for where the same receipt was disputed before
     * @param told    what is done, a line each
     */
    public Accuser(SolanaRpc rpc, ChainWriter writer, Programs programs, DisputeCalls calls, Keypair wallet, Papers papers, Supplier<AccuserPlayer> players,
            Consumer<String> told) {
        this.rpc = rpc;
        this.writer = writer;
        this.calls = calls;
        this.wallet = wallet;
        this.papers = papers;
        this.players = players;
        this.told = told;
        this.course = new DisputeCourse(rpc, programs, calls.address());
        this.evidence = new ShownEvidence(rpc, programs);
        this.player = players.get();
    }

    /**
     * Does what there is to do now: opens the dispute where there is none, moves where it is the accuser's turn, ends it where one of the two was silent.
     *
     * @return how it ended; empty while it goes on
     * @throws NodeAccountException the transaction's code, or {@code nothing_wrong} where there is nothing to prove
     */
    public Optional<RegistryEvent.DisputeEnded> step() {
        Optional<Account> account = rpc.account(calls.address(), Commitment.CONFIRMED);
        course.read(new DisputeCourse.Follower() {
            @Override
            public void opened() {
                player = players.get();
                end = Optional.empty();
            }

            @Override
            public void answered(DisputeState before, byte[] answer) {
                player.answered(before, answer);
            }

            @Override
            public void ended(RegistryEvent.DisputeEnded ended) {
                end = Optional.of(ended);
            }
        });
        if (end.isPresent()) {
            return end;
        }
        if (account.isEmpty()) {
            send("opens the dispute " + calls.address(), calls.open(wallet.publicKey(), papers.receipt(), papers.receiptKey()));
            return Optional.empty();
        }
        Dispute dispute = Dispute.decode(account.get().data());
        DisputeState state = DisputeState.of(dispute);
        if (!course.leadsTo(dispute)) {
            return Optional.empty();
        }
        boolean overdue = Long.compareUnsigned(account.get().slot(), dispute.deadlineSlot()) >= 0;
        if (state.phase().isNodes()) {
            if (overdue) {
                send("the node was silent: ends the dispute", List.of(calls.end(wallet.publicKey(), wallet.publicKey(), dispute.rentPayer())));
            }
            return Optional.empty();
        }
        if (overdue) {
            // The stake is lost already; what is left is the rent, and a node that may leave again.
            PublicKey payout = rpc.account(dispute.node(), Commitment.CONFIRMED).map(node -> Node.decode(node.data()).payout())
                    .orElseThrow(() -> new NodeAccountException("node_missing", "the node's account " + dispute.node() + " is not there"));
            send("came too late: ends the dispute", List.of(calls.openWinnerToken(wallet.publicKey(), payout), calls.end(wallet.publicKey(), payout, dispute.rentPayer())));
            return Optional.empty();
        }
        switch (state.phase()) {
            case MODEL -> {
                boolean choice = player.doubtsAChoice();
                write(player.modelEvidence(choice ? papers.assignment() : new byte[0], choice ? papers.constraints() : new byte[0]));
                send("shows the model", List.of(calls.showModel(player.doubt() == AccuserPlayer.Doubt.LAST, papers.tokenizer())));
            }
            case IDS -> {
                write(player.idsEvidence());
                send("shows the ids that the node asked for", List.of(calls.showIds()));
            }
            default -> move(state, dispute);
        }
        return Optional.empty();
    }

    private void move(DisputeState state, Dispute dispute) {
        switch (player.move(state)) {
            case Move.Choose(int value) -> send("phase " + state.phase() + ": chooses " + value, List.of(calls.choose(value)));
            case Move.GiveUp(String reason) -> throw new NodeAccountException("nothing_wrong", "there is nothing to prove: " + reason);
            case Move.Prove proof -> {
                write(proof.evidence());
                send("proves that a number is wrong: " + state.subject() + ", step " + state.position() + ", layer " + state.layer() + ", vector " + state.vector() + ", chunk "
                        + state.first() + ", element " + proof.element(), List.of(BuiltIn.computeUnitLimit(PROOF_UNITS), calls.proveFault(proof.element(), dispute.rentPayer())));
            }
        }
    }

    /** Makes the evidence's account hold these bytes and nothing behind them. */
    private void write(byte[] bytes) {
        Optional<byte[]> standing = evidence.standing(calls.evidence());
        if (standing.isPresent() && Arrays.equals(standing.get(), bytes)) {
            return;
        }
        // It only grows: what another proof needed is taken away first.
        send("makes room for " + bytes.length + " bytes of evidence", standing.isPresent() ? List.of(calls.closeEvidence(), calls.openEvidence()) : List.of(calls.openEvidence()));
        calls.write(bytes).forEach(piece -> send("writes evidence", List.of(piece)));
    }

    /** Whether the dispute is open on chain. */
    boolean isOpen() {
        return rpc.account(calls.address(), Commitment.CONFIRMED).isPresent();
    }

    /** Takes back the rent of the evidence, once the dispute is over. */
    public void clear() {
        if (evidence.standing(calls.evidence()).isPresent()) {
            send("takes the evidence away", List.of(calls.closeEvidence()));
        }
    }

    private void send(String what, List<Instruction> instructions) {
        told.accept(what);
        Outcome outcome = writer.execute("dispute " + calls.address() + ": " + what,
                blockhash -> TransactionBuilder.legacy(wallet.publicKey()).addAll(instructions).compile(blockhash).sign(wallet), WAIT);
        if (!outcome.isConfirmed()) {
            throw new NodeAccountException(outcome);
        }
    }
}
