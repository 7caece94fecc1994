package network.nyxos.node.engine.dispute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.Sampling;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.dispute.AccuserPlayer.Claim;
import network.nyxos.node.engine.dispute.AccuserPlayer.Doubt;
import network.nyxos.node.engine.dispute.ChoiceVectors.Candidate;
import network.nyxos.node.engine.dispute.ChoiceVectors.Pick;
import network.nyxos.node.engine.dispute.DisputeState.Phase;
import network.nyxos.node.engine.dispute.DisputeState.Subject;
import network.nyxos.node.engine.int8.Decoder;
import network.nyxos.node.engine.int8.WeightsTree;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole games: wherever a node lies, and whatever it makes up behind the lie, the accuser gets to the lie and has what proves it. */
@Timeout(120)
class DisputeGameTest {
    private static final Sampling WARM = new Sampling(900_000, 950_000, 50);
    private static final Sampling HOT = new Sampling(2_000_000, Sampling.ONE, 0);
    private static final int TOKENS_IN = 69;
    private static final Hash SALT = Hash.sha256(new byte[] {1});
    private static Model model;
    private static WeightsTree weights;

    @BeforeAll
    static void load(@TempDir Path folder) {
        model = Model.load(TinyModel.write(folder, 42), new Model.Options("tiny", 1, Decoder.Simd.OFF, Integer.MAX_VALUE));
        weights = model.decoder().weightsTree();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** A job whose reply is the model's own, but for the token of an index, which is another where it is not −1. */
    private static Recomputation job(Sampling sampling, int otherToken) {
        int[] prompt = new int[TOKENS_IN];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 2 + (i * 37 + 40) % 256;
        }
        int[] reply = new int[5];
        for (int i = 0; i < reply.length; i++) {
            reply[i] = run(prompt, reply, sampling).choiceVectors(prompt.length - 1 + i).chosen();
            if (i == otherToken) {
                reply[i] = (reply[i] + 1) % TinyModel.VOCABULARY;
            }
        }
        return run(prompt, reply, sampling);
    }

    private static Recomputation run(int[] prompt, int[] reply, Sampling sampling) {
        return Recomputation.of(model, weights, new Job(prompt, reply, sampling, 7, true));
    }

    private static Claim claim(Recomputation job, Computation node) {
        return new Claim(SALT, node.trace().commitment(SALT), job.job().prompt().length, job.job().reply().length);
    }

    /** The end of a game, and the accuser's last move. */
    private record End(DisputeState state, Move move, int moves) {
    }

    private static End play(Recomputation job, Computation node, Claim claim, Hash nodesSalt) {
        AccuserPlayer accuser = new AccuserPlayer(job, claim);
        assertThat(accuser.doubt()).isNotEqualTo(Doubt.NONE);
        return play(job, new NodePlayer(node, nodesSalt), accuser, new Referee(job, claim, accuser.doubt() == Doubt.LAST));
    }

    private static End play(Recomputation job, NodePlayer node, AccuserPlayer accuser, Referee referee) {
        while (true) {
            DisputeState state = referee.state();
            if (state.phase().isNodes()) {
                byte[] answer = node.answer(state);
                referee.answer(answer);
                accuser.answered(state, answer);
            } else if (accuser.move(state) instanceof Move.Choose(int value)) {
                referee.choose(value);
            } else {
                return new End(state, accuser.move(state), referee.moves());
            }
        }
    }

    private static End play(Recomputation job, Computation node) {
        return play(job, node, claim(job, node), SALT);
    }

    @Test
    void aLieInAnyVectorOfABlockIsFoundAndProvedFromWhatWasSeen() {
        Recomputation job = job(WARM, -1);
        Random random = new Random(1);
        for (int position : new int[] {0, 63, 64, job.job().steps() - 1}) {
            for (int vector = 0; vector < BlockVectors.COUNT; vector++) {
                int layer = random.nextInt(TinyModel.LAYERS);
                int chunk = random.nextInt(job.block(position, layer).get(vector).size());
                LyingNode node = LyingNode.inBlock(job, position, layer, vector, chunk, random);
                End end = play(job, node);
                assertThat(end.state()).isEqualTo(new DisputeState(Phase.PROOF, DisputeState.Level.VECTOR, Subject.BLOCK, chunk, 1, position, layer, vector));
                BlockProof knowing = new BlockProof(job, knowing(job, node, position), Descent.to(TracePaths.blocks(node.trace().steps().get(position)), layer),
                        Descent.to(node.block(position, layer).get(vector).tree(), chunk), position, layer, vector, chunk, node.block(position, layer).get(vector).chunk(chunk));
                assertProved(end, knowing.element(), knowing.evidence(knowing.element()));
            }
        }
    }

