package network.nyxos.relayer.credit;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.tree.CreditKind;
import software.sava.core.accounts.PublicKey;

/// One line of the ledger: what one job brings one payee.
///
/// @param job    whose money it is
/// @param payee  who gets it
/// @param kind   what for
/// @param amount base units, 1 or more
public record CreditLine(Hash job, PublicKey payee, CreditKind kind, long amount) {
    /// @throws ProtocolException `amount_range`
    public CreditLine {
        if (amount < 1) {
            throw new ProtocolException("amount_range", "a ledger line has 1 to 2^63 - 1 base units");
        }
    }
}
