package network.nyxos.attestation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Changes bytes at random, by a seed that the test names. */
public final class Mutation {
    private Mutation() {
    }

    /** Overwrites, copies, cuts, repeats: up to four times. */
    public static byte[] mutated(byte[] original, Random random) {
        byte[] bytes = original.clone();
        for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 8; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> System.arraycopy(original, random.nextInt(original.length - 7), bytes, Math.min(at, bytes.length - 8), 7);
                default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) (random.nextBoolean() ? 0xff : 0));
            }
        }
        return bytes;
    }

    /** As {@link #mutated(byte[], Random)}, of UTF-8. */
    public static String mutated(String original, Random random) {
        return new String(mutated(original.getBytes(StandardCharsets.UTF_8), random), StandardCharsets.UTF_8);
    }
}
