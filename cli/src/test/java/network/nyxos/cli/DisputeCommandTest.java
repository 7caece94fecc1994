package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.dispute.Computation;
import network.nyxos.node.engine.dispute.DisputeState;
import network.nyxos.node.engine.dispute.Job;
import network.nyxos.node.engine.dispute.LyingNode;
import network.nyxos.node.engine.dispute.NodePlayer;
import network.nyxos.node.engine.dispute.Recomputation;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.Revealed;
import network.nyxos.relayer.wire.DisputeJson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** {@code nyxos dispute} as a person runs it, against a chain that goes on by itself. */
@Timeout(120)
class DisputeCommandTest {
    private static final long BOND = 20_000_000;

    @TempDir
    private Path folder;
    private OpenMarket open;
    private Path weights;
    private Model model;
    private Recomputation honest;

    @BeforeEach
    void open() {
        open = OpenMarket.disputing(folder, 50, 600);
        weights = TinyModel.write(folder, 42);
        model = Model.load(weights, new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE));
        var job = new Job(new int[] {5, 9, 60}, new int[] {7}, Sampling.GREEDY, 0, true);
        int right = Recomputation.of(model, model.decoder().weightsTree(), job).chosen(0);
        honest = Recomputation.of(model, model.decoder().weightsTree(), new Job(job.prompt(), new int[] {right}, Sampling.GREEDY, 0, true));
        open.fund("accuser", "nyx", OpenMarket.BOND);
    }

    @AfterEach
    void close() {
        model.close();
        open.close();
    }

    /** A node of the registry, with the file of the papers of a job as it says that it computed it. */
    private SignedReceipt serve(Computation computed) throws IOException {
        open.fund("provider", "nyx", BOND);
        open.sol("node");
        Keypair receiptKey = open.keys().key("receipt");
        open.send(List.of(open.registry().register(open.address("provider"), open.address("provider"), open.address("node"), Set.of(Tier.VERIFIED), receiptKey.publicKey(), PublicKey.NONE,
                open.address("provider"), BOND)), "provider", "node");
        var papers = DisputeGround.signed(model, honest.job(), computed, open.keys().key("node"), receiptKey, open.keys().key("operator"), open.address("usd"));
        var revealed = new Revealed(DisputeGround.SALT, honest.job().prompt(), honest.job().reply(), Constraints.NONE, PromptText.NONE);
        // Who replayed is of no account here: the program believes nobody.
        var replay = new Replay(open.address("node"), Hash.ZERO, Hash.ZERO, Hash.ZERO, Finish.LENGTH, Signature.of(new byte[Signature.LENGTH]));
        Files.writeString(folder.resolve("papers.json"), DisputeJson.write(new Accusation(papers.order(), papers.receipt(), revealed, replay)).toString());
        return papers.receipt();
    }

    private String words() {
        return "dispute open " + folder.resolve("papers.json") + " --weights " + weights + " --wallet @accuser.json --yes";
    }

    @Test
    void aLiarIsAccusedUntilItsBondIsGone() throws Exception {
        LyingNode liar = LyingNode.inBlock(honest, 1, 1, 4, 0, new Random(2));
        DisputeCalls calls = open.registry().dispute(open.address("node"), serve(liar).receipt().hash(), open.address("accuser"));
        Thread node = Thread.ofPlatform().daemon().start(() -> answer(calls, new NodePlayer(liar, DisputeGround.SALT)));
        Ran ran = open.done(words());
        node.interrupt();
        node.join();
        assertThat(ran.out()).contains("dispute " + calls.address() + " is over: proved; the node lost its bond, 10", "proves that a number is wrong: BLOCK, step 1, layer 1, vector 4, chunk 0");
        assertThat(open.account(open.registry().node(open.address("node")), Node::decode).bond()).isZero();
        assertThat(open.balance(open.address("accuser"), "nyx")).as("stake and half of the bond").isEqualTo(OpenMarket.BOND + BOND / 2);
        open.refused("dispute_missing", "dispute show " + calls.address());
    }

    private void answer(DisputeCalls calls, NodePlayer player) {
        while (!Thread.currentThread().isInterrupted()) {
            Optional<Dispute> dispute = open.chain().account(calls.address()).map(account -> Dispute.decode(account.data()));
            if (dispute.isPresent() && DisputeState.of(dispute.get()).phase().isNodes()) {
                open.send(List.of(calls.answer(player.answer(DisputeState.of(dispute.get())))), "node");
            } else {
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    @Test
    void anHonestNodeIsNotAccusedAndWhoDisputesItAnywayCanGiveUp() throws Exception {
        SignedReceipt receipt = serve(honest);
        open.refused("nothing_wrong", words());
        assertThat(open.balance(open.address("accuser"), "nyx")).isEqualTo(OpenMarket.BOND);
        DisputeCalls calls = open.registry().dispute(open.address("node"), receipt.receipt().hash(), open.address("accuser"));
        open.send(calls.open(open.address("accuser"), receipt, open.address("receipt")), "accuser");
        assertThat(open.done("dispute show " + calls.address()).out()).contains(open.address("node").toBase58(), "accuser", "model");
        open.refused("dispute_in_time", "dispute end " + calls.address() + " --wallet @provider.json --yes");
        open.refused("yes_missing", "dispute end " + calls.address() + " --wallet @accuser.json");
        open.done("dispute end " + calls.address() + " --wallet @accuser.json --yes");
        assertThat(open.exists(calls.address())).isFalse();
        assertThat(open.balance(open.address("accuser"), "nyx")).isZero();
        assertThat(open.balance(open.address("provider"), "nyx")).as("half of the stake").isEqualTo(OpenMarket.BOND / 2);
        assertThat(open.account(open.registry().node(open.address("node")), Node::decode).openDisputes()).isZero();
    }
}
