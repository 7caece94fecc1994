package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import network.nyxos.cli.DisputeGround.Course;
import network.nyxos.cli.DisputeGround.Served;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Constraints;
import network.nyxos.escrow.program.DisputeCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.registry.RegistryError;
import network.nyxos.escrow.program.registry.RegistryEvent;
import network.nyxos.escrow.wire.PromptText;
import network.nyxos.localnet.Execution;
import network.nyxos.node.dispute.Accuser;
import network.nyxos.node.dispute.Defender;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.SmolLm2;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.dispute.AccuserPlayer.Claim;
import network.nyxos.node.engine.dispute.AccuserPlayer.Doubt;
import network.nyxos.node.engine.dispute.AccuserPlayer;
import network.nyxos.node.engine.dispute.Computation;
import network.nyxos.node.engine.dispute.DisputeState.Phase;
import network.nyxos.node.engine.dispute.DisputeState.Subject;
import network.nyxos.node.engine.dispute.DisputeState;
import network.nyxos.node.engine.dispute.Job;
import network.nyxos.node.engine.dispute.LyingNode;
import network.nyxos.node.engine.dispute.Move;
import network.nyxos.node.engine.dispute.NodePlayer;
import network.nyxos.node.engine.dispute.Recomputation;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.engine.int8.WeightsTree;
import network.nyxos.node.job.RevealMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disputes before the program itself: whoever lied loses its bond, whatever it lied about, and whoever accuses an honest node its stake. */
@Timeout(400)
class DisputesOnChainTest {
    private static final Sampling WARM = new Sampling(900_000, 950_000, 50);
    private static final int BLOCK_VECTORS = 18;
    private static final int CHOICE_VECTORS = 5;

    @TempDir
    private Path folder;
    private DisputeGround ground;

    @BeforeEach
    void open() {
        ground = new DisputeGround();
    }

    @AfterEach
    void close() {
        ground.close();
    }

