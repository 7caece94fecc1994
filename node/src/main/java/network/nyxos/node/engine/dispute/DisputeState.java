package network.nyxos.node.engine.dispute;

import network.nyxos.escrow.program.registry.Dispute;
import network.nyxos.escrow.program.registry.RegistryEvent;

/**
 * Where a dispute stands, as everybody can read it from its account.
 *
 * @param phase    what is to be done next
 * @param level    what the place is in
 * @param subject  what the vectors are of
 * @param first    the place's first leaf: a step, a layer, or a chunk
 * @param count    how many leaves the place has
 * @param position the step in dispute; the number of steps where the reply's last token is
 * @param layer    the block in dispute
 * @param vector   the vector in dispute
 */
public record DisputeState(Phase phase, Level level, Subject subject, int first, int count, int position, int layer, int vector) {
    /** What is to be done next. */
    public enum Phase {
        MODEL(1), HALVES(2), SIDE(3), STEP(4), PART(5), BLOCK(6), CHOICE(7), CHUNK(8), PROOF(9), VECTOR(10), IDS(11), TRACE(12);

        private final int number;

        Phase(int number) {
            this.number = number;
        }

        /** As docs/disputes.md numbers it. */
        public int number() {
            return number;
        }

        /** Whether the node is to move; else the accuser is. */
        public boolean isNodes() {
            return switch (this) {
                case TRACE, HALVES, STEP, BLOCK, CHOICE, CHUNK -> true;
                case MODEL, SIDE, PART, PROOF, VECTOR, IDS -> false;
            };
        }

        /** The phase of a number. */
        public static Phase of(int number) {
            for (Phase phase : values()) {
                if (phase.number == number) {
                    return phase;
                }
            }
            throw new IllegalArgumentException("a dispute has no phase " + number);
        }
    }

    /** As the account has it. */
    public static DisputeState of(Dispute account) {
        Subject subject = account.subject() == 0 ? Subject.BLOCK : Subject.values()[account.subject() - 1];
        return new DisputeState(Phase.of(account.phase()), level(account.level()), subject, Math.toIntExact(account.placeFirst()), Math.toIntExact(account.placeCount()),
                Math.toIntExact(account.position()), Math.toIntExact(account.layer()), account.vector());
    }

    /** As the event of a move has it, which is enough to know what the next answer is about ({@link AccuserPlayer#answered}), and not for more. */
    public static DisputeState of(RegistryEvent.DisputeMoved moved) {
        return new DisputeState(Phase.of(moved.phase()), level(moved.level()), Subject.BLOCK, Math.toIntExact(moved.placeFirst()), Math.toIntExact(moved.placeCount()), 0, 0,
                moved.vector());
    }

    /** Before anything is walked down it is none. */
    private static Level level(int number) {
        return number == 0 ? Level.TRACE : Level.values()[number - 1];
    }

    /** A tree that is walked down. */
    public enum Level { TRACE, STEP, VECTOR }

    /** What is proved wrong in the end. */
    public enum Subject { BLOCK, CHOICE, TOKEN }
}
