package network.nyxos.escrow.transaction;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshReader;

/// Solana's variable-length integers, in their shortest form only.
final class CompactU16 {
    private CompactU16() {
    }

    static int read(BorshReader reader) {
        int value = 0;
        for (int i = 0; i < 3; i++) {
            int b = reader.u8();
            value |= (b & 0x7F) << 7 * i;
            if ((b & 0x80) == 0) {
                if (b == 0 && i > 0 || value > 0xFFFF) {
                    throw new ProtocolException(WireTransaction.MALFORMED, "a length is not in its shortest form");
                }
                return value;
            }
        }
        throw new ProtocolException(WireTransaction.MALFORMED, "a length is longer than three bytes");
    }
}
