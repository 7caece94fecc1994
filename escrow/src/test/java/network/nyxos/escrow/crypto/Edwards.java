package network.nyxos.escrow.crypto;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// The curve in plain arithmetic, slow and independent of every library: it makes the keys and signatures that no honest signer makes.
final class Edwards {
    static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    static final BigInteger L = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    private static final BigInteger D = BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
    static final Point BASE = decode(HexFormat.of().parseHex("5866666666666666666666666666666666666666666666666666666666666666"));

    private Edwards() {
    }

    record Point(BigInteger x, BigInteger y) {
        Point plus(Point other) {
            BigInteger product = D.multiply(x).multiply(other.x).multiply(y).multiply(other.y).mod(P);
            BigInteger x3 = x.multiply(other.y).add(y.multiply(other.x)).multiply(BigInteger.ONE.add(product).modInverse(P)).mod(P);
            BigInteger y3 = y.multiply(other.y).add(x.multiply(other.x)).multiply(BigInteger.ONE.subtract(product).modInverse(P)).mod(P);
            return new Point(x3, y3);
        }

        Point times(BigInteger factor) {
            Point result = new Point(BigInteger.ZERO, BigInteger.ONE);
            for (int i = factor.bitLength() - 1; i >= 0; i--) {
                result = result.plus(result);
                if (factor.testBit(i)) {
                    result = result.plus(this);
                }
            }
            return result;
        }

        byte[] encode() {
            byte[] bytes = little(y);
            if (x.testBit(0)) {
                bytes[31] |= (byte) 0x80;
            }
            return bytes;
        }
    }

    static Point decode(byte[] bytes) {
        boolean odd = bytes[31] < 0;
        byte[] copy = bytes.clone();
        copy[31] &= 0x7F;
        BigInteger y = number(copy).mod(P);
        BigInteger y2 = y.multiply(y).mod(P);
        BigInteger x2 = y2.subtract(BigInteger.ONE).multiply(D.multiply(y2).add(BigInteger.ONE).modInverse(P)).mod(P);
        BigInteger x = x2.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
        if (!x.multiply(x).mod(P).equals(x2)) {
            x = x.multiply(BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P)).mod(P);
        }
        if (!x.multiply(x).mod(P).equals(x2)) {
            throw new IllegalArgumentException("not on the curve");
        }
        return new Point(x.testBit(0) == odd ? x : P.subtract(x).mod(P), y);
    }

    static BigInteger number(byte[] little) {
        byte[] big = little.clone();
        for (int i = 0; i < big.length / 2; i++) {
            byte b = big[i];
            big[i] = big[big.length - 1 - i];
            big[big.length - 1 - i] = b;
        }
        return new BigInteger(1, big);
    }

    static byte[] little(BigInteger number) {
        var bytes = new byte[32];
        byte[] big = number.toByteArray();
        for (int i = 0; i < Math.min(32, big.length); i++) {
            bytes[i] = big[big.length - 1 - i];
        }
        return bytes;
    }

    /// The scalar that a seed signs with.
    static BigInteger scalar(byte[] seed) {
        byte[] half = Arrays.copyOf(sha512(seed), 32);
        half[0] &= (byte) 0xF8;
        half[31] &= 0x7F;
        half[31] |= 0x40;
        return number(half);
    }

    static byte[] sha512(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
