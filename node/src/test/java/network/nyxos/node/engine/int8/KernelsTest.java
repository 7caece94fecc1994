package network.nyxos.node.engine.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Random;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.engine.gguf.GgufFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelsTest {
    private final Kernels scalar = new ScalarKernels();
    private final Kernels vector = new VectorKernels();

    @TempDir
    private Path folder;

    private static float[] random(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian() * (random.nextInt(10) == 0 ? 100 : 1);
        }
        return values;
    }

    @Test
    void vectorAndScalarAgreeBitForBitAndWithTheExactSum() {
        Random random = new Random(5);
        try (GgufFile file = GgufFile.open(TinyModel.write(folder, 5)); Workers workers = new Workers(1, "test")) {
            for (String name : new String[] {"blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight", "blk.0.ffn_up.weight",
                "blk.0.ffn_down.weight", "token_embd.weight"}) {
                QuantMatrix matrix = QuantMatrix.of(file.tensor(name).orElseThrow(), workers);
                QuantRows x = new QuantRows(2, matrix.columns);
                x.set(1, random(random, matrix.columns), 0);
                float[] row = new float[matrix.columns];
                for (int group = 0; group < matrix.groups; group++) {
                    float[] a = new float[32];
                    float[] b = new float[40];
                    scalar.multiply(matrix, group, x, 1, a, 0);
                    vector.multiply(matrix, group, x, 1, b, 8);
                    for (int r = 0; r < 32; r++) {
                        assertThat(Float.floatToRawIntBits(b[8 + r])).as("%s row %d", name, group * 32 + r).isEqualTo(Float.floatToRawIntBits(a[r]));
                        double exact = 0;
                        double size = 0;
                        if (group * 32 + r < matrix.rows) {
                            matrix.row(group * 32 + r, row, 0);
                            for (int j = 0; j < matrix.columns; j++) {
                                double term = (double) row[j] * x.codes[matrix.columns + j] * x.scales[x.blocks + j / 32];
                                exact += term;
                                size += Math.abs(term);
                            }
                        }
                        assertThat((double) a[r]).isCloseTo(exact, within(1e-5 * size + 1e-30));
                    }
                }
            }
        }
    }

    @Test
    void integerSumsDoNotOverflowAtTheExtremes() {
        try (GgufFile file = GgufFile.open(TinyModel.write(folder, 6)); Workers workers = new Workers(1, "test")) {
            for (String name : new String[] {"blk.0.attn_q.weight", "token_embd.weight"}) {
                QuantMatrix matrix = QuantMatrix.of(file.tensor(name).orElseThrow(), workers);
                for (int code : new int[] {0x8080, 0xffff, 0x7f7f, 0x8000, 0x0080}) {
                    java.util.Arrays.fill(matrix.codes, (short) code);
                    for (int activation : new int[] {127, -127}) {
                        QuantRows x = new QuantRows(1, matrix.columns);
                        java.util.Arrays.fill(x.codes, (short) activation);
                        java.util.Arrays.fill(x.scales, 1f);
                        float[] a = new float[32];
                        float[] b = new float[32];
                        scalar.multiply(matrix, 0, x, 0, a, 0);
                        vector.multiply(matrix, 0, x, 0, b, 0);
                        assertThat(b).containsExactly(a);
                    }
                }
            }
        }
    }

    @Test
    void attentionSumsAgreeBitForBit() {
        Random random = new Random(8);
        for (int size : new int[] {32, 64, 128}) {
            float[] q = random(random, size);
            float[] k = random(random, size * Kernels.PAGE);
            float[] a = new float[Kernels.PAGE];
            float[] b = new float[Kernels.PAGE];
            scalar.scores(q, 0, size, k, 0, 0.125f, a, 0);
            vector.scores(q, 0, size, k, 0, 0.125f, b, 0);
            assertThat(b).containsExactly(a);
            for (int positions : new int[] {1, 7, 64}) {
                float[] c = random(random, size);
                float[] d = c.clone();
                scalar.mix(a, 0, positions, k, 0, size, c, 0);
                vector.mix(a, 0, positions, k, 0, size, d, 0);
                assertThat(d).containsExactly(c);
            }
        }
    }

    @Test
    void quantisesWithinHalfAStep() {
        Random random = new Random(9);
        float[] values = random(random, 320);
        java.util.Arrays.fill(values, 32, 64, 0f);
        values[100] = Float.NaN;
        QuantRows rows = new QuantRows(1, 320);
        rows.set(0, values, 0);
        for (int i = 0; i < values.length; i++) {
            float scale = rows.scales[i / 32];
            assertThat((int) rows.codes[i]).isBetween(-127, 127);
            if (i / 32 == 3) {
                assertThat(scale).isZero();
            } else {
                assertThat(rows.codes[i] * scale).isCloseTo(values[i], within(scale * 0.501f));
            }
        }
    }

    @Test
    void expIsCloseToTheTrueFunction() {
        for (float x = -86.9f; x < 87f; x += 0.0137f) {
            double exact = StrictMath.exp(x);
            assertThat((double) FixedMath.exp(x)).isCloseTo(exact, within(exact * 3e-7));
        }
        assertThat(FixedMath.exp(-1000f)).isZero();
        assertThat(FixedMath.exp(Float.NaN)).isZero();
        assertThat(FixedMath.exp(0f)).isEqualTo(1f);
    }
}