    /** Paths to the root of the node's trace, by who knows all of it. */
    private static TracePaths knowing(Recomputation job, Computation node, int end) {
        Descent descent = end == job.job().steps() ? new Descent() : Descent.to(TracePaths.steps(node.trace(), job.job().steps()), end);
        return new TracePaths(job, TracePaths.steps(node.trace(), job.job().steps()), descent, end);
    }

    private static void assertProved(End end, int element, byte[] evidence) {
        assertThat(end.move()).isInstanceOfSatisfying(Move.Prove.class, proof -> {
            assertThat(proof.element()).isEqualTo(element);
            assertThat(proof.evidence()).isEqualTo(evidence);
        });
    }

    @Test
    void aTokenThatIsNotTheTextsIsShownByTheText() {
        Recomputation job = job(WARM, -1);
        for (int position : new int[] {0, 30, TOKENS_IN - 1, TOKENS_IN, job.job().steps() - 1}) {
            LyingNode node = LyingNode.inToken(job, position, (job.job().token(position) + 1) % TinyModel.VOCABULARY, new Random(position));
            End end = play(job, node);
            assertThat(end.state().subject()).isEqualTo(Subject.TOKEN);
            assertThat(end.state().position()).isEqualTo(position);
            boolean prompt = position < TOKENS_IN;
            assertProved(end, 0, prompt ? new Evidence().raw(SALT.bytes()).raw(Layout.ids(job.job().prompt())).bytes() : Layout.ids(job.job().reply()));
        }
    }

    @Test
    void aTraceUnderAnotherSaltAndCountsThatAreNotTheTextsAreShownByTheText() {
        Recomputation job = job(WARM, -1);
        Hash other = Hash.sha256(new byte[] {2});
        End salted = play(job, job, new Claim(SALT, job.trace().commitment(other), TOKENS_IN, 5), other);
        assertThat(salted.state()).matches(state -> state.subject() == Subject.TOKEN && state.position() == 0);
        End prompt = play(job, job, new Claim(SALT, job.trace().commitment(SALT), TOKENS_IN + 1, 4), SALT);
        assertThat(prompt.state()).matches(state -> state.subject() == Subject.TOKEN && state.position() == 0);
        // A receipt of one token less than the reply has: its trace is as long as the receipt says.
        Trace shorter = new Trace(job.trace().steps().subList(0, job.job().steps() - 1));
        Computation node = new Computation() {
            @Override
            public Trace trace() {
                return shorter;
            }

            @Override
            public List<ChunkVector> block(int position, int layer) {
                return job.block(position, layer);
            }

            @Override
            public Choice choice(int position) {
                return job.choice(position);
            }
        };
        End reply = play(job, node, new Claim(SALT, shorter.commitment(SALT), TOKENS_IN, 4), SALT);
        assertThat(reply.state()).matches(state -> state.subject() == Subject.TOKEN && state.position() == TOKENS_IN + 2);
    }

    @Test
    void aTokenThatShouldNotHaveBeenChosenIsFoundWhereverTheNodeMadeItFit() {
        Random random = new Random(3);
        for (Sampling sampling : List.of(WARM, HOT, Sampling.GREEDY)) {
            for (int other : new int[] {0, 2, 4}) {
                Recomputation job = job(sampling, other);
                int position = TOKENS_IN - 1 + other;
                for (int vector = 0; vector < ChoiceVectors.CANDIDATES; vector++) {
                    int chunk = random.nextInt(job.choice(position).vectors().get(vector).size());
                    choice(job, position, LyingNode.inChoice(job, position, vector, chunk, random), vector, chunk);
                }
                choice(job, position, job, ChoiceVectors.CHOICE, 0);
                Pick pick = job.choiceVectors(position).pick();
                for (Pick lie : List.of(new Pick(pick.kept() + 1, pick.target(), pick.at()), new Pick(0, pick.target(), pick.at()), new Pick(pick.kept(), pick.target() + 1, pick.at()),
                        new Pick(pick.kept(), pick.target(), pick.at() + 1), new Pick(pick.kept(), pick.target(), -1))) {
                    choice(job, position, LyingNode.inPick(job, position, lie), ChoiceVectors.CHOICE, 0);
                }
            }
        }
    }

