package network.nyxos.node.engine.int8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import network.nyxos.escrow.crypto.Hash;
import org.junit.jupiter.api.Test;

/** Each function against the true one, and the vectors of docs/engine-nyx-int8-v1.md. */
class FixedPointTest {
    private static final double UNIT = 0x1p30;

    /** Entries as 32-bit little-endian integers. */
    private static String hash(int[]... tables) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * Arrays.stream(tables).mapToInt(table -> table.length).sum()).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(tables).flatMapToInt(Arrays::stream).forEach(bytes::putInt);
        return Hash.sha256(bytes.array()).hex();
    }

    @Test
    void tablesAreTheSpecifications() {
        assertThat(hash(FixedPoint.HALVINGS)).isEqualTo("181a98b2260a96774c7e5c54b8570c355eb1e99c3e2a3770c8c50842e3f67b24");
        assertThat(hash(FixedPoint.FINE_HALVINGS)).isEqualTo("bfdf318362a5b2b05f701be65cb044d5d2c0fe9b45199f6c1693bdb0937c69d9");
        assertThat(hash(FixedPoint.SIGMOID)).isEqualTo("d0b17494541811aa109e3274ab872fa3e31d68e49a74dedfb724f2054c76da92");
        assertThat(hash(Rotary.COSINES)).isEqualTo("7bea09078c6e1b96ddc96f11178bfaf05aa8511bcd1be3d7339b5248ad2dcaf7");
        assertThat(hash(Rotary.SINES)).isEqualTo("233235c12b0f9544cdc2fe71d09f83946d235854c810378f1c3bb6fdc3c26d19");
        assertThat(Arrays.stream(new int[] {32, 64, 96, 128, 256}).mapToLong(FixedPoint::scoreFactor))
                .containsExactly(273_841_598L, 193_635_251L, 158_102_520L, 136_920_799L, 96_817_625L);
        assertThat(Arrays.stream(Rotary.steps(64, 100_000f)).limit(4))
                .containsExactly(2_935_890_503_282_001_226L, 2_048_754_186_989_806_250L, 1_429_683_332_541_196_458L, 997_676_756_111_625_901L);
    }

    @Test
    void tablesAreTheTrueFunctionsRounded() {
        for (int j = 0; j < 256; j++) {
            assertThat((double) FixedPoint.HALVINGS[j]).isCloseTo(Math.pow(2, -j / 256.0) * UNIT, within(0.5001));
            assertThat((double) FixedPoint.FINE_HALVINGS[j]).isCloseTo(Math.pow(2, -j / 65536.0) * UNIT, within(0.5001));
            for (int level = 0; level < 3; level++) {
                double angle = 2 * Math.PI * j / Math.pow(256, level + 1);
                assertThat((double) Rotary.COSINES[level][j]).isCloseTo(Math.cos(angle) * UNIT, within(0.5001));
                assertThat((double) Rotary.SINES[level][j]).isCloseTo(Math.sin(angle) * UNIT, within(0.5001));
            }
        }
        for (int j = 0; j <= 4096; j++) {
            assertThat((double) FixedPoint.SIGMOID[j]).isCloseTo(UNIT / (1 + Math.exp(-j / 256.0)), within(0.5001));
        }
    }

    @Test
    void halvingIsTwoToTheMinus() {
        for (long d = 0; d < 60 << 16; d += 977) {
            double exact = Math.pow(2, 60 - d / 65536.0);
            assertThat((double) FixedPoint.halve(d)).isCloseTo(exact, within(exact * 2e-9 + 1));
        }
        assertThat(Arrays.stream(new long[] {0, 1, 65_535, 65_536, 1_000_000, 3_932_159, 3_932_160}).map(FixedPoint::halve))
                .containsExactly(1L << 60, 1_152_909_311_194_693_632L, 576_466_849_524_064_804L, 1L << 59, 29_406_716_487_579L, 1L, 0L);
        assertThat(FixedPoint.halve(Long.MAX_VALUE)).isZero();
    }

    @Test
    void siluIsWithinAUnitOfTheTrueFunction() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            int x = random.nextInt() >> random.nextInt(31);
            double real = x / 65536.0;
            assertThat((double) FixedPoint.silu(x)).isCloseTo(x / (1 + Math.exp(-real)), within(0.51 + Math.abs(x) * 3e-7));
        }
        assertThat(FixedPoint.silu(Integer.MIN_VALUE)).isZero();
        assertThat(FixedPoint.silu(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Arrays.stream(new int[] {1, -1, 65_536, -65_536, 200_001, -200_001, 1_048_575, 1_048_576, -1_048_575}).mapToLong(FixedPoint::silu))
                .containsExactly(1L, 0L, 47_911L, -17_625L, 190_973L, -9_028L, 1_048_575L, 1_048_576L, 0L);
    }

    @Test
    void rotationsKeepTheirAngleAcrossALongContext() {
        int context = 1 << 17;
        Rotary rotary = new Rotary(context, 32, 10_000f);
        for (int position : new int[] {0, 1, 2, 255, 4096, 99_999, context - 1}) {
            int[] values = new int[32];
            Arrays.fill(values, 1 << 20);
            rotary.turn(values, 0, position);
            for (int i = 0; i < 16; i++) {
                double angle = position * Math.pow(10_000, -i / 16.0);
                assertThat((double) values[2 * i]).isCloseTo((Math.cos(angle) - Math.sin(angle)) * (1 << 20), within(2.0));
                assertThat((double) values[2 * i + 1]).isCloseTo((Math.sin(angle) + Math.cos(angle)) * (1 << 20), within(2.0));
            }
        }
        for (int extreme : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            int[] values = filled(32, extreme);
            rotary.turn(values, 0, 70_001);
            // What is beyond the range stops there, with the right sign.
            double angle = 70_001 * Math.pow(10_000, -15 / 16.0) % (2 * Math.PI);
            assertThat((double) values[30]).isCloseTo(Math.clamp((Math.cos(angle) - Math.sin(angle)) * extreme, -0x1p31 + 1, 0x1p31 - 1), within(4000.0));
            assertThat((double) values[31]).isCloseTo(Math.clamp((Math.cos(angle) + Math.sin(angle)) * extreme, -0x1p31 + 1, 0x1p31 - 1), within(4000.0));
        }
    }

    @Test
    void theNormIsTheTrueOne() {
        Random random = new Random(2);
        for (int shift = 0; shift < 31; shift++) {
            int down = shift;
            int[] x = random.ints(576).map(v -> v >> down).toArray();
            float[] gains = new float[576];
            for (int i = 0; i < gains.length; i++) {
                gains[i] = (float) random.nextGaussian() * 3;
            }
            FixedPoint.Gain gain = FixedPoint.Gain.of(gains);
            long[] out = new long[576];
            FixedPoint.norm(x, 0, gain, FixedPoint.scaled(1e-5f, 32), out, 0);
            double sum = 0;
            for (int v : x) {
                sum += (double) v * v;
            }
            double scale = 1 / Math.sqrt(sum / 576 / 0x1p32 + 1e-5f);
            for (int i = 0; i < 576; i++) {
                double exact = x[i] / 65536.0 * scale * gains[i];
                // A gain is rounded to 20 bits of the greatest one.
                double rounding = Math.abs(x[i] / 65536.0 * scale) * Math.scalb(1.0, -gain.exponent());
                assertThat(Math.scalb((double) out[i], -gain.exponent())).isCloseTo(exact, within(Math.abs(exact) * 2e-5 + 1e-5 + rounding));
            }
        }
    }

    @Test
    void theNormStaysInRangeAtTheExtremes() {
        for (int n : new int[] {32, 1 << 16}) {
            float[] gains = new float[n];
            Arrays.fill(gains, 2f - 0x1p-20f);
            FixedPoint.Gain gain = FixedPoint.Gain.of(gains);
            for (int[] x : new int[][] {new int[n], filled(n, Integer.MIN_VALUE), filled(n, Integer.MAX_VALUE), one(n, 1), one(n, Integer.MIN_VALUE)}) {
                long[] out = new long[n];
                FixedPoint.norm(x, 0, gain, 1, out, 0);
                assertThat(Arrays.stream(out).map(Math::abs).max().orElseThrow()).isLessThan(1L << 30);
                assertThat(Math.signum(out[0])).isEqualTo(Math.signum(x[0]));
            }
        }
    }

    private static int[] filled(int n, int value) {
        int[] values = new int[n];
        Arrays.fill(values, value);
        return values;
    }

    private static int[] one(int n, int value) {
        int[] values = new int[n];
        values[0] = value;
        return values;
    }

    /** A vector of docs/engine-nyx-int8-v1.md: norm, then codes. */
    @Test
    void theSpecificationsRowIsCodedAsItSays() {
        int[] x = new int[64];
        float[] gains = new float[64];
        for (int i = 0; i < 64; i++) {
            x[i] = i * i * 7_919 % 300_007 - 150_000 - (i == 40 ? 5_000_000 : 0);
            gains[i] = (i - 20) / 16f;
        }
        FixedPoint.Gain gain = FixedPoint.Gain.of(gains);
        long[] out = new long[64];
        FixedPoint.norm(x, 0, gain, FixedPoint.scaled(1e-5f, 32), out, 0);
        QuantRows rows = new QuantRows(1, 64);
        rows.set(0, out, 0, gain.exponent());
        assertThat(gain.exponent()).isEqualTo(18);
        assertThat(Arrays.copyOf(out, 4)).containsExactly(76_690, 69_009, 54_445, 34_214);
        assertThat(out[40]).isEqualTo(-2_597_167);
        assertThat(Arrays.copyOf(rows.codes, 8)).containsExactly(127, 114, 90, 57, 16, -30, -80, 34);
        assertThat(rows.codes[40]).isEqualTo((short) -127);
        assertThat(rows.scales).containsExactly(151, 160);
        assertThat(rows.shifts).containsExactly(6, 1);
        assertThat(rows.sums).containsExactly(332, -113);
        assertThat(rows.exponents).containsExactly(-4);
        assertThat(hash(IntStream.range(0, 64).map(i -> rows.codes[i]).toArray())).isEqualTo("6f52ad1d035c56cf8240e8797a6b0cc66724a9443547ecf818ade7234221bdaa");
    }

    @Test
    void mantissasKeepTheirBits() {
        int[] values = {70_000, -69_999, 3, -1, 0};
        assertThat(FixedPoint.compact(values, 0, 5, 11)).isEqualTo(6);
        assertThat(values).containsExactly(1094, -1094, 0, 0, 0);
        int[] edge = {Integer.MAX_VALUE, -Integer.MAX_VALUE};
        assertThat(FixedPoint.compact(edge, 0, 2, 11)).isEqualTo(20);
        assertThat(edge).containsExactly(2047, -2047);
        int[] small = {2047, -5};
        assertThat(FixedPoint.compact(small, 0, 2, 11)).isZero();
        assertThat(small).containsExactly(2047, -5);
    }

    @Test
    void shiftsRoundAndSaturate() {
        assertThat(FixedPoint.shift(5, -1)).isEqualTo(3);
        assertThat(FixedPoint.shift(-5, -1)).isEqualTo(-2);
        assertThat(FixedPoint.shift(Integer.MAX_VALUE, -40)).isZero();
        assertThat(FixedPoint.shift(-7, -400)).isZero();
        assertThat(FixedPoint.shift(3, 400)).isEqualTo(Integer.MAX_VALUE);
        assertThat(FixedPoint.shift(-3, 30)).isEqualTo(-Integer.MAX_VALUE);
        assertThat(FixedPoint.shift(-3, 4)).isEqualTo(-48);
    }

    @Test
    void rootsAreFloored() {
        Random random = new Random(3);
        for (int i = 0; i < 10_000; i++) {
            long value = random.nextLong() >>> 2 + random.nextInt(60);
            long root = FixedPoint.root(value);
            assertThat(root * root <= value && (root + 1) * (root + 1) > value).as("√%d = %d", value, root).isTrue();
        }
    }
}
