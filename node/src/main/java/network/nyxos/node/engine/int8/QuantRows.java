package network.nyxos.node.engine.int8;

/**
 * Activations of up to {@code capacity} tokens as int8 codes in blocks of 32.
 *
 * <p>scale = max|x| / 127; code = x · (127 / max|x|), rounded half to even; a block of zeros (or one holding a value that
 * is not finite) has scale and codes 0.
 */
final class QuantRows {
    static final int BLOCK = 32;

    final int columns;
    final int blocks;
    /** Codes, as shorts because the kernels multiply shorts. */
    final short[] codes;
    /** One a block. */
    final float[] scales;
    /** scale · (sum of the block's codes): what a weight block's minimum is multiplied with. */
    final float[] sums;

    QuantRows(int capacity, int columns) {
        this.columns = columns;
        this.blocks = columns / BLOCK;
        this.codes = new short[capacity * columns];
        this.scales = new float[capacity * blocks];
        this.sums = new float[capacity * blocks];
    }

    void set(int row, float[] values, int at) {
        for (int b = 0; b < blocks; b++) {
            int from = at + b * BLOCK;
            float max = 0f;
            for (int i = 0; i < BLOCK; i++) {
                max = Math.max(max, Math.abs(values[from + i]));
            }
            boolean usable = max >= Float.MIN_NORMAL && max <= Float.MAX_VALUE;
            float scale = usable ? max / 127f : 0f;
            float inverse = usable ? 127f / max : 0f;
            int to = row * columns + b * BLOCK;
            int sum = 0;
            for (int i = 0; i < BLOCK; i++) {
                int code = usable ? (int) Math.rint(values[from + i] * inverse) : 0;
                codes[to + i] = (short) code;
                sum += code;
            }
            scales[row * blocks + b] = scale;
            sums[row * blocks + b] = scale * sum;
        }
    }
}