    @Test
    void aListOfCandidatesIsWrongWhereItsFirstCandidateIs() {
        Random random = new Random(4);
        for (Sampling sampling : List.of(WARM, HOT)) {
            for (int other : new int[] {1, 4}) {
                Recomputation job = job(sampling, other);
                int position = TOKENS_IN - 1 + other;
                List<Candidate> right = job.choiceVectors(position).candidates();
                for (int i : new int[] {0, 1, 31, 32, 33, right.size() - 1}) {
                    if (i >= right.size()) {
                        continue;
                    }
                    Candidate at = right.get(i);
                    list(job, position, with(right, i, new Candidate(at.id(), at.logit() - 1, at.running())), i, random);
                    list(job, position, with(right, i, new Candidate(at.id(), at.logit(), at.running() - 1)), i, random);
                    list(job, position, with(right, i, new Candidate(-1, at.logit(), at.running())), i, random);
                    List<Candidate> without = new ArrayList<>(right);
                    without.remove(i);
                    list(job, position, without, Math.min(i, without.size() - 1), random);
                    if (i > 0) {
                        list(job, position, right.subList(0, i), i - 1, random);
                        List<Candidate> swapped = new ArrayList<>(right);
                        Collections.swap(swapped, i - 1, i);
                        list(job, position, swapped, i - 1, random);
                    }
                }
            }
        }
        Recomputation greedy = job(Sampling.GREEDY, 1);
        List<Candidate> first = greedy.choiceVectors(TOKENS_IN).candidates();
        int id = greedy.job().reply()[1];
        Candidate wanted = new Candidate(id, greedy.choiceVectors(TOKENS_IN).logit(id), 0);
        list(greedy, TOKENS_IN, List.of(wanted), 0, random);
        assertThat(play(greedy, LyingNode.inCandidates(greedy, TOKENS_IN, List.of(first.getFirst(), wanted), random)).state().vector())
                .as("at temperature 0 a second candidate in good order is wrong for being there").isEqualTo(ChoiceVectors.CHOICE);
    }

    private static List<Candidate> with(List<Candidate> list, int i, Candidate candidate) {
        List<Candidate> other = new ArrayList<>(list);
        other.set(i, candidate);
        return other;
    }

    private static void list(Recomputation job, int position, List<Candidate> claimed, int first, Random random) {
        choice(job, position, LyingNode.inCandidates(job, position, claimed, random), ChoiceVectors.CANDIDATES, first / Layout.CANDIDATES);
    }

    private static void choice(Recomputation job, int position, Computation node, int vector, int chunk) {
        End end = play(job, node);
        assertThat(end.state().subject()).isEqualTo(Subject.CHOICE);
        assertThat(List.of(end.state().position() - 1, end.state().vector(), end.state().first())).containsExactly(position, vector, chunk);
        ChunkVector claimed = node.choice(position).vectors().get(vector);
        ChoiceProof knowing = new ChoiceProof(job, knowing(job, node, position + 1), Descent.to(claimed.tree(), chunk), position, node.choice(position).candidates(), vector, chunk,
                claimed.chunk(chunk));
        assertProved(end, knowing.element(), knowing.evidence(knowing.element()));
    }

    @Test
    void anHonestNodeIsNotDoubtedAndWhoDisputesItAllTheSameFindsNothing() {
        Recomputation job = job(WARM, -1);
        AccuserPlayer accuser = new AccuserPlayer(job, claim(job, job));
        assertThat(accuser.doubt()).isEqualTo(Doubt.NONE);
        Referee referee = new Referee(job, claim(job, job), false);
        assertThat(play(job, new NodePlayer(job, SALT), accuser, referee).move()).isInstanceOf(Move.GiveUp.class);
        Referee last = new Referee(job, claim(job, job), true);
        assertThat(play(job, new NodePlayer(job, SALT), new AccuserPlayer(job, claim(job, job)), last).move()).isInstanceOf(Move.GiveUp.class);
    }

    @Test
    void aChunkOfAnotherLengthIsWrongByItself() {
        Recomputation job = job(WARM, -1);
        AccuserPlayer accuser = new AccuserPlayer(job, claim(job, job));
        for (Subject subject : List.of(Subject.BLOCK, Subject.CHOICE)) {
            DisputeState chunk = new DisputeState(Phase.CHUNK, DisputeState.Level.VECTOR, subject, 0, 1, TOKENS_IN, 0, 2);
            accuser.answered(chunk, new byte[3]);
            assertThat(accuser.move(new DisputeState(Phase.PROOF, chunk.level(), subject, 0, 1, TOKENS_IN, 0, 2)))
                    .isInstanceOfSatisfying(Move.Prove.class, proof -> assertThat(proof.evidence()).isEmpty());
        }
    }
}
