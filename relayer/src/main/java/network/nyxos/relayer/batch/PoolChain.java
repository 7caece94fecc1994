package network.nyxos.relayer.batch;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.EscrowFacts;
import software.sava.core.accounts.PublicKey;

/// The pools on chain. Reads are at the commitment `confirmed`; a write is named by its intent: the same intent is one transaction, whatever is restarted
/// in between. Reads throw an unchecked exception where the chain cannot be reached.
public interface PoolChain {
    /// A pool.
    PoolFacts pool(PublicKey mint);

    /// A batch; empty when nothing was posted under that sequence.
    Optional<PostedBatch> batch(PublicKey mint, long seq);

    /// An escrow as it is, or as it was when its payer left; empty when the node knows nothing of one.
    Optional<EscrowFacts> escrow(PublicKey escrow);

    /// Who may settle and post here, as far as this service goes: the key that it signs with.
    PublicKey operator();

    /// Whose word counts in the market now.
    Rulers rulers();

    /// How the market and the registry divide the money of jobs now.
    ///
    /// @param models that served them
    CreditRules credits(Set<Hash> models);

    /// The slot now.
    long slot();

    /// Settles vouchers in one transaction. Confirmed does not mean that every entry was taken: look at the escrows.
    ///
    /// @param entries one or more, as many as {@link Settlement#fitting}
    Sent settle(String intent, PublicKey mint, List<Settlement> entries);

    /// What a settlement that is on chain did to each of its escrows, as its event tells: 0 settled, else the program's error number.
    ///
    /// @param transaction of {@link Sent.Confirmed}
    /// @return empty while the node does not have the transaction
    Optional<Map<PublicKey, Long>> settlement(String transaction);

    /// Makes the market's operator that of escrows that were opened under another.
    ///
    /// @param escrows up to {@link network.nyxos.escrow.program.MarketCalls#MAX_REFRESHED}
    Sent refresh(String intent, List<PublicKey> escrows);

    /// Moves what escrows have settled, and what closed ones left behind, into the pool's vault. An escrow that is gone by then is passed over.
    ///
    /// @param escrows up to {@link network.nyxos.escrow.program.PoolCalls#MAX_COLLECTED}
    Sent collect(String intent, PublicKey mint, List<PublicKey> escrows);

    /// Whether a transaction of this intent was signed and may still land.
    boolean mayLand(String intent);

    /// Posts a batch.
    Sent post(String intent, PublicKey mint, BatchDocument.Header header, List<VerifierSignature> signatures);

    /// Makes a batch final whose window is over.
    Sent finish(String intent, PublicKey mint, long seq);
}
