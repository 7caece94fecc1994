package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.Trace;
import network.nyxos.node.engine.int8.HashTree;

/**
 * The accuser's side of a dispute: finds the first number of a node's that does not follow from those before it, and proves it.
 *
 * <p>Knows the job's ids and has run it again with the reply's tokens as they are. So it goes to the first step that is not as it should be, or behind
 * the first token that should not have been chosen, whichever comes first; there to the first block, in it to the first vector, in it to the first
 * chunk. All that a proof there needs lies before it and is what an honest node has, or was seen on the way.
 *
 * <p>One a dispute. It is told what the node answered in each of its phases ({@link #answered}), and asked what to do in the others ({@link #move});
 * who was interrupted begins anew and tells it all answers so far.
 */
public final class AccuserPlayer {
    /** Whether and how a receipt is to be disputed. */
    public enum Doubt {
        /** The receipt says what an honest node's would. */
        NONE,
        /** A step is wrong, or a token in it should not have been chosen. */
        TRACE,
        /** Only the reply's last token should not have been chosen: {@code show_model} says {@code last}. */
        LAST
    }

    /**
     * What a receipt says of the job.
     *
     * @param salt      of its prompt commitment
     * @param traceRoot salted
     */
    public record Claim(Hash salt, Hash traceRoot, int tokensIn, int tokensOut) {
        int steps() {
            return tokensIn + tokensOut - 1;
        }
    }

    private static final int NOWHERE = -1;
    /** A chunk of another length than it must have is wrong whatever the evidence. */
    private static final Move OF_ANOTHER_LENGTH = new Move.Prove(0, new byte[0]);
    /** What {@code choose} says of a step. */
    private static final int BLOCKS = 0;
    private static final int OTHER_TOKEN = 1;
    private static final int NOT_TO_BE_CHOSEN = 2;

    private final Recomputation honest;
    private final Job job;
    private final Claim claim;
    private final HashTree steps;
    private final Doubt doubt;
    /** The step that is gone to for its token alone, where the ids are not as many as the receipt says or the trace's salt is not the prompt's. */
    private int tokenStep = NOWHERE;
    /** The step that ran the first token that should not have been chosen. */
    private final int choiceStep;

    private final Descent trace = new Descent();
    private final Descent blocks = new Descent();
    private final Descent chunks = new Descent();
    private int token;
    private Hash blocksRoot = Hash.ZERO;
    private Hash[] roots = new Hash[0];
    private int candidates;
    private byte[] content = new byte[0];

    /** @param honest the receipt's job run again */
    public AccuserPlayer(Recomputation honest, Claim claim) {
        this.honest = honest;
        this.job = honest.job();
        this.claim = claim;
        this.steps = TracePaths.steps(honest.trace(), claim.steps());
        if (job.prompt().length != claim.tokensIn()) {
            tokenStep = 0;
        } else if (job.reply().length != claim.tokensOut()) {
            tokenStep = claim.steps() - 1;
        }
        OptionalInt wrong = honest.wrongChoice();
        this.choiceStep = wrong.isEmpty() ? NOWHERE : job.prompt().length + wrong.getAsInt();
        boolean traced = Trace.commitment(claim.salt(), steps.root()).equals(claim.traceRoot());
        if (tokenStep != NOWHERE || !traced || choiceStep != NOWHERE && choiceStep < claim.steps()) {
            doubt = Doubt.TRACE;
        } else {
            doubt = choiceStep == NOWHERE ? Doubt.NONE : Doubt.LAST;
        }
    }

    /** Whether there is anything to dispute. */
    public Doubt doubt() {
        return doubt;
    }

    /** Whether {@code show_model} has to show that the job had no form: where a choice is doubted. */
    public boolean doubtsAChoice() {
        return choiceStep != NOWHERE;
    }

