package network.nyxos.node.engine.int8;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Irrational numbers as integers over 2²⁵⁶, from which every table of the engine is rounded.
 *
 * <p>The series stop where their terms vanish, some hundred units of 2⁻²⁵⁶ from the true value; a table entry of 30 or 64 bits is
 * therefore the nearest integer to the true value, which is how the specification defines it.
 */
final class Constants {
    /** Fractional bits. */
    static final int BITS = 256;
    static final BigInteger ONE = BigInteger.ONE.shiftLeft(BITS);
    static final BigInteger LN_2 = logarithmNearOne(ONE.shiftLeft(1));
    static final BigInteger PI = inverseTangent(5).multiply(BigInteger.valueOf(16)).subtract(inverseTangent(239).multiply(BigInteger.valueOf(4)));

    private Constants() {
    }

    static BigInteger of(double value) {
        return new BigDecimal(value).multiply(new BigDecimal(ONE)).toBigInteger();
    }

    static BigInteger multiply(BigInteger a, BigInteger b) {
        return a.multiply(b).shiftRight(BITS);
    }

    static BigInteger divide(BigInteger a, BigInteger b) {
        return a.shiftLeft(BITS).divide(b);
    }

    /** The square root of a number that is not negative. */
    static BigInteger root(BigInteger a) {
        return a.shiftLeft(BITS).sqrt();
    }

    /** The nearest integer to {@code value · 2^bits}, for {@code bits} below 256. */
    static BigInteger nearest(BigInteger value, int bits) {
        return value.shiftRight(BITS - bits - 1).add(BigInteger.ONE).shiftRight(1);
    }

    /** e^x for x ≥ 0. */
    static BigInteger exponential(BigInteger x) {
        BigInteger sum = ONE;
        BigInteger term = ONE;
        for (int k = 1; term.signum() != 0; k++) {
            term = multiply(term, x).divide(BigInteger.valueOf(k));
            sum = sum.add(term);
        }
        return sum;
    }

    /** ln x for x ≥ 1. */
    static BigInteger naturalLogarithm(BigInteger x) {
        int halvings = x.bitLength() - 1 - BITS;
        return logarithmNearOne(x.shiftRight(halvings)).add(LN_2.multiply(BigInteger.valueOf(halvings)));
    }

    /** ln x = 2 artanh((x − 1)/(x + 1)), which converges quickly for x from 1 to 2. */
    private static BigInteger logarithmNearOne(BigInteger x) {
        BigInteger z = divide(x.subtract(ONE), x.add(ONE));
        BigInteger square = multiply(z, z);
        BigInteger power = z;
        BigInteger sum = BigInteger.ZERO;
        for (int k = 1; power.signum() != 0; k += 2) {
            sum = sum.add(power.divide(BigInteger.valueOf(k)));
            power = multiply(power, square);
        }
        return sum.shiftLeft(1);
    }

    /** arctan(1/n). */
    private static BigInteger inverseTangent(int n) {
        BigInteger square = BigInteger.valueOf((long) n * n);
        BigInteger power = ONE.divide(BigInteger.valueOf(n));
        BigInteger sum = BigInteger.ZERO;
        for (int k = 1; power.signum() != 0; k += 2) {
            BigInteger term = power.divide(BigInteger.valueOf(k));
            sum = k % 4 == 1 ? sum.add(term) : sum.subtract(term);
            power = power.divide(square);
        }
        return sum;
    }

    /** Cosine and sine of an angle in radians, not negative. */
    static BigInteger[] circle(BigInteger angle) {
        BigInteger[] sums = {ONE, BigInteger.ZERO};
        BigInteger term = ONE;
        for (int k = 1; term.signum() != 0; k++) {
            term = multiply(term, angle).divide(BigInteger.valueOf(k));
            sums[k % 2] = k % 4 < 2 ? sums[k % 2].add(term) : sums[k % 2].subtract(term);
        }
        return sums;
    }
}
