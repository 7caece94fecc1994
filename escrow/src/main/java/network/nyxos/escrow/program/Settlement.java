package network.nyxos.escrow.program;

import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Unspent;
import network.nyxos.escrow.token.Ed25519Instruction;
import network.nyxos.escrow.voucher.Voucher;
import software.sava.core.accounts.PublicKey;

/// One escrow's entry in a settlement.
///
/// @param sessionKey the escrow's session key
/// @param voucher    the payer's bound
/// @param signature  the session key's over it
/// @param cumulative what has really been used in the escrow's whole life, 0 to the voucher's amount
public record Settlement(PublicKey sessionKey, Voucher voucher, Signature signature, long cumulative) {
    /// Vouchers in a legacy transaction, whatever their amounts.
    private static final int ALWAYS_FIT = 4;
    /// Bytes that are left for the amounts of one voucher more.
    private static final int ROOM = 24;

    /// @throws ProtocolException `settlement_exceeds_voucher` when more was used than the payer signed for, or less than nothing
    public Settlement {
        if (cumulative < 0 || cumulative > voucher.cumulative()) {
            throw new ProtocolException("settlement_exceeds_voucher",
                "a settlement must be 0 to the voucher's " + voucher.cumulative() + " base units, is " + cumulative);
        }
    }

    /// What was not used of the voucher, base units.
    public long unspent() {
        return voucher.cumulative() - cumulative;
    }

    /// How many of the first entries one legacy transaction has room for, with nothing else in it and paid by the operator: five, or four where what was not
    /// used of the vouchers takes more than 24 bytes to write.
    public static int fitting(List<Settlement> entries) {
        if (entries.size() <= ALWAYS_FIT) {
            return entries.size();
        }
        int amounts = entries.stream().limit(ALWAYS_FIT + 1).mapToInt(entry -> Unspent.length(entry.unspent())).sum();
        return amounts <= ROOM ? ALWAYS_FIT + 1 : ALWAYS_FIT;
    }

    Ed25519Instruction.Entry entry() {
        return new Ed25519Instruction.Entry(sessionKey, signature, voucher.encode());
    }
}
