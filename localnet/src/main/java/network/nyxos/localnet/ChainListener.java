package network.nyxos.localnet;

import java.util.List;

/** Hears what happens on the chain, on the chain's own thread: an implementation hands work over and returns. */
interface ChainListener {

    /** A transaction got into a slot, having succeeded or failed. */
    void onTransaction(ExecutedTransaction transaction);

    /** Accounts changed, by a transaction or by hand. */
    void onAccounts(long slot, List<AccountChange> changes);

    /** A slot began. */
    void onSlot(long slot, long finalizedSlot);
}
