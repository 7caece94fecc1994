package network.nyxos.relayer.gate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.standing.SampleRule;

/// The draw that decides whether a verified job is replayed. Nobody could know it when the receipt was recorded.
///
/// @param ratePpm      the share of jobs replayed, parts per million, 0 to 1 000 000
/// @param recordedSlot the newest slot when the receipt was stored
/// @param slot         the first slot with a block at or after `recordedSlot + 1`
/// @param hash         that slot's blockhash
public record Sample(int ratePpm, long recordedSlot, long slot, Hash hash) {
    /// Every job.
    public static final int ALL = SampleRule.ALL;

    /// @throws ProtocolException `sample_range`
    public Sample {
        if (ratePpm < 0 || ratePpm > ALL) {
            throw new ProtocolException("sample_range", "a sample's rate must be 0 to " + ALL + " ppm, is " + ratePpm);
        }
        if (recordedSlot < 0 || slot <= recordedSlot) {
            throw new ProtocolException("sample_range", "a sample's slot must come after slot " + recordedSlot + ", is " + slot);
        }
    }

    /// Whether the job is drawn: the u32 in the first four bytes of `H("nyxos:sample:v1" ‖ hash ‖ job id)`, times a million, is below `rate · 2^32`.
    public boolean draws(Hash job) {
        byte[] digest = Hash.domain("nyxos:sample:v1", hash.bytes(), job.bytes()).bytes();
        long drawn = ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xFFFF_FFFFL;
        return drawn * ALL < (long) ratePpm << 32;
    }
}
