package network.nyxos.node.engine.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import network.nyxos.node.engine.FloatReference;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.gguf.GgufFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelsTest {
    private static final String[] MATRICES = {"blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight", "blk.0.ffn_up.weight",
        "blk.0.ffn_down.weight", "token_embd.weight"};

    private final Kernels scalar = new ScalarKernels();
    private final Kernels vector = new VectorKernels();

    @TempDir
    private Path folder;

    /** Blocks of very different sizes, as activations are. */
    private static long[] random(Random random, int n) {
        long[] values = new long[n];
        int bits = 0;
        for (int i = 0; i < n; i++) {
            bits = i % 32 == 0 ? random.nextInt(46) : bits;
            values[i] = random.nextLong() >> 18 + bits;
        }
        return values;
    }

    private static int[] mantissas(Random random, int n, int bits) {
        return random.ints(n, 1 - (1 << bits), 1 << bits).toArray();
    }

    /** The specification's matrix product read off a matrix in wide integers, in whatever order: that no step leaves the range of an int is part of it. */
    private static int specified(QuantMatrix w, int row, QuantRows x, int token) {
        long acc = 0;
        for (int b = 0; b < w.blocks; b++) {
            int meta = (row / 32 * w.blocks + b) * 32 + row % 32;
            long whole = 0;
            for (int j = 0; j < 32; j++) {
                int perShort = w.wide ? 2 : 4;
                int packed = w.codes[((row / 32 * w.blocks + b) * (32 / perShort) + j / perShort) * 32 + QuantMatrix.slot(row % 32)];
                long code = w.wide ? (byte) (packed >> 8 * (j % 2)) : packed >> 4 * (j % 4) & 0xf;
                whole += x.codes[token * x.columns + 32 * b + j] * (code * w.scales[meta] + (w.wide ? 0 : w.minima[meta]));
            }
            int block = token * x.blocks + b;
            acc += (Math.toIntExact(whole + 128) >> 8) * (long) x.scales[block] >> x.shifts[block];
        }
        return Math.toIntExact(acc);
    }

    @Test
    void vectorAndScalarGiveWhatIsSpecified() {
        Random random = new Random(5);
        try (GgufFile file = GgufFile.open(TinyModel.write(folder, 5)); Workers workers = new Workers(1, "test")) {
            for (String name : MATRICES) {
                QuantMatrix matrix = QuantMatrix.of(file.tensor(name).orElseThrow(), workers);
                QuantRows x = new QuantRows(2, matrix.columns);
                x.set(1, random(random, matrix.columns), 0, 16);
                for (int group = 0; group < matrix.groups; group++) {
                    int[] a = new int[32];
                    int[] b = new int[40];
                    scalar.multiply(matrix, group, x, 1, a, 0);
                    vector.multiply(matrix, group, x, 1, b, 8);
                    assertThat(Arrays.copyOfRange(b, 8, 40)).isEqualTo(a);
                    for (int r = 0; r < 32 && group * 32 + r < matrix.rows; r++) {
                        assertThat(a[r]).as("%s row %d", name, group * 32 + r).isEqualTo(specified(matrix, group * 32 + r, x, 1));
                    }
                }
            }
        }
    }

    /** The greatest scales, minima, codes and activations that there can be: at the edge of the proof in the specification. */
    @Test
    void nothingOverflowsAtTheExtremes() {
        try (GgufFile file = GgufFile.open(TinyModel.write(folder, 6)); Workers workers = new Workers(1, "test")) {
            for (String name : new String[] {"blk.0.attn_q.weight", "token_embd.weight"}) {
                QuantMatrix matrix = QuantMatrix.of(file.tensor(name).orElseThrow(), workers);
                for (int code : new int[] {0x8080, 0xffff, 0x7f7f, 0x8000, 0x0080, 0}) {
                    for (int sign : new int[] {1, -1}) {
                        Arrays.fill(matrix.codes, (short) code);
                        Arrays.fill(matrix.scales, sign * (matrix.wide ? 4094 : 16376));
                        Arrays.fill(matrix.minima, sign * 262016);
                        for (int activation : new int[] {127, -127}) {
                            QuantRows x = new QuantRows(1, matrix.columns);
                            Arrays.fill(x.codes, (short) activation);
                            Arrays.fill(x.sums, 32 * activation);
                            Arrays.fill(x.scales, 255);
                            Arrays.fill(x.shifts, x.headroom);
                            int[] a = new int[32];
                            int[] b = new int[32];
                            scalar.multiply(matrix, 0, x, 0, a, 0);
                            vector.multiply(matrix, 0, x, 0, b, 0);
                            assertThat(b).isEqualTo(a).containsOnly(specified(matrix, 0, x, 0));
                        }
                    }
                }
            }
        }
    }

    @Test
    void matricesStayTrueToTheirFile() {
        try (GgufFile file = GgufFile.open(TinyModel.write(folder, 7)); Workers workers = new Workers(2, "test")) {
            for (String name : MATRICES) {
                QuantMatrix matrix = QuantMatrix.of(file.tensor(name).orElseThrow(), workers);
                assertThat(Arrays.stream(matrix.scales).map(Math::abs).max().orElseThrow()).isBetween(matrix.wide ? 2040 : 8000, matrix.wide ? 4094 : 16376);
                assertThat(Arrays.stream(matrix.minima).map(Math::abs).max().orElse(0)).isLessThanOrEqualTo(262016);
                boolean floats = matrix.wide && !name.startsWith("token") && !name.contains("down");
                int[] row = new int[matrix.columns];
                float[] real = new float[matrix.columns];
                for (int r = 0; r < matrix.rows; r++) {
                    matrix.row(r, row, 0);
                    FloatReference.read(file.tensor(name).orElseThrow(), r, real);
                    for (int j = 0; j < row.length; j++) {
                        assertThat(row[j] / 65536.0).as("%s row %d column %d", name, r, j).isCloseTo(real[j], within(floats ? 0.01 : 4e-4));
                    }
                }
            }
        }
    }

    @Test
    void attentionSumsAreExactAtTheirGreatest() {
        Random random = new Random(8);
        for (int size : new int[] {32, 64, 256}) {
            for (boolean extreme : new boolean[] {false, true}) {
                int[] q = mantissas(random, size, 12);
                int[] k = mantissas(random, size * Kernels.PAGE, KvCache.MANTISSA_BITS);
                int[] weights = random.ints(Kernels.PAGE, 0, (1 << 19) / Kernels.PAGE).toArray();
                if (extreme) {
                    Arrays.fill(q, 4095);
                    Arrays.fill(k, -2047);
                    Arrays.fill(weights, (1 << 19) / Kernels.PAGE);
                }
                int[] a = new int[Kernels.PAGE];
                int[] b = new int[Kernels.PAGE];
                scalar.scores(q, 0, size, k, 0, a, 0);
                vector.scores(q, 0, size, k, 0, b, 0);
                assertThat(b).isEqualTo(a);
                long exact = 0;
                for (int d = 0; d < size; d++) {
                    exact += (long) q[d] * k[d * Kernels.PAGE + 5];
                }
                assertThat((long) a[5]).isEqualTo(exact);
                for (int positions : new int[] {1, 7, 64}) {
                    int[] c = new int[size];
                    int[] d = new int[size];
                    scalar.mix(weights, 0, positions, k, 0, size, c);
                    vector.mix(weights, 0, positions, k, 0, size, d);
                    assertThat(d).isEqualTo(c);
                    long sum = 0;
                    for (int p = 0; p < positions; p++) {
                        sum += (long) weights[p] * k[p * size + 3];
                    }
                    assertThat((long) c[3]).isEqualTo(sum);
                }
            }
        }
    }

    @Test
    void activationsAreCodedWithinHalfAStep() {
        Random random = new Random(9);
        for (int round = 0; round < 300; round++) {
            long[] values = random(random, 320);
            Arrays.fill(values, 32, 64, 0);
            QuantRows rows = new QuantRows(1, 320);
            rows.set(0, values, 0, 16);
            for (int i = 0; i < values.length; i++) {
                int block = i / 32;
                assertThat((int) rows.codes[i]).isBetween(-127, 127);
                double scale = rows.scales[block] * Math.scalb(1.0, rows.exponents[0] + 16 - (rows.shifts[block] - rows.headroom)) / 128;
                if (rows.shifts[block] < 31) {
                    assertThat(rows.codes[i] * scale).isCloseTo(values[i], within(scale * 0.5001));
                }
            }
        }
    }

    @Test
    void theGreatestOfABlockUsesAlmostTheWholeCode() {
        for (int bits = 8; bits < 54; bits++) {
            for (long size : new long[] {(1L << bits) - 1, 1L << bits, 3L << bits - 1}) {
                long[] values = new long[32];
                values[3] = size;
                values[4] = -size;
                QuantRows rows = new QuantRows(1, 32);
                rows.set(0, values, 0, 0);
                assertThat((int) rows.codes[3]).isBetween(125, 127);
                assertThat((int) rows.codes[4]).isEqualTo(-rows.codes[3]);
            }
        }
    }
}
