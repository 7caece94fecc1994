package network.nyxos.node.engine.dispute;

/** What an accuser does next. */
public sealed interface Move {
    /** {@code choose} with a value. */
    record Choose(int value) implements Move {
    }

    /**
     * The evidence is written, then {@code prove_fault} sent.
     *
     * @param element  which number is wrong
     * @param evidence what the dispute's evidence account has to hold
     */
    record Prove(int element, byte[] evidence) implements Move {
        public Prove {
            evidence = evidence.clone();
        }

        @Override
        public byte[] evidence() {
            return evidence.clone();
        }

        @Override
        public String toString() {
            return "Prove[" + element + ", " + evidence.length + " bytes]";
        }
    }

    /** There is nothing to prove: whoever goes on loses its stake. */
    record GiveUp(String reason) implements Move {
    }
}
