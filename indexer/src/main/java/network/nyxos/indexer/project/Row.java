package network.nyxos.indexer.project;

import java.util.SequencedMap;

/// One row of projected state: an account of a program as its events tell it.
public sealed interface Row permits ConfigRow, NodeRow, MarketRow, PoolRow, EscrowRow, BatchRow, ClaimRow {
    /// The account's address, base58.
    String address();

    /// The table that holds rows of this kind.
    String table();

    /// All columns by name, the address first. Values are `String`, `Integer`, `Long`, `BigInteger`, `List<String>`, or `Optional` of one of them.
    SequencedMap<String, Object> columns();
}
