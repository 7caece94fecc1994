package network.nyxos.indexer.project;

import java.util.List;
import java.util.Optional;

/// The rows that a projection reads.
public interface View {
    /// The row of this kind at an address.
    <R extends Row> Optional<R> find(Class<R> kind, String address);

    /// The pool of a mint in a market.
    Optional<PoolRow> pool(String market, String mint);

    /// All registry configurations.
    List<ConfigRow> configs();
}
