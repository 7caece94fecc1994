package network.nyxos.indexer.follow;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.indexer.decode.ProgramCall;
import software.sava.core.accounts.PublicKey;

/// What the follower asks of a cluster. Every call answers at one and the same commitment, and throws {@link ChainUnavailableException} when the cluster
/// does not answer or answers what cannot be read.
public interface Chain {
    /// The genesis hash, base58.
    String genesisHash();

    /// The current slot.
    long slot();

    /// Transactions that name a program, newest first.
    ///
    /// @param before only what is older than this transaction
    /// @param until only what is newer than this transaction
    /// @param limit at most so many, 1 to 1000
    /// @param slot everything up to it is listed; a node that has not reached it does not answer
    List<Mention> mentions(PublicKey program, Optional<String> before, Optional<String> until, int limit, long slot);

    /// The inner instructions of a transaction; empty when the cluster does not know it (yet).
    Optional<Fetched> transaction(String signature);

    /// All accounts that a program owns.
    Accounts programAccounts(PublicKey program);

    /// A transaction that names a program.
    ///
    /// @param signature base58
    /// @param slot slot it landed in
    /// @param failed whether it failed, and so changed nothing
    record Mention(String signature, long slot, boolean failed) {
    }

    /// A transaction's inner instructions.
    ///
    /// @param slot slot it landed in
    /// @param blockTime when the cluster says that slot was
    /// @param calls in the order of the chain
    record Fetched(long slot, Optional<Instant> blockTime, List<ProgramCall> calls) {
    }

    /// The accounts of a program.
    ///
    /// @param slot the slot as of which they were read
    /// @param data what they hold, by address
    record Accounts(long slot, Map<PublicKey, byte[]> data) {
        /// Copies the map.
        public Accounts {
            data = Map.copyOf(data);
        }
    }
}
