package network.nyxos.gateway.credit;

import software.sava.core.accounts.PublicKey;

/// An account of credits: a prepaid escrow.
///
/// @param escrow    its address, which follows from wallet, mint, key and slot: where payments go
/// @param wallet    whose money it is: who alone can take it out
/// @param key       signs vouchers: the public half of a bearer key
/// @param mint      what it holds
/// @param openSlot  part of its address
/// @param state     where it stands
/// @param sponsored whether this gateway's sponsor pays its rent, and gets it back
/// @param funded    whether anything was ever paid in
public record CreditAccount(PublicKey escrow, PublicKey wallet, PublicKey key, PublicKey mint, long openSlot, State state, boolean sponsored, boolean funded) {
    /// Where an account stands.
    public enum State {
        /// Being opened on chain.
        OPENING,
        /// There.
        OPEN,
        /// Gone, or never opened; it does not come back.
        CLOSED
    }
}
