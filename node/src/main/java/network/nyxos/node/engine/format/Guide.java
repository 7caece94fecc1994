package network.nyxos.node.engine.format;

/** Says, token by token, what one reply may go on with. */
public interface Guide {
    /** Of a reply that may say anything. */
    Guide FREE = new Guide() {
        @Override
        public TokenMask mask() {
            return TokenMask.ALL;
        }

        @Override
        public void took(int id) {
            // Nothing depends on what was said.
        }
    };

    /** Which tokens may come next; at least one. */
    TokenMask mask();

    /** @param id the token that came: one that the mask allowed, and not one that ends the reply */
    void took(int id);
}