    private Model tiny() {
        return Model.load(TinyModel.write(folder, 42), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE));
    }

    /** A job whose reply is the model's own, but for the token of an index, which is another where there is one. */
    private static Recomputation job(Model model, WeightsTree weights, Sampling sampling, int promptLength, int otherToken) {
        int vocabulary = model.tokenizer().size();
        int[] prompt = new int[promptLength];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 2 + (i * 37 + 40) % (vocabulary - 2);
        }
        int[] reply = new int[4];
        for (int i = 0; i < reply.length; i++) {
            reply[i] = run(model, weights, prompt, reply, sampling).chosen(i);
            if (i == otherToken) {
                reply[i] = (reply[i] + 1) % vocabulary;
            }
        }
        return run(model, weights, prompt, reply, sampling);
    }

    private static Recomputation run(Model model, WeightsTree weights, int[] prompt, int[] reply, Sampling sampling) {
        return Recomputation.of(model, weights, new Job(prompt, reply, sampling, 7, true));
    }

    private Course play(Model model, Recomputation honest, Computation node) {
        Served served = ground.serve(model, honest.job(), node);
        long before = ground.balance(ground.accuser.publicKey());
        AccuserPlayer accuser = new AccuserPlayer(honest, claim(served));
        assertThat(accuser.doubt()).isNotEqualTo(Doubt.NONE);
        Course course = ground.play(model, served, ground.answering(served, new NodePlayer(node, DisputeGround.SALT)), accuser, accuser.doubt() == Doubt.LAST);
        assertThat(course.proofUnits()).as("proved: %s", course).isPositive();
        assertThat(ground.node(served).bond()).isZero();
        assertThat(ground.balance(ground.accuser.publicKey())).as("the stake comes back, and half of the bond with it").isEqualTo(before + DisputeGround.BOND / 2);
        assertThat(ground.chain.account(ground.calls(served).address())).isEmpty();
        return course;
    }

    private static Claim claim(Served served) {
        var receipt = served.receipt().receipt();
        return new Claim(DisputeGround.SALT, receipt.traceRoot(), receipt.tokensIn(), receipt.tokensOut());
    }

    @Test
    void whoeverLiedLosesItsBondWhateverItLiedAbout() {
        try (Model model = tiny()) {
            WeightsTree weights = model.decoder().weightsTree();
            Recomputation job = job(model, weights, WARM, 66, -1);
            Random random = new Random(8);
            for (int vector = 0; vector < BLOCK_VECTORS; vector++) {
                for (int position : new int[] {0, 64, job.job().steps() - 1}) {
                    int layer = random.nextInt(TinyModel.LAYERS);
                    int chunk = random.nextInt(job.block(position, layer).get(vector).size());
                    Course course = play(model, job, LyingNode.inBlock(job, position, layer, vector, chunk, random));
                    assertThat(course.end()).isEqualTo(new DisputeState(Phase.PROOF, DisputeState.Level.VECTOR, Subject.BLOCK, chunk, 1, position, layer, vector));
                }
            }
            for (int position : new int[] {0, 65, 66, 68}) {
                Course course = play(model, job, LyingNode.inToken(job, position, (job.job().token(position) + 1) % TinyModel.VOCABULARY, random));
                assertThat(course.end().subject()).isEqualTo(Subject.TOKEN);
            }
            for (Sampling sampling : List.of(WARM, new Sampling(2_000_000, Sampling.ONE, 0), Sampling.GREEDY)) {
                for (int other : new int[] {0, 2, 3}) {
                    Recomputation chosen = job(model, weights, sampling, 66, other);
                    int position = 65 + other;
                    List<Computation> nodes = new ArrayList<>(List.of(chosen));
                    for (int vector = 0; vector < CHOICE_VECTORS; vector++) {
                        nodes.add(LyingNode.inChoice(chosen, position, vector, random.nextInt(chosen.choice(position).vectors().get(vector).size()), random));
                    }
                    if (sampling != Sampling.GREEDY) {
                        nodes.add(LyingNode.inFewerCandidates(chosen, position, 1, random));
                        nodes.add(LyingNode.inFewerCandidates(chosen, position, chosen.choice(position).candidates() - 1, random));
                    }
                    for (Computation node : nodes) {
                        assertThat(play(model, chosen, node).end().subject()).isEqualTo(Subject.CHOICE);
                    }
                }
            }
        }
    }

    @Test
    void aNodesServiceDefendsItsReceiptsWhetherItRemembersTheJobOrNot() {
        try (Model model = tiny()) {
            Recomputation job = job(model, model.decoder().weightsTree(), WARM, 10, -1);
            for (boolean remembers : new boolean[] {true, false}) {
                Served served = ground.serve(model, job.job(), job);
                ground.makeBelieve(served);
                RevealMemory memory = new RevealMemory(1_000);
                if (remembers) {
                    memory.put(served.assignment().jobId(), new RevealMemory.Opening(DisputeGround.SALT, job.job().prompt(), job.job().reply(), Constraints.NONE, PromptText.NONE));
                }
                Map<Hash, Model> models = Map.of(Hash.fromHex(model.card().id()), model);
                AccuserPlayer accuser = new AccuserPlayer(job, claim(served));
                assertThat(accuser.doubt()).isEqualTo(Doubt.NONE);
                long before = ground.balance(ground.accuser.publicKey());
                List<Boolean> asked = new ArrayList<>();
                try (Defender first = defender(served, models, memory); Defender second = defender(served, models, memory)) {
                    Course course = ground.play(model, served, state -> {
                        // As after a restart in between: two that know nothing of each other.
                        assertThat((asked.size() % 2 == 0 ? first : second).round()).isEqualTo(1);
                        Optional<byte[]> answer = ground.lastAnswer(ground.calls(served));
                        asked.add(answer.isEmpty());
                        return answer;
                    }, accuser, false);
                    assertThat(course.proofUnits()).as("there is nothing to prove").isZero();
                    assertThat(first.round() + second.round()).as("nothing is left to answer").isZero();
                }
                assertThat(asked.stream().filter(each -> each)).as("asked for the ids").hasSize(remembers ? 0 : 1);
                assertThat(ground.balance(ground.accuser.publicKey())).isEqualTo(before - DisputeGround.MIN_BOND);
                assertThat(ground.balance(served.operator().publicKey())).isEqualTo(DisputeGround.MIN_BOND / 2);
                assertThat(ground.node(served).bond()).isEqualTo(DisputeGround.BOND);
            }
        }
    }

    /** An accuser that is interrupted again and again has only the chain to go on from. */
    @Test
    void anAccuserThatBeginsAnewGoesOnWhereTheDisputeStands() {
        try (Model model = tiny()) {
            WeightsTree weights = model.decoder().weightsTree();
            Recomputation job = job(model, weights, WARM, 66, -1);
            Recomputation chosen = job(model, weights, WARM, 10, 3);
            Random random = new Random(6);
            accused(model, job, LyingNode.inBlock(job, 65, 1, 8, 2, random), false);
            accused(model, chosen, LyingNode.inChoice(chosen, 12, 2, 1, random), false);
            accused(model, job, LyingNode.inBlock(job, 3, 0, 0, 0, random), true);
        }
    }

    private void accused(Model model, Recomputation honest, Computation node, boolean silent) {
        Served served = ground.serve(model, honest.job(), node);
        var papers = new Accuser.Papers(served.receipt(), served.receiptKey().publicKey(), served.assignment().encode(), new byte[0], model.template().hash());
        NodePlayer player = new NodePlayer(node, DisputeGround.SALT);
        Optional<RegistryEvent.DisputeEnded> end = Optional.empty();
        while (end.isEmpty()) {
            Accuser accuser = new Accuser(ground.rpc, ground::execute, Programs.LOCAL, ground.calls(served), ground.accuser, papers, () -> new AccuserPlayer(honest, claim(served)),
                    line -> { });
            end = accuser.step();
            if (end.isPresent()) {
                accuser.clear();
            } else if (ground.chain.account(ground.calls(served).address()).isPresent() && ground.state(ground.calls(served)).phase().isNodes()) {
                if (silent) {
                    ground.chain.advanceSlots(DisputeGround.ANSWER_SLOTS);
                } else {
                    ground.answering(served, player).move(ground.state(ground.calls(served)));
                }
            }
        }
        assertThat(end.get().outcome()).isEqualTo(silent ? 2 : 1);
        assertThat(end.get().reward()).isEqualTo(DisputeGround.BOND / 2);
        assertThat(ground.chain.account(ground.calls(served).evidence())).as("its rent is taken back").isEmpty();
    }

    private Defender defender(Served served, Map<Hash, Model> models, RevealMemory memory) {
        return new Defender(ground.rpc, ground::execute, Programs.LOCAL, served.nodeKey(), models, memory);
    }

    /** The accuser goes on whatever it finds, down to a number of every vector, and shows what is asked for: it is right. */
    @Test
    void whoAccusesAnHonestNodeProvesNothingAndLosesItsStake() {
        try (Model model = tiny()) {
            Recomputation job = job(model, model.decoder().weightsTree(), WARM, 10, -1);
            for (int vector = 0; vector < BLOCK_VECTORS; vector++) {
                Served served = ground.serve(model, job.job(), job);
                long before = ground.balance(ground.accuser.publicKey());
                Dogged accuser = new Dogged(new AccuserPlayer(job, claim(served)), vector);
                DisputeCalls calls = ground.calls(served);
                ground.walk(model, served, ground.answering(served, new NodePlayer(job, DisputeGround.SALT)), accuser.player(), false, accuser::choice);
                DisputeState state = ground.state(calls);
                assertThat(state.vector()).isEqualTo(vector);
                Move.Prove proof = (Move.Prove) accuser.player().move(state);
                ground.write(calls, proof.evidence(), true);
                Execution refused = ground.send(List.of(DisputeGround.units(), calls.proveFault(proof.element(), ground.accuser.publicKey())), ground.accuser);
                assertThat(refused.failure()).as("vector %d", vector).isPresent();
                assertThat(String.join("\n", refused.logs())).contains("custom program error: 0x" + Long.toHexString(RegistryError.NOTHING_WRONG.code()));
                ground.chain.advanceSlots(DisputeGround.ANSWER_SLOTS);
                ground.sent(List.of(calls.end(served.operator().publicKey(), served.operator().publicKey(), ground.accuser.publicKey())), served.operator());
                assertThat(ground.balance(ground.accuser.publicKey())).isEqualTo(before - DisputeGround.MIN_BOND);
                assertThat(ground.node(served).bond()).isEqualTo(DisputeGround.BOND);
            }
        }
    }

    /** Chooses the first of everything, and a vector. */
    private record Dogged(AccuserPlayer player, int vector) {
        OptionalInt choice(DisputeState state) {
            return state.phase() == Phase.PROOF ? OptionalInt.empty() : OptionalInt.of(state.phase() == Phase.VECTOR ? vector : 0);
        }
    }

    /**
     * What a game costs on the shape of a real model: docs/disputes.md records the figures that this prints.
     */
    @Test
    void everyKindOfProofFitsATransactionOnARealModel() {
        try (Model model = Model.load(SmolLm2.file(), Model.Options.named("smollm2").withThreads(2))) {
            WeightsTree weights = model.decoder().weightsTree();
            Random random = new Random(9);
            Recomputation job = job(model, weights, WARM, 100, -1);
            StringBuilder table = new StringBuilder();
            int position = 101;
            for (int vector = 0; vector <= BLOCK_VECTORS; vector++) {
                // Of the block itself once a value of the stream and once a key head.
                int number = Math.min(vector, BLOCK_VECTORS - 1);
                int size = job.block(position, 1).get(number).size();
                int chunk = vector == BLOCK_VECTORS ? size - 1 : number == BLOCK_VECTORS - 1 ? 0 : size / 2;
                table.append(row("block " + number, play(model, job, LyingNode.inBlock(job, position, 1, number, chunk, random))));
            }
            Recomputation chosen = job(model, weights, WARM, 100, 2);
            for (int vector = 0; vector < CHOICE_VECTORS; vector++) {
                int chunk = chosen.choice(position).vectors().get(vector).size() / 2;
                table.append(row("choice " + vector, play(model, chosen, LyingNode.inChoice(chosen, position, vector, chunk, random))));
            }
            table.append(row("token", play(model, job, LyingNode.inToken(job, 40, 3, random))));
            System.out.println(table);
        }
    }

    private static String row(String kind, Course course) {
        return "%s: %d moves, %d transactions, %d bytes of evidence, %d units%n".formatted(kind, course.rounds(), course.transactions(), course.evidence(), course.proofUnits());
    }
}