    /**
     * The evidence of {@code show_model}.
     *
     * @param assignment  the receipt's assignment, head and work; empty where no choice is doubted
     * @param constraints the opening of its constraints; empty where they are zero, or no choice is doubted
     */
    public byte[] modelEvidence(byte[] assignment, byte[] constraints) {
        byte[] reply = doubt == Doubt.LAST ? ids(job.reply()) : new byte[0];
        return new Evidence().weights(honest.model(), 0).part(assignment).part(constraints).part(reply).bytes();
    }

    private static byte[] ids(int[] ids) {
        ByteBuffer bytes = Layout.bytes(ids.length * Integer.BYTES);
        bytes.asIntBuffer().put(ids);
        return bytes.array();
    }

    /** The evidence of {@code show_ids}. */
    public byte[] idsEvidence() {
        return new Evidence().raw(claim.salt().bytes()).raw(Layout.ids(job.prompt())).raw(Layout.ids(job.reply())).bytes();
    }

    /**
     * Takes note of what the node answered.
     *
     * @param state  where the dispute stood when it did
     * @param answer as the program took it, so of the right length and opening what was asked
     */
    public void answered(DisputeState state, byte[] answer) {
        ByteBuffer bytes = Layout.read(answer);
        switch (state.phase()) {
            case TRACE -> {
                if (!hash(bytes).equals(claim.salt())) {
                    tokenStep = 0;
                }
            }
            case HALVES -> descent(state).saw(state.first(), state.count(), hash(bytes), hash(bytes));
            case STEP -> {
                token = bytes.getInt();
                blocksRoot = hash(bytes);
            }
            case BLOCK -> {
                Hash block = hash(bytes);
                roots = new Hash[BlockVectors.COUNT];
                for (int v = 0; v < BlockVectors.BLOCK; v++) {
                    roots[v] = hash(bytes);
                }
                roots[BlockVectors.BLOCK] = block;
            }
            case CHOICE -> {
                candidates = bytes.getInt();
                roots = new Hash[ChoiceVectors.COUNT];
                for (int v = 0; v < roots.length; v++) {
                    roots[v] = hash(bytes);
                }
            }
            case CHUNK -> content = answer.clone();
            case MODEL, SIDE, PART, PROOF, VECTOR, IDS -> throw new IllegalArgumentException("the node answers nothing in phase " + state.phase());
        }
    }

    private static Hash hash(ByteBuffer bytes) {
        byte[] hash = new byte[Hash.LENGTH];
        bytes.get(hash);
        return Hash.of(hash);
    }

    private Descent descent(DisputeState state) {
        return switch (state.level()) {
            case TRACE -> trace;
            case STEP -> blocks;
            case VECTOR -> chunks;
        };
    }

    /**
     * What to do now.
     *
     * @throws IllegalArgumentException where the node is to move, and in the phases that {@link #modelEvidence} and {@link #idsEvidence} are for
     */
    public Move move(DisputeState state) {
        return switch (state.phase()) {
            case SIDE -> new Move.Choose(goesRight(state) ? 1 : 0);
            case PART -> part(state);
            case VECTOR -> vector(state);
            case PROOF -> proof(state);
            case MODEL, IDS, TRACE, HALVES, STEP, BLOCK, CHOICE, CHUNK -> throw new IllegalArgumentException("there is no such move in phase " + state.phase());
        };
    }

    private boolean goesRight(DisputeState state) {
        int left = HashTree.left(state.count());
        int middle = state.first() + left;
        Hash seen = descent(state).left();
        return switch (state.level()) {
            case TRACE -> {
                if (tokenStep != NOWHERE) {
                    yield tokenStep >= middle;
                }
                boolean choiceIsLeft = choiceStep != NOWHERE && choiceStep < middle;
                yield !choiceIsLeft && seen.equals(steps.place(state.first(), left));
            }
            case STEP -> seen.equals(TracePaths.blocks(honest.trace().steps().get(state.position())).place(state.first(), left));
            // Where a list is only too short, all of it is as it should be: its end is where something is missing.
            case VECTOR -> seen.equals(expected(state).place(state.first(), left));
        };
    }

