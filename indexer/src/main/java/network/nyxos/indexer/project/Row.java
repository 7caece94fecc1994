package network.nyxos.indexer.project;

import java.util.SequencedMap;

/// One row of projected state: an account of a program as its events tell it.
public sealed interface Row permits BondedRow, ConfigRow, ProposalRow, ModelRow, MarketRow, TermsRow, PoolRow, EscrowRow, BatchRow, ClaimRow, LockedJobRow,
    PaymentRow, PosterRow, LeafRow, DirectRow, DisputeRow {
    /// The account's address, base58.
    String address();

    /// The table that holds rows of this kind.
    String table();

    /// Whether the account is no more: the row tells what it was.
    default boolean isClosed() {
        return false;
    }

    /// All columns by name, the address first. Values are `String`, `Boolean`, `Integer`, `Long`, `BigInteger`, `List<String>`, or `Optional` of one of them.
    SequencedMap<String, Object> columns();
}
