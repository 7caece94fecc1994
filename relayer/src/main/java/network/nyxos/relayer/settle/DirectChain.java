package network.nyxos.relayer.settle;

import java.util.List;
import network.nyxos.escrow.program.escrow.Direct;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.Sent;
import software.sava.core.accounts.PublicKey;

/// Records on chain of jobs that nodes settled by themselves.
public interface DirectChain {
    /// Those that still hold what was charged: open ones and void ones.
    List<Direct> directRecords(PublicKey mint);

    /// The slot now.
    long slot();

    /// Voids a record with a receipt of the same job in a batch.
    ///
    /// @param intent names it; the same intent is one transaction
    /// @param seq    of the batch
    /// @param paid   the receipt
    Sent disprove(String intent, PublicKey mint, Direct record, long seq, BatchDocument.Proven paid);

    /// Gives the charge of a void record back: to the escrow, or where that is closed to the payer's wallet, whose token account is made where it is missing.
    Sent giveBack(String intent, PublicKey mint, Direct record);
}
