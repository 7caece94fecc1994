package network.nyxos.node.engine.int8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import network.nyxos.node.engine.EngineException;
import network.nyxos.node.engine.gguf.GgufFile;
import network.nyxos.node.engine.gguf.TensorType;

/**
 * A weight matrix as integer codes in blocks of 32 columns with a scale and, for 4-bit codes, a minimum a block.
 *
 * <p>Rows are laid out in groups of 32 so that one SIMD lane works for one row, at any SIMD width. A group's slot {@code 2k}
 * is row {@code k}, slot {@code 2k+1} is row {@code 16+k}: sums of shorts then widen to ints without crossing lanes.
 * Rows beyond the last are zero.
 */
final class QuantMatrix {
    static final int GROUP = 32;
    private static final int BLOCK = QuantRows.BLOCK;
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
    final float[] scales;
    /** As scales; empty where codes are wide. */
    final float[] minima;

    private QuantMatrix(int rows, int columns, boolean wide) {
        this.rows = rows;
        this.columns = columns;
        this.blocks = columns / BLOCK;
        this.groups = (rows + GROUP - 1) / GROUP;
        this.wide = wide;
        this.codes = new short[Math.multiplyExact(groups * blocks, (wide ? 16 : 8) * GROUP)];
        this.scales = new float[groups * blocks * GROUP];
        this.minima = wide ? new float[0] : new float[groups * blocks * GROUP];
    }

    /** Repacks a tensor, losing nothing of a quantised one; 16- and 32-bit floats are rounded to int8 blocks. */
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
        QuantRows floats = new QuantRows(1, columns);
        float[] values = new float[columns];
        long rowBytes = (long) columns / tensor.type().blockValues() * tensor.type().blockBytes();
        for (int r = 0; r < GROUP && group * GROUP + r < rows; r++) {
            MemorySegment row = tensor.data().asSlice(rowBytes * (group * GROUP + r), rowBytes);
            switch (tensor.type()) {
                case Q4_0, Q4_1 -> fillNarrow(group, r, row, tensor.type());
                case Q8_0 -> fillWide(group, r, row);
                case F16, F32 -> {
                    for (int i = 0; i < columns; i++) {
                        values[i] = tensor.type() == TensorType.F32 ? row.get(F32, 4L * i) : Float.float16ToFloat(row.get(U16, 2L * i));
                    }
                    floats.set(0, values, 0);
                    for (int b = 0; b < blocks; b++) {
                        int at = (group * blocks + b) * 16 * GROUP + slot(r);
                        for (int c = 0; c < 16; c++) {
                            int j = b * BLOCK + 2 * c;
                            codes[at + c * GROUP] = (short) (floats.codes[j] & 0xff | floats.codes[j + 1] << 8);
                        }
                        scales[(group * blocks + b) * GROUP + r] = floats.scales[b];
                    }
                }
            }
        }
    }

    private void fillNarrow(int group, int r, MemorySegment row, TensorType type) {
        boolean hasMinimum = type == TensorType.Q4_1;
        for (int b = 0; b < blocks; b++) {
            long from = (long) b * type.blockBytes();
            float scale = Float.float16ToFloat(row.get(U16, from));
            int meta = (group * blocks + b) * GROUP + r;
            scales[meta] = scale;
            minima[meta] = hasMinimum ? Float.float16ToFloat(row.get(U16, from + 2)) : -8f * scale;
            long codesFrom = from + (hasMinimum ? 4 : 2);
            int at = (group * blocks + b) * 8 * GROUP + slot(r);
            for (int c = 0; c < 4; c++) {
                int four = row.get(U32, codesFrom + 4L * c);
                codes[at + c * GROUP] = gather(four & 0x0f0f0f0f);
                codes[at + (c + 4) * GROUP] = gather(four >>> 4 & 0x0f0f0f0f);
            }
        }
    }

    private static short gather(int nibbles) {
        return (short) (nibbles & 0xf | nibbles >>> 4 & 0xf0 | nibbles >>> 8 & 0xf00 | nibbles >>> 12 & 0xf000);
    }

    private void fillWide(int group, int r, MemorySegment row) {
        for (int b = 0; b < blocks; b++) {
            long from = 34L * b;
            scales[(group * blocks + b) * GROUP + r] = Float.float16ToFloat(row.get(U16, from));
            int at = (group * blocks + b) * 16 * GROUP + slot(r);
            for (int c = 0; c < 16; c++) {
                codes[at + c * GROUP] = row.get(U16, from + 2 + 2L * c);
            }
        }
    }

    /** One row as floats: what an embedding table is read for. */
    void row(int row, float[] out, int outAt) {
        int group = row / GROUP;
        int r = row % GROUP;
        for (int b = 0; b < blocks; b++) {
            int meta = (group * blocks + b) * GROUP + r;
            for (int j = 0; j < BLOCK; j++) {
                int perShort = wide ? 2 : 4;
                int packed = codes[((group * blocks + b) * (BLOCK / perShort) + j / perShort) * GROUP + slot(r)];
                float value;
                if (wide) {
                    value = (byte) (packed >> 8 * (j % 2)) * scales[meta];
                } else {
                    value = (packed >> 4 * (j % 4) & 0xf) * scales[meta] + minima[meta];
                }
                out[outAt + b * BLOCK + j] = value;
            }
        }
    }
}
