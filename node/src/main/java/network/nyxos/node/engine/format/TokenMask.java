package network.nyxos.node.engine.format;

/** Which tokens may be chosen. Immutable. */
public final class TokenMask {
    /** Every token. */
    public static final TokenMask ALL = new TokenMask(new long[0]);

    private final long[] bits;

    /** @param bits one a token, 64 to a word, lowest first; not copied, and changed by nobody from here on */
    TokenMask(long[] bits) {
        this.bits = bits;
    }

    /** Whether a token may be chosen. */
    public boolean allows(int id) {
        return bits.length == 0 || (bits[id >> 6] >>> id & 1) != 0;
    }
}
