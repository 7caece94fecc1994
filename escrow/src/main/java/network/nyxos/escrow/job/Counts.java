package network.nyxos.escrow.job;

import java.util.function.Function;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.borsh.BorshReader;

/// Checks that assignments and receipts share.
final class Counts {
    private Counts() {
    }

    /// A u32 that must stay below 2^31, as every count here does.
    static int int31(String field, long value) {
        if (value > Integer.MAX_VALUE) {
            throw new ProtocolException("count_range", field + " must be below 2^31, is " + value);
        }
        return (int) value;
    }

    static int atLeastZero(String field, int value) {
        if (value < 0) {
            throw new ProtocolException("count_range", field + " must be 0 or more, is " + value);
        }
        return value;
    }

    static long amount(String field, long value) {
        if (value < 0) {
            throw new ProtocolException("amount_range", field + " must be 0 to 2^63 - 1 base units");
        }
        return value;
    }

    /// Decodes one whole Borsh value, turning malformed bytes into the protocol's error.
    static <T> T decode(String code, byte[] bytes, Function<BorshReader, T> read) {
        try {
            var reader = new BorshReader(bytes);
            T value = read.apply(reader);
            reader.end();
            return value;
        } catch (BorshException e) {
            throw new ProtocolException(code, e.getMessage(), e);
        }
    }

    /// The version byte that every document starts with.
    static void version(String code, int known, int version) {
        if (version != known) {
            throw new ProtocolException(code, "version must be " + known + ", is " + version);
        }
    }
}
