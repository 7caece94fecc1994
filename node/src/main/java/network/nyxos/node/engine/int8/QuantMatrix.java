package network.nyxos.node.engine.int8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.gguf.GgufFile;
import network.nyxos.node.engine.gguf.TensorType;

/**
 * A weight matrix as integer codes in blocks of 32 columns with a scale and, for 4-bit codes, a minimum a block: a weight is
 * {@code (code · scale + minimum) · 2^−e}, e being its row's.
 *
 * <p>Rows are laid out in groups of 32 so that one SIMD lane works for one row, at any SIMD width. A group's slot {@code 2k}
 * is row {@code k}, slot {@code 2k+1} is row {@code 16+k}: sums of shorts then widen to ints without crossing lanes.
 * Rows beyond the last are zero.
 */
final class QuantMatrix {
    static final int GROUP = 32;
    private static final int BLOCK = QuantRows.BLOCK;
    /** Scales of 4-bit codes are below 2¹⁴ and minima below 2¹⁸, scales of 8-bit codes below 2¹²: a block's sum then fits an int. */
    private static final int NARROW_BITS = 14;
    private static final int MINIMUM_BITS = 18;
    private static final int WIDE_BITS = 12;
    /** A row of floats is coded from integers below 2³⁰. */
    private static final int FLOAT_BITS = 30;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    final int rows;
    final int columns;
    final int blocks;
    final int groups;
    /** Whether codes are signed bytes (two columns a short, the lower first) or 0 to 15 (four columns a short). */
    final boolean wide;
    /** {@code [group][block][8 or 16 shorts of a row][slot]}. */
    final short[] codes;
    /** {@code [group][block][row]}. */
    final int[] scales;
    /** As scales; empty where codes are wide. */
    final int[] minima;
    /** e, one a row. */
    final int[] exponents;

    private QuantMatrix(int rows, int columns, boolean wide) {
        this.rows = rows;
        this.columns = columns;
        this.blocks = columns / BLOCK;
        this.groups = (rows + GROUP - 1) / GROUP;
        this.wide = wide;
        this.codes = new short[Math.multiplyExact(groups * blocks, (wide ? 16 : 8) * GROUP)];
        this.scales = new int[groups * blocks * GROUP];
        this.minima = wide ? new int[0] : new int[groups * blocks * GROUP];
        this.exponents = new int[groups * GROUP];
    }

