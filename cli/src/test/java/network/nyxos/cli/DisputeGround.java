package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionPlan;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.job.TokenHash;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.program.registry.RegistryInstruction;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.ChainAccount;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.Execution;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.dispute.AccuserPlayer;
import network.nyxos.node.engine.dispute.Computation;
import network.nyxos.node.engine.dispute.DisputeState;
import network.nyxos.node.engine.dispute.Job;
import network.nyxos.node.engine.dispute.Move;
import network.nyxos.node.engine.dispute.NodePlayer;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** A registry with disputes on a chain in this process, nodes that have signed receipts, and an accuser. */
final class DisputeGround implements AutoCloseable {
    static final long BOND = 10_000_000;
    static final long MIN_BOND = 4_000_000;
    static final long FUNDS = 1_000_000_000;
    static final long ANSWER_SLOTS = 200;
    static final Hash SALT = Hash.sha256(new byte[] {5});
    private static final Path ARTIFACT = Path.of("..", "onchain", "artifacts", "registry.so");
    private static final int PROOF_UNITS = 1_400_000;

    final LocalChain chain;
    final Keypair accuser = Keypair.generate();
    final SolanaRpc rpc;
    private final LocalRpcServer server;
    private final Keypair council = Keypair.generate();
    private final Keypair mint = Keypair.generate();
    private final RegistryCalls registry;
    final PublicKey config;

    /** What a gateway ordered, and the receipt of who served it. */
    record Papers(SignedAssignment order, SignedReceipt receipt) {
    }

    /** A node's keys, and its papers. */
    record Served(Keypair nodeKey, Keypair receiptKey, Keypair operator, Papers papers) {
        Assignment assignment() {
            return papers.order().assignment();
        }

        SignedReceipt receipt() {
            return papers.receipt();
        }
    }

    /**
     * How a game went.
     *
     * @param rounds       moves of both
     * @param transactions of both, evidence and all
     * @param proofUnits   compute units of the transaction that proved the fault; 0 where none was proved
     * @param evidence     bytes of the proof
     */
    record Course(DisputeState end, int rounds, int transactions, long proofUnits, int evidence) {
    }