    private Move part(DisputeState state) {
        int position = state.position();
        if (tokenStep != NOWHERE || token != job.token(position)) {
            return new Move.Choose(OTHER_TOKEN);
        }
        if (position == choiceStep) {
            return new Move.Choose(NOT_TO_BE_CHOSEN);
        }
        if (!blocksRoot.equals(TracePaths.blocks(honest.trace().steps().get(position)).root())) {
            return new Move.Choose(BLOCKS);
        }
        return new Move.GiveUp("step " + position + " is as it should be");
    }

    private Move vector(DisputeState state) {
        return switch (state.subject()) {
            case BLOCK -> {
                BlockVectors right = honest.vectors(state.position(), state.layer());
                for (int v = 0; v < roots.length; v++) {
                    if (!roots[v].equals(right.vector(v).root())) {
                        yield new Move.Choose(v);
                    }
                }
                yield new Move.GiveUp("block " + state.layer() + " of step " + state.position() + " is as it should be");
            }
            case CHOICE -> choice(state, honest.choiceVectors(state.position() - 1));
            case TOKEN -> throw new IllegalArgumentException("a token in dispute has no vectors");
        };
    }

    private Move choice(DisputeState state, ChoiceVectors right) {
        // At temperature 0 a list of several may be in good order: that there are several is what is wrong.
        boolean tooMany = job.sampling().greedy() && candidates != 1;
        for (int v = 0; v < roots.length; v++) {
            boolean otherCount = v == ChoiceVectors.CANDIDATES && candidates != right.candidates().size();
            if (v == ChoiceVectors.CANDIDATES && tooMany) {
                continue;
            }
            if (otherCount || !roots[v].equals(right.vector(v).root())) {
                return new Move.Choose(v);
            }
        }
        if (tooMany || right.chosen() != token(state)) {
            return new Move.Choose(ChoiceVectors.CHOICE);
        }
        return new Move.GiveUp("step " + (state.position() - 1) + " leads to the token that follows");
    }

    /** The token whose choice is in dispute: it is no step's where it is the reply's last. */
    private int token(DisputeState state) {
        return job.token(state.position());
    }

    /** The tree that the vector in dispute should have. */
    private HashTree expected(DisputeState state) {
        if (state.subject() == DisputeState.Subject.BLOCK) {
            return honest.vectors(state.position(), state.layer()).vector(state.vector()).tree();
        }
        ChoiceVectors right = honest.choiceVectors(state.position() - 1);
        return state.vector() == ChoiceVectors.CANDIDATES ? ChoiceProof.expected(right, candidates) : right.vector(state.vector()).tree();
    }

    private Move proof(DisputeState state) {
        int position = state.position();
        return switch (state.subject()) {
            case TOKEN -> new Move.Prove(0, position < claim.tokensIn() ? new Evidence().raw(claim.salt().bytes()).raw(Layout.ids(job.prompt())).bytes()
                    : Layout.ids(job.reply()));
            case BLOCK -> {
                if (content.length != honest.vectors(position, state.layer()).vector(state.vector()).chunk(state.first()).length) {
                    yield OF_ANOTHER_LENGTH;
                }
                BlockProof proof = new BlockProof(honest, paths(position), blocks, chunks, position, state.layer(), state.vector(), state.first(), content);
                int element = proof.element();
                yield new Move.Prove(element, proof.evidence(element));
            }
            case CHOICE -> {
                int length = state.vector() == ChoiceVectors.CANDIDATES
                        ? Math.min(Layout.CANDIDATES, candidates - state.first() * Layout.CANDIDATES) * ChoiceVectors.Candidate.BYTES
                        : honest.choiceVectors(position - 1).vector(state.vector()).chunk(state.first()).length;
                if (content.length != length) {
                    yield OF_ANOTHER_LENGTH;
                }
                ChoiceProof proof = new ChoiceProof(honest, paths(position), chunks, position - 1, candidates, state.vector(), state.first(), content);
                int element = proof.element();
                yield new Move.Prove(element, proof.evidence(element));
            }
        };
    }

    private TracePaths paths(int position) {
        return new TracePaths(honest, steps, trace, position);
    }
}
