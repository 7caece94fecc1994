package network.nyxos.gateway.credit;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// A transfer that buys credits.
///
/// @param messageHash SHA-256 of its message, which names it
/// @param escrow      the account that it pays into
/// @param payer       the wallet that paid; any
/// @param amount      base units
/// @param transaction its signature
/// @param state       what has become of it
/// @param reason      why it was refused, else empty
public record Purchase(Hash messageHash, PublicKey escrow, PublicKey payer, long amount, Signature transaction, State state, String reason) {
    /// What has become of a transfer.
    public enum State {
        /// Sent; the outcome is not known yet.
        PENDING,
        /// On chain.
        SETTLED,
        /// It never took place.
        REFUSED
    }

    /// A transfer that is about to be sent.
    public static Purchase begun(Hash messageHash, PublicKey escrow, PublicKey payer, long amount, Signature transaction) {
        return new Purchase(messageHash, escrow, payer, amount, transaction, State.PENDING, "");
    }
}