    DisputeGround() {
        chain = LocalChain.start(ChainOptions.defaults().withManualSlots());
        config = Programs.LOCAL.config(council.publicKey(), 1);
        server = LocalRpcServer.start(chain, 0);
        rpc = SolanaRpc.connect(server.httpUrl());
        registry = new RegistryCalls(Programs.LOCAL, config, mint.publicKey(), LocalChain.TOKEN_2022_PROGRAM);
        try {
            chain.deploy(Programs.LOCAL.registry(), Files.readAllBytes(ARTIFACT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        chain.createMint(mint.publicKey(), LocalChain.TOKEN_2022_PROGRAM, council.publicKey(), 6);
        chain.airdrop(council.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.airdrop(accuser.publicKey(), 100 * LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(mint.publicKey(), accuser.publicKey(), FUNDS);
        sent(List.of(registry.initialize(council.publicKey(), council.publicKey(),
                new RegistryCalls.Terms(1, council.publicKey(), MIN_BOND, MIN_BOND, 150, 1, List.of(council.publicKey()), ANSWER_SLOTS))), council);
    }

    /** A new node, bonded, that has signed a receipt for a job as it says that it computed it. */
    Served serve(Model model, Job job, Computation computed) {
        Keypair nodeKey = Keypair.generate();
        Keypair receiptKey = Keypair.generate();
        Keypair operator = Keypair.generate();
        chain.airdrop(operator.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        chain.airdrop(nodeKey.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        chain.mintTo(mint.publicKey(), operator.publicKey(), BOND);
        sent(List.of(registry.register(operator.publicKey(), operator.publicKey(), nodeKey.publicKey(), Set.of(Tier.OPEN, Tier.VERIFIED), receiptKey.publicKey(),
                PublicKey.NONE, operator.publicKey(), BOND)), operator, nodeKey);
        return new Served(nodeKey, receiptKey, operator, signed(model, job, computed, nodeKey, receiptKey, council, mint.publicKey()));
    }

    /** The papers of a job as a node says that it computed it. */
    static Papers signed(Model model, Job job, Computation computed, Keypair nodeKey, Keypair receiptKey, Keypair gateway, PublicKey mint) {
        Hash modelId = Hash.fromHex(model.card().id());
        var sampler = new Sampler(job.sampling().temperatureMicro(), job.sampling().topPMicro(), job.sampling().topK());
        var assignment = new Assignment(Hash.sha256(nodeKey.publicKey().toByteArray()), gateway.publicKey(), nodeKey.publicKey(), modelId, Tier.VERIFIED, 0, 100,
                mint, new Price(1, 1), 1_000, Payment.VOUCHER, Hash.ZERO, job.seed(), sampler, Constraints.NONE.hash(), Hash.ZERO, 1_000, 60_000);
        var receipt = new Receipt(assignment.jobId(), nodeKey.publicKey(), modelId, Model.ENGINE, Tier.VERIFIED, job.seed(), sampler, TokenHash.prompt(SALT, job.prompt()),
                TokenHash.output(job.reply()), job.prompt().length, job.reply().length, mint, 10, Finish.LENGTH, computed.trace().commitment(SALT), Hash.ZERO,
                assignment.digest(), 2_000, 3_000);
        return new Papers(assignment.sign(gateway), receipt.sign(receiptKey));
    }

    /** The instructions of the accuser's dispute with a node. */
    DisputeCalls calls(Served served) {
        return registry.dispute(served.nodeKey().publicKey(), served.receipt().receipt().hash(), accuser.publicKey());
    }

    /** The node's part. */
    interface NodeSide {
        /** Moves on chain; gives what was answered, and nothing where the node asked for the ids. */
        Optional<byte[]> move(DisputeState state);
    }

    /** A node that answers what a player says. */
    NodeSide answering(Served served, NodePlayer node) {
        return state -> {
            byte[] answer = node.answer(state);
            sent(List.of(calls(served).answer(answer)), served.nodeKey());
            return Optional.of(answer);
        };
    }

    /** What the last transaction of a dispute answered. */
    Optional<byte[]> lastAnswer(DisputeCalls calls) {
        Signature latest = rpc.signaturesFor(calls.address(), Optional.empty(), Optional.empty(), 1, Commitment.CONFIRMED).getFirst().signature();
        return rpc.transaction(latest, Commitment.CONFIRMED).orElseThrow().instructions().stream().filter(each -> each.program().equals(Programs.LOCAL.registry()))
                .map(each -> RegistryInstruction.decode(each.data())).flatMap(each -> each instanceof RegistryInstruction.Answer answer ? Stream.of(answer.bytes()) : Stream.empty())
                .findFirst();
    }

    /** Plays until something is proved, or the accuser gives up; {@code last} as {@code show_model} has it. */
    Course play(Model model, Served served, NodeSide node, AccuserPlayer player, boolean last) {
        Course walked = walk(model, served, node, player, last, state -> player.move(state) instanceof Move.Choose(int value) ? OptionalInt.of(value) : OptionalInt.empty());
        DisputeCalls calls = calls(served);
        if (player.move(walked.end()) instanceof Move.Prove proof) {
            int written = write(calls, proof.evidence(), true);
            Execution proved = sent(List.of(units(), calls.proveFault(proof.element(), accuser.publicKey())), accuser);
            sent(List.of(calls.closeEvidence()), accuser);
            return new Course(walked.end(), walked.rounds() + 1, walked.transactions() + written + 1, proved.computeUnits(), proof.evidence().length);
        }
        sent(List.of(calls.end(accuser.publicKey(), served.operator().publicKey(), accuser.publicKey())), accuser);
        return walked;
    }

    /** What an accuser chooses; nothing where it proves or gives up. */
    interface Chooser {
        OptionalInt choose(DisputeState state);
    }

    /** Plays until the accuser chooses nothing more. */
    Course walk(Model model, Served served, NodeSide node, AccuserPlayer player, boolean last, Chooser chooser) {
        DisputeCalls calls = calls(served);
        sent(calls.open(accuser.publicKey(), served.receipt(), served.receiptKey().publicKey()), accuser);
        byte[] assignment = player.doubtsAChoice() ? served.assignment().encode() : new byte[0];
        int transactions = 2 + write(calls, player.modelEvidence(assignment, new byte[0]), false);
        sent(List.of(calls.showModel(last, model.template().hash())), accuser);
        boolean shown = false;
        for (int rounds = 1;; rounds++, transactions++) {
            DisputeState state = state(calls);
            if (state.phase().isNodes()) {
                node.move(state).ifPresent(answer -> player.answered(state, answer));
                if (shown) {
                    // As soon as it may: a node that starts again finds no account that has the ids.
                    sent(List.of(calls.closeEvidence(), calls.openEvidence()), accuser);
                    shown = false;
                }
            } else if (state.phase() == DisputeState.Phase.IDS) {
                transactions += write(calls, player.idsEvidence(), true);
                sent(List.of(calls.showIds()), accuser);
                shown = true;
            } else {
                OptionalInt choice = chooser.choose(state);
                if (choice.isEmpty()) {
                    return new Course(state, rounds, transactions, 0, 0);
                }
                sent(List.of(calls.choose(choice.getAsInt())), accuser);
            }
        }
    }

    /** Writes evidence anew; gives how many transactions that took. */
    int write(DisputeCalls calls, byte[] evidence, boolean again) {
        sent(again ? List.of(calls.closeEvidence(), calls.openEvidence()) : List.of(calls.openEvidence()), accuser);
        List<Instruction> pieces = calls.write(evidence);
        pieces.forEach(piece -> sent(List.of(piece), accuser));
        return 1 + pieces.size();
    }

    static Instruction units() {
        byte[] data = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN).put((byte) 2).putInt(PROOF_UNITS).array();
        return Instruction.createInstruction(WellKnown.COMPUTE_BUDGET, List.of(), data);
    }

    /** Evidence that an accuser made as long as a dispute, with a node's key where a dispute has it. */
    void makeBelieve(Served served) {
        byte[] data = new byte[Dispute.SIZE];
        Arrays.fill(data, (byte) 0xff);
        data[0] = 7;
        System.arraycopy(served.nodeKey().publicKey().toByteArray(), 0, data, Dispute.OFFSET_NODE_KEY, PublicKey.PUBLIC_KEY_LENGTH);
        chain.setAccount(Keypair.generate().publicKey(), ChainAccount.of(LocalChain.LAMPORTS_PER_SOL, Programs.LOCAL.registry(), data));
    }

    DisputeState state(DisputeCalls calls) {
        return DisputeState.of(Dispute.decode(chain.account(calls.address()).orElseThrow().data()));
    }

    Node node(Served served) {
        return Node.decode(chain.account(registry.node(served.nodeKey().publicKey())).orElseThrow().data());
    }

    long balance(PublicKey wallet) {
        return chain.tokenBalance(Tokens.associated(wallet, mint.publicKey(), LocalChain.TOKEN_2022_PROGRAM));
    }

    /** Sends what must go well; the first key pays. */
    Execution sent(List<Instruction> instructions, Keypair... signers) {
        Execution execution = send(instructions, signers);
        assertThat(execution.failure()).as("%s", execution.logs()).isEmpty();
        return execution;
    }

    /** A writer that does not wait: this chain has executed what it has taken. */
    Outcome execute(String intent, TransactionPlan plan, Duration wait) {
        chain.advanceSlots(1);
        SignedTransaction transaction = plan.sign(Hash.fromBase58(chain.latestBlockhash()));
        Execution execution = chain.send(transaction.bytes()).execution();
        assertThat(execution.failure()).as("%s: %s", intent, execution.logs()).isEmpty();
        return new Outcome(intent, 1, Outcome.State.CONFIRMED, transaction.signature(), OptionalLong.of(chain.slot()), Optional.empty(), Optional.empty());
    }

    /** Sends; the first key pays. */
    Execution send(List<Instruction> instructions, Keypair... signers) {
        // The same choice twice would be one transaction.
        chain.advanceSlots(1);
        byte[] wire = TransactionBuilder.legacy(signers[0].publicKey()).addAll(instructions).compile(Hash.fromBase58(chain.latestBlockhash())).sign(signers).bytes();
        return chain.send(wire).execution();
    }

    @Override
    public void close() {
        rpc.close();
        server.close();
        chain.close();
    }
}
