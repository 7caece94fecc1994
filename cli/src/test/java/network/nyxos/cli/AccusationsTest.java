package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import network.nyxos.cli.DisputeGround.Served;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.program.Programs;
import network.nyxos.localnet.LocalChain;
import network.nyxos.node.dispute.Accusations;
import network.nyxos.node.dispute.DoubtedReceipt;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.dispute.Computation;
import network.nyxos.node.engine.dispute.Job;
import network.nyxos.node.engine.dispute.LyingNode;
import network.nyxos.node.engine.dispute.NodePlayer;
import network.nyxos.node.engine.dispute.Recomputation;
import network.nyxos.node.engine.int8.Decoder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node's own accusations before the program itself: it pays a stake only where it can win, plays until the end whatever interrupts it, and pays it once. */
@Timeout(400)
class AccusationsTest {
    private static final int[] PROMPT = {5, 9, 60, 11, 7};

    @TempDir
    private Path folder;
    private DisputeGround ground;
    private Model model;
    private Recomputation honest;
    private Recomputation flipped;

    @BeforeEach
    void open() {
        ground = new DisputeGround();
        model = Model.load(TinyModel.write(folder, 42), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE));
        int[] reply = new int[3];
        for (int i = 0; i < reply.length; i++) {
            reply[i] = run(reply).chosen(i);
        }
        honest = run(reply);
        reply[1] = (reply[1] + 1) % TinyModel.VOCABULARY;
        flipped = run(reply);
    }

    @AfterEach
    void close() {
        model.close();
        ground.close();
    }

    private Recomputation run(int[] reply) {
        return Recomputation.of(model, model.decoder().weightsTree(), new Job(PROMPT, reply, Sampling.GREEDY, 7, true));
    }

    private Path kept() {
        return folder.resolve("accused");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(kept())) {
            return files.toList();
        }
    }

    private Accusations accusations(Keypair wallet) {
        return new Accusations(ground.rpc, ground::execute, Programs.LOCAL, ground.config, wallet, Map.of(Hash.fromHex(model.card().id()), model), kept(), (job, line) -> { });
    }

    private static DoubtedReceipt doubted(Served served, Job job) {
        return new DoubtedReceipt(served.papers().order(), served.receipt(), DisputeGround.SALT, job.prompt(), job.reply(), Constraints.NONE);
    }

    private boolean disputed(Served served) {
        return ground.chain.account(ground.calls(served).address()).isPresent();
    }

    private boolean waitsForNode(Served served) {
        return disputed(served) && ground.state(ground.calls(served)).phase().isNodes();
    }

    private long stakes() {
        return DisputeGround.FUNDS - ground.balance(ground.accuser.publicKey());
    }

    private static void refused(String code, Accusations accusations, DoubtedReceipt doubted) {
        assertThatThrownBy(() -> accusations.accuse(doubted)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void several_are_played_at_once_to_their_end_by_services_that_are_stopped_again_and_again() throws IOException {
        Map<Served, NodePlayer> liars = new HashMap<>();
        List<DoubtedReceipt> doubted = new ArrayList<>();
        for (Computation lie : List.of(LyingNode.inBlock(honest, 5, 1, 8, 0, new Random(1)), LyingNode.inBlock(honest, 0, 0, 2, 1, new Random(2)))) {
            Served served = ground.serve(model, honest.job(), lie);
            liars.put(served, new NodePlayer(lie, DisputeGround.SALT));
            doubted.add(doubted(served, honest.job()));
        }
        Served silent = ground.serve(model, flipped.job(), flipped);
        doubted.add(doubted(silent, flipped.job()));
        try (Accusations first = accusations(ground.accuser)) {
            for (DoubtedReceipt each : doubted) {
                assertThat(first.accuse(each)).isEqualTo(ground.accuser.publicKey());
                assertThat(first.accuse(each)).as("asked again").isEqualTo(ground.accuser.publicKey());
            }
            assertThat(stakes()).as("one stake a dispute").isEqualTo(3 * DisputeGround.MIN_BOND);
            assertThat(files()).hasSize(3).allSatisfy(file -> assertThat(Files.getPosixFilePermissions(file)).as("its owner's alone").hasSize(2));
        }
        while (!files().isEmpty()) {
            try (Accusations next = accusations(ground.accuser)) {
                next.round();
            }
            liars.forEach((served, player) -> {
                if (waitsForNode(served)) {
                    ground.answering(served, player).move(ground.state(ground.calls(served)));
                }
            });
            if (liars.keySet().stream().noneMatch(this::disputed) && waitsForNode(silent)) {
                ground.chain.advanceSlots(DisputeGround.ANSWER_SLOTS);
            }
        }
        assertThat(Stream.concat(liars.keySet().stream(), Stream.of(silent))).allSatisfy(served -> {
            assertThat(ground.node(served).bond()).isZero();
            assertThat(ground.node(served).openDisputes()).isZero();
        });
        assertThat(-stakes()).as("all stakes back, and half of three bonds").isEqualTo(3 * DisputeGround.BOND / 2);
        try (Accusations after = accusations(ground.accuser)) {
            assertThat(after.open()).isZero();
            refused("bond_gone", after, doubted.getFirst());
        }
    }

    @Test
    void no_stake_is_paid_where_it_could_be_lost() throws IOException {
        Served right = ground.serve(model, honest.job(), honest);
        Served wrong = ground.serve(model, flipped.job(), flipped);
        Keypair poor = Keypair.generate();
        ground.chain.airdrop(poor.publicKey(), LocalChain.LAMPORTS_PER_SOL);
        try (Accusations rich = accusations(ground.accuser); Accusations penniless = accusations(poor)) {
            refused("nothing_wrong", rich, doubted(right, honest.job()));
            refused("accuse_papers", rich, doubted(wrong, honest.job()));
            refused("accuse_papers", rich, new DoubtedReceipt(wrong.papers().order(), wrong.receipt(), Hash.sha256(new byte[] {1}), PROMPT, flipped.job().reply(), Constraints.NONE));
            refused("accuse_papers", rich, new DoubtedReceipt(wrong.papers().order(), wrong.receipt(), DisputeGround.SALT, PROMPT, flipped.job().reply(),
                    new Constraints(List.of("stop"), "", Hash.sha256(new byte[] {2}))));
            refused("accuse_papers", rich, new DoubtedReceipt(right.papers().order(), wrong.receipt(), DisputeGround.SALT, PROMPT, flipped.job().reply(), Constraints.NONE));
            Served forged = new Served(wrong.nodeKey(), Keypair.generate(), wrong.operator(), new DisputeGround.Papers(wrong.papers().order(),
                    wrong.receipt().receipt().sign(Keypair.generate())));
            refused("receipt_signature", rich, doubted(forged, flipped.job()));
            refused("stake_missing", penniless, doubted(wrong, flipped.job()));
            assertThat(files()).isEmpty();
            assertThat(rich.open() + penniless.open()).isZero();
        }
        try (Accusations another = new Accusations(ground.rpc, ground::execute, Programs.LOCAL, ground.config, ground.accuser, Map.of(), kept(), (job, line) -> { })) {
            refused("accuse_unsupported", another, doubted(wrong, flipped.job()));
        }
        assertThat(stakes()).isZero();
        assertThat(ground.node(right).openDisputes() + ground.node(wrong).openDisputes()).isZero();
    }

    @Test
    void no_more_are_begun_than_can_be_played() {
        try (Accusations accusations = accusations(ground.accuser)) {
            for (int i = 0; i < Accusations.AT_ONCE; i++) {
                accusations.accuse(doubted(ground.serve(model, flipped.job(), flipped), flipped.job()));
            }
            refused(Accusations.LATER, accusations, doubted(ground.serve(model, flipped.job(), flipped), flipped.job()));
            assertThat(stakes()).isEqualTo(Accusations.AT_ONCE * DisputeGround.MIN_BOND);
        }
    }

    @Test
    void who_comes_too_late_loses_the_stake_and_does_not_begin_again() throws IOException {
        Served wrong = ground.serve(model, flipped.job(), flipped);
        try (Accusations accusations = accusations(ground.accuser)) {
            accusations.accuse(doubted(wrong, flipped.job()));
        }
        ground.chain.advanceSlots(DisputeGround.ANSWER_SLOTS);
        try (Accusations late = accusations(ground.accuser)) {
            late.round();
            late.round();
            assertThat(late.open()).isZero();
            assertThat(files()).isEmpty();
            assertThat(stakes()).isEqualTo(DisputeGround.MIN_BOND);
            assertThat(disputed(wrong)).isFalse();
            refused("dispute_over", late, doubted(wrong, flipped.job()));
            assertThat(stakes()).as("not again").isEqualTo(DisputeGround.MIN_BOND);
        }
    }
}
