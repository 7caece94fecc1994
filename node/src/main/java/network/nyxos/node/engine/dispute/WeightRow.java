package network.nyxos.node.engine.dispute;

import java.nio.ByteBuffer;
import network.nyxos.node.engine.int8.FixedPoint;

/** A row of a matrix, read from its leaf. A weight is {@code (code · S + N) · 2^−e}. */
final class WeightRow {
    private final int e;
    private final int[] s;
    private final int[] n;
    private final byte[] codes;

    WeightRow(byte[] leaf) {
        ByteBuffer bytes = Layout.read(leaf);
        boolean narrow = bytes.get() == 4;
        this.e = bytes.getShort();
        int blocks = bytes.remaining() / (narrow ? 2 + 4 + Codes.BLOCK / 2 : 2 + Codes.BLOCK);
        this.s = new int[blocks];
        this.n = new int[blocks];
        this.codes = new byte[blocks * Codes.BLOCK];
        for (int b = 0; b < blocks; b++) {
            s[b] = bytes.getShort();
            if (narrow) {
                n[b] = bytes.getInt();
                for (int i = b * Codes.BLOCK; i < (b + 1) * Codes.BLOCK; i += 2) {
                    byte two = bytes.get();
                    codes[i] = (byte) (two & 0xf);
                    codes[i + 1] = (byte) (two >> 4 & 0xf);
                }
            } else {
                bytes.get(codes, b * Codes.BLOCK, Codes.BLOCK);
            }
        }
    }

    /** Times a row of activations, with 16 fractional bits. */
    int times(Codes x) {
        int headroom = FixedPoint.bits(s.length - 1);
        int sum = 0;
        for (int b = 0; b < s.length; b++) {
            int product = 0;
            int total = 0;
            for (int i = b * Codes.BLOCK; i < (b + 1) * Codes.BLOCK; i++) {
                product += codes[i] * x.codes[i];
                total += x.codes[i];
            }
            sum += (product * s[b] + total * n[b] + 128 >> 8) * x.a[b] >> Math.min(31, x.greatest - x.q[b] + headroom);
        }
        return FixedPoint.shift(sum, x.greatest - x.fraction + headroom + 17 - e);
    }

    /** The weights themselves, with 16 fractional bits: a token's stream before the first layer. */
    int[] values() {
        int[] values = new int[codes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = FixedPoint.shift(codes[i] * s[i / Codes.BLOCK] + n[i / Codes.BLOCK], 16 - e);
        }
        return values;
    }
}
