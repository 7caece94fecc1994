package network.nyxos.escrow.program.escrow;

import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.borsh.BorshException;
import network.nyxos.escrow.borsh.BorshReader;
import network.nyxos.escrow.borsh.BorshWriter;

/// What was not used of each voucher of a settlement: unsigned LEB128 integers in their shortest form to the end of the instruction data, without a count in
/// front, because every byte counts in a transaction with many vouchers.
///
/// @param amounts base units, each a u64 as its bits, in the order of the vouchers
public record Unspent(List<Long> amounts) {
    private static final int BITS = 7;
    private static final int MORE = 0x80;

    /// Copies what could change.
    public Unspent {
        amounts = List.copyOf(amounts);
    }

    /// Bytes that one amount takes, 1 to 10.
    public static int length(long amount) {
        return Math.max(1, Math.ceilDiv(Long.SIZE - Long.numberOfLeadingZeros(amount), BITS));
    }

    static Unspent read(BorshReader reader) {
        var amounts = new ArrayList<Long>();
        while (reader.remaining() > 0) {
            amounts.add(number(reader));
        }
        return new Unspent(amounts);
    }

    private static long number(BorshReader reader) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += BITS) {
            int next = reader.u8();
            long bits = next & (MORE - 1);
            if (bits << shift >>> shift != bits || next == 0 && shift > 0) {
                break;
            }
            value |= bits << shift;
            if (next < MORE) {
                return value;
            }
        }
        throw new BorshException("an amount is no LEB128 integer of 64 bits in its shortest form");
    }

    void write(BorshWriter writer) {
        for (long amount : amounts) {
            long rest = amount;
            while (Long.compareUnsigned(rest, MORE) >= 0) {
                writer.u8((int) (rest & (MORE - 1)) | MORE);
                rest >>>= BITS;
            }
            writer.u8((int) rest);
        }
    }
}
