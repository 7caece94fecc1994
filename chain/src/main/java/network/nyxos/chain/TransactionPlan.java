package network.nyxos.chain;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.transaction.SignedTransaction;

/// Signs the transaction for an intent on a blockhash. It may be called more than once and must give the same effect every time; only one of the
/// transactions it gives is ever alive.
@FunctionalInterface
public interface TransactionPlan {
    /// Signs.
    SignedTransaction sign(Hash blockhash);

    /// The plan of a transaction that somebody else has built on a blockhash of its own. When it expires, it cannot be signed again.
    static TransactionPlan fixed(SignedTransaction transaction) {
        return _ -> transaction;
    }
}
