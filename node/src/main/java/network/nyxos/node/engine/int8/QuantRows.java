package network.nyxos.node.engine.int8;

/**
 * Activations of up to {@code capacity} tokens as int8 codes in blocks of 32.
 *
 * <p>A block's scale is {@code A · 2^q}, A of 8 bits, rounded up so that codes stay within ±127; a value is about {@code code · A · 2^q / 128}.
 */
final class QuantRows {
    static final int BLOCK = 32;
    private static final int[] INVERSES = inverses();

    final int columns;
    final int blocks;
    /** Bits by which a block's term is shifted down so that the sum of all blocks stays an int. */
    final int headroom;
    /** Codes, as shorts because the kernels multiply shorts. */
    final short[] codes;
    /** A, one a block: 0 to 255. */
    final int[] scales;
    /** How far a block's term is shifted to the right: the headroom and what its q is below the row's greatest; at most 31. */
    final int[] shifts;
    /** The sum of the block's codes: what a weight block's minimum is multiplied with. */
    final int[] sums;
    /** A row's greatest q less the fractional bits of its values. */
    final int[] exponents;

    QuantRows(int capacity, int columns) {
        this.columns = columns;
        this.blocks = columns / BLOCK;
        this.headroom = FixedPoint.bits(blocks - 1);
        this.codes = new short[capacity * columns];
        this.scales = new int[capacity * blocks];
        this.shifts = new int[capacity * blocks];
        this.sums = new int[capacity * blocks];
        this.exponents = new int[capacity];
    }

    /** 2³⁰ / A, floored. */
    private static int[] inverses() {
        int[] inverses = new int[256];
        for (int a = 1; a < inverses.length; a++) {
            inverses[a] = (1 << 30) / a;
        }
        return inverses;
    }

    /**
     * Takes a row.
     *
     * @param values   at most 2⁵⁴ in size
     * @param fraction their fractional bits
     */
    void set(int row, long[] values, int at, int fraction) {
        int greatest = 0;
        int first = row * blocks;
        for (int b = 0; b < blocks; b++) {
            shifts[first + b] = block(first + b, values, at + b * BLOCK);
            greatest = Math.max(greatest, shifts[first + b]);
        }
        for (int b = first; b < first + blocks; b++) {
            shifts[b] = Math.min(31, greatest - shifts[b] + headroom);
        }
        exponents[row] = greatest - fraction;
    }

    /** Codes one block and returns its q. */
    private int block(int block, long[] values, int from) {
        long max = 0;
        for (int i = from; i < from + BLOCK; i++) {
            max = Math.max(max, Math.abs(values[i]));
        }
        int q = Math.max(0, FixedPoint.bits(max) - 8);
        long scale = scale(max, q);
        if (scale > 255) {
            scale = scale(max, ++q);
        }
        long inverse = INVERSES[(int) scale];
        int up = Math.max(0, 16 - q);
        int down = Math.max(0, q - 16);
        int to = block * BLOCK;
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            int code = (int) ((values[from + i] >> down << up) * inverse + (1L << 38) >> 39);
            codes[to + i] = (short) code;
            sum += code;
        }
        scales[block] = (int) scale;
        sums[block] = sum;
        return q;
    }

    private static long scale(long max, int q) {
        long unit = 127L << q;
        return (128 * max + unit - 1) / unit;
    }
}
