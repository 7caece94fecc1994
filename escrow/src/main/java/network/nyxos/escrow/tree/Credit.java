package network.nyxos.escrow.tree;

import java.util.Arrays;
import java.util.Comparator;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// What one payee has been credited for all time, in one pool and kind: a leaf of the credit tree.
///
/// @param payee      whose it is
/// @param kind       what for
/// @param cumulative base units since the beginning, 0 to 2^63 − 1; never goes down
public record Credit(PublicKey payee, CreditKind kind, long cumulative) {
    /// The order of leaves: by the payee's bytes unsigned, then by kind.
    public static final Comparator<Credit> ORDER = (a, b) -> {
        int byPayee = Arrays.compareUnsigned(a.payee.toByteArray(), b.payee.toByteArray());
        return byPayee != 0 ? byPayee : Integer.compare(a.kind.code(), b.kind.code());
    };

    /// @throws ProtocolException `amount_range`
    public Credit {
        if (cumulative < 0) {
            throw new ProtocolException("amount_range", "a cumulative credit must be 0 to 2^63 - 1 base units");
        }
    }

    /// `H(00 ‖ "nyxos:credit:v1" ‖ pool ‖ payee ‖ kind ‖ cumulative)`, with the cumulative amount as its sum.
    CreditNode leaf(PublicKey pool) {
        return new CreditNode(Hash.domain("\0nyxos:credit:v1",
            new BorshWriter(73).publicKey(pool).publicKey(payee).u8(kind.code()).u64(cumulative).toByteArray()), cumulative);
    }
}
