package network.nyxos.node.engine.dispute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.dispute.DisputeState.Level;
import network.nyxos.node.engine.dispute.DisputeState.Phase;
import network.nyxos.node.engine.dispute.DisputeState.Subject;
import network.nyxos.node.engine.int8.HashTree;

/** The program's part of a dispute up to the proof: whose move it is, and that what is answered opens what was committed to. */
final class Referee {
    private final Recomputation job;
    private final AccuserPlayer.Claim claim;
    private final boolean last;
    private DisputeState state = new DisputeState(Phase.TRACE, Level.TRACE, Subject.BLOCK, 0, 0, 0, 0, 0);
    private Hash place = Hash.ZERO;
    private Hash left = Hash.ZERO;
    private Hash right = Hash.ZERO;
    private Hash blocksRoot = Hash.ZERO;
    private List<Hash> roots = List.of();
    private int candidates;
    private int moves;

    /** @param job for the sizes of vectors, which follow from the model's shape and the position */
    Referee(Recomputation job, AccuserPlayer.Claim claim, boolean last) {
        this.job = job;
        this.claim = claim;
        this.last = last;
    }

    DisputeState state() {
        return state;
    }

    /** How many moves were made, {@code show_model} counted. */
    int moves() {
        return moves + 1;
    }

    private static Hash leaf(Hash item) {
        return Hash.sha256(new byte[] {0}, item.bytes());
    }

    void answer(byte[] answer) {
        moves++;
        ByteBuffer bytes = Layout.read(answer);
        switch (state.phase()) {
            case TRACE -> {
                Hash salt = hash(bytes);
                Hash root = hash(bytes);
                assertThat(Hash.domain("nyxos:trace:v1", salt.bytes(), root.bytes())).isEqualTo(claim.traceRoot());
                if (last) {
                    state = new DisputeState(Phase.CHOICE, Level.TRACE, Subject.CHOICE, 0, 0, claim.steps(), 0, 0);
                } else {
                    enter(Level.TRACE, root, 0, claim.steps());
                }
            }
            case HALVES -> {
                left = hash(bytes);
                right = hash(bytes);
                assertThat(Hash.sha256(new byte[] {1}, left.bytes(), right.bytes())).isEqualTo(place);
                phase(Phase.SIDE);
            }
            case STEP -> {
                int token = bytes.getInt();
                blocksRoot = hash(bytes);
                byte[] step = Layout.bytes(8).putInt(state.first()).putInt(token).array();
                assertThat(leaf(Hash.domain("nyxos:trace-step:v1", step, blocksRoot.bytes()))).isEqualTo(place);
                state = new DisputeState(Phase.PART, Level.TRACE, state.subject(), state.first(), 1, state.first(), 0, 0);
            }
            case BLOCK -> {
                Hash block = hash(bytes);
                assertThat(leaf(block)).isEqualTo(place);
                roots = new ArrayList<>(hashes(bytes));
                roots.add(block);
                assertThat(roots).hasSize(BlockVectors.COUNT);
                state = new DisputeState(Phase.VECTOR, Level.STEP, Subject.BLOCK, state.first(), 1, state.position(), state.first(), 0);
            }
            case CHOICE -> {
                candidates = bytes.getInt();
                assertThat(candidates).isBetween(1, job.model().header().vocabulary());
                roots = hashes(bytes);
                assertThat(roots).hasSize(ChoiceVectors.COUNT);
                phase(Phase.VECTOR);
            }
            case CHUNK -> {
                assertThat(leaf(Hash.sha256(answer))).isEqualTo(place);
                phase(Phase.PROOF);
            }
            default -> throw new AssertionError("the accuser is to move: " + state);
        }
        assertThat(bytes.hasRemaining()).isEqualTo(state.phase() == Phase.PROOF);
    }

    void choose(int value) {
        moves++;
        switch (state.phase()) {
            case SIDE -> {
                int half = HashTree.left(state.count());
                enter(state.level(), value == 0 ? left : right, value == 0 ? state.first() : state.first() + half, value == 0 ? half : state.count() - half);
            }
            case PART -> {
                switch (value) {
                    case 0 -> enter(Level.STEP, blocksRoot, 0, job.model().header().layers());
                    case 1 -> state = new DisputeState(Phase.PROOF, Level.TRACE, Subject.TOKEN, state.first(), 1, state.position(), 0, 0);
                    default -> {
                        assertThat(state.position()).isGreaterThanOrEqualTo(claim.tokensIn());
                        state = new DisputeState(Phase.CHOICE, Level.TRACE, Subject.CHOICE, 0, 0, state.position(), 0, 0);
                    }
                }
            }
            case VECTOR -> {
                int size = switch (state.subject()) {
                    case BLOCK -> job.block(state.position(), state.layer()).get(value).size();
                    default -> value == ChoiceVectors.CANDIDATES ? Math.ceilDiv(candidates, Layout.CANDIDATES) : job.choice(state.position() - 1).vectors().get(value).size();
                };
                state = new DisputeState(state.phase(), state.level(), state.subject(), 0, 0, state.position(), state.layer(), value);
                enter(Level.VECTOR, roots.get(value), 0, size);
            }
            default -> throw new AssertionError("there is nothing to choose: " + state);
        }
    }

    private void enter(Level level, Hash hash, int first, int count) {
        place = hash;
        Phase next = count > 1 ? Phase.HALVES : switch (level) {
            case TRACE -> Phase.STEP;
            case STEP -> Phase.BLOCK;
            case VECTOR -> Phase.CHUNK;
        };
        state = new DisputeState(next, level, state.subject(), first, count, state.position(), state.layer(), state.vector());
    }

    private void phase(Phase phase) {
        state = new DisputeState(phase, state.level(), state.subject(), state.first(), state.count(), state.position(), state.layer(), state.vector());
    }

    private static Hash hash(ByteBuffer bytes) {
        byte[] hash = new byte[Hash.LENGTH];
        bytes.get(hash);
        return Hash.of(hash);
    }

    private static List<Hash> hashes(ByteBuffer bytes) {
        Hash[] hashes = new Hash[bytes.remaining() / Hash.LENGTH];
        Arrays.setAll(hashes, _ -> hash(bytes));
        return List.of(hashes);
    }
}