    /** Repacks a tensor, keeping the codes of a quantised one; 16- and 32-bit floats are rounded to int8 blocks. */
    static QuantMatrix of(GgufFile.Tensor tensor, Workers workers) {
        if (tensor.columns() % BLOCK != 0) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID,
                    "tensor " + tensor.name() + " has rows of " + tensor.columns() + " values, not a multiple of " + BLOCK);
        }
        boolean wide = tensor.type() != TensorType.Q4_0 && tensor.type() != TensorType.Q4_1;
        QuantMatrix matrix = new QuantMatrix(tensor.rows(), tensor.columns(), wide);
        workers.run(matrix.groups, 1, (group, worker) -> matrix.fill(group, tensor));
        return matrix;
    }

    static int slot(int rowInGroup) {
        return rowInGroup < 16 ? 2 * rowInGroup : 2 * (rowInGroup - 16) + 1;
    }

    private void fill(int group, GgufFile.Tensor tensor) {
        long rowBytes = (long) columns / tensor.type().blockValues() * tensor.type().blockBytes();
        for (int r = 0; r < GROUP && group * GROUP + r < rows; r++) {
            MemorySegment row = tensor.data().asSlice(rowBytes * (group * GROUP + r), rowBytes);
            switch (tensor.type()) {
                case Q4_0, Q4_1 -> fillNarrow(group, r, row, tensor);
                case Q8_0 -> fillWide(group, r, row, tensor);
                case F16, F32 -> fillFloats(group, r, row, tensor);
            }
        }
    }

    private int meta(int group, int block, int r) {
        return (group * blocks + block) * GROUP + r;
    }

    private void fillNarrow(int group, int r, MemorySegment row, GgufFile.Tensor tensor) {
        boolean hasMinimum = tensor.type() == TensorType.Q4_1;
        int blockBytes = tensor.type().blockBytes();
        float[] scale = new float[blocks];
        float[] minimum = new float[blocks];
        for (int b = 0; b < blocks; b++) {
            scale[b] = half(row, (long) b * blockBytes, tensor);
            minimum[b] = hasMinimum ? half(row, (long) b * blockBytes + 2, tensor) : 0f;
        }
        int exponent = Math.min(exponent(scale, NARROW_BITS), exponent(minimum, MINIMUM_BITS));
        exponents[group * GROUP + r] = exponent;
        for (int b = 0; b < blocks; b++) {
            int meta = meta(group, b, r);
            scales[meta] = (int) FixedPoint.scaled(scale[b], exponent);
            minima[meta] = hasMinimum ? (int) FixedPoint.scaled(minimum[b], exponent) : -8 * scales[meta];
            long codesFrom = (long) b * blockBytes + (hasMinimum ? 4 : 2);
            int at = (group * blocks + b) * 8 * GROUP + slot(r);
            for (int c = 0; c < 4; c++) {
                int four = row.get(U32, codesFrom + 4L * c);
                codes[at + c * GROUP] = gather(four & 0x0f0f0f0f);
                codes[at + (c + 4) * GROUP] = gather(four >>> 4 & 0x0f0f0f0f);
            }
        }
    }

    /** The greatest e that keeps every value times 2^e below 2^bits; 256, which bounds nothing, where all are zero. */
    private static int exponent(float[] values, int bits) {
        int exponent = 256;
        for (float value : values) {
            if (value != 0f) {
                exponent = Math.min(exponent, bits - FixedPoint.magnitude(value));
            }
        }
        return exponent;
    }

    private static float half(MemorySegment row, long at, GgufFile.Tensor tensor) {
        return finite(Float.float16ToFloat(row.get(U16, at)), tensor);
    }

    private static float finite(float value, GgufFile.Tensor tensor) {
        if (!Float.isFinite(value)) {
            throw new EngineException(EngineException.Code.MODEL_FILE_INVALID, "tensor " + tensor.name() + " holds a value that is not finite");
        }
        return value;
    }

    private static short gather(int nibbles) {
        return (short) (nibbles & 0xf | nibbles >>> 4 & 0xf0 | nibbles >>> 8 & 0xf00 | nibbles >>> 12 & 0xf000);
    }

    private void fillWide(int group, int r, MemorySegment row, GgufFile.Tensor tensor) {
        int blockBytes = tensor.type().blockBytes();
        float[] scale = new float[blocks];
        for (int b = 0; b < blocks; b++) {
            scale[b] = half(row, (long) b * blockBytes, tensor);
        }
        int exponent = exponent(scale, WIDE_BITS);
        exponents[group * GROUP + r] = exponent;
        for (int b = 0; b < blocks; b++) {
            scales[meta(group, b, r)] = (int) FixedPoint.scaled(scale[b], exponent);
            int at = (group * blocks + b) * 16 * GROUP + slot(r);
            for (int c = 0; c < 16; c++) {
                codes[at + c * GROUP] = row.get(U16, (long) b * blockBytes + 2 + 2L * c);
            }
        }
    }

    /** Coded as activations are; their scales then get a common exponent as those of 8-bit codes have. */
    private void fillFloats(int group, int r, MemorySegment row, GgufFile.Tensor tensor) {
        float[] values = new float[columns];
        for (int i = 0; i < columns; i++) {
            values[i] = tensor.type() == TensorType.F32 ? finite(row.get(F32, 4L * i), tensor) : half(row, 2L * i, tensor);
        }
        int fraction = exponent(values, FLOAT_BITS);
        long[] fixed = new long[columns];
        for (int i = 0; i < columns; i++) {
            fixed[i] = FixedPoint.scaled(values[i], fraction);
        }
        QuantRows coded = new QuantRows(1, columns);
        coded.set(0, fixed, 0, fraction);
        // A scale is A · 2^(greatest − below), in units of 2^−(fraction + 7); A has 8 of the 12 bits.
        int spare = WIDE_BITS - 8;
        exponents[group * GROUP + r] = 7 + spare - coded.exponents[0];
        for (int b = 0; b < blocks; b++) {
            scales[meta(group, b, r)] = FixedPoint.shift(coded.scales[b], spare - (coded.shifts[b] - coded.headroom));
            int at = (group * blocks + b) * 16 * GROUP + slot(r);
            for (int c = 0; c < 16; c++) {
                int j = b * BLOCK + 2 * c;
                codes[at + c * GROUP] = (short) (coded.codes[j] & 0xff | coded.codes[j + 1] << 8);
            }
        }
    }

    /**
     * A row as the model's root has it: {@code bits u8 ‖ e i16}, then a block {@code S i16 ‖ N i32 ‖ codes}, N only of 4-bit codes.
     * A short of packed codes, little endian, is the bytes that hold them there.
     */
    byte[] leaf(int row) {
        int shorts = wide ? 16 : 8;
        int group = row / GROUP;
        ByteBuffer leaf = ByteBuffer.allocate(3 + blocks * (2 + (wide ? 0 : 4) + 2 * shorts)).order(ByteOrder.LITTLE_ENDIAN);
        leaf.put((byte) (wide ? 8 : 4)).putShort((short) exponents[row]);
        for (int b = 0; b < blocks; b++) {
            int meta = meta(group, b, row % GROUP);
            leaf.putShort((short) scales[meta]);
            if (!wide) {
                leaf.putInt(minima[meta]);
            }
            int from = (group * blocks + b) * shorts * GROUP + slot(row % GROUP);
            for (int c = 0; c < shorts; c++) {
                leaf.putShort(codes[from + c * GROUP]);
            }
        }
        return leaf.array();
    }

    /** One row with {@link FixedPoint#FRACTION} fractional bits, rounded: what an embedding table is read for. */
    void row(int row, int[] out, int outAt) {
        int group = row / GROUP;
        int r = row % GROUP;
        int perShort = wide ? 2 : 4;
        for (int b = 0; b < blocks; b++) {
            int meta = meta(group, b, r);
            for (int j = 0; j < BLOCK; j++) {
                int packed = codes[((group * blocks + b) * (BLOCK / perShort) + j / perShort) * GROUP + slot(r)];
                int value = wide ? (byte) (packed >> 8 * (j % 2)) * scales[meta] : (packed >> 4 * (j % 4) & 0xf) * scales[meta] + minima[meta];
                out[outAt + b * BLOCK + j] = FixedPoint.shift(value, FixedPoint.FRACTION - exponents[row]);
            }
        }
    }
}
