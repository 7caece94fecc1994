package network.nyxos.chain;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import network.nyxos.escrow.program.ClaimTransactions;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.token.WellKnown;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/// Finds the lookup tables that claims among many payees need. Only tables of owners that are named here count: a stranger's could be closed under a claim. Thread-safe.
public final class ClaimTables {
    private final SolanaRpc rpc;
    private final List<PublicKey> owners;
    // A claim looks at the table that served the one before, and searches where that one does not serve any more.
    private final Map<PublicKey, PublicKey> served = new ConcurrentHashMap<>();

    /// @param owners whose tables count, the first one's before the next one's
    public ClaimTables(SolanaRpc rpc, List<PublicKey> owners) {
        this.rpc = rpc;
        this.owners = List.copyOf(owners);
    }

    /// Claims in a pool, with a table of these owners where one is needed.
    public ClaimTransactions claims(PoolCalls pool) {
        return new ClaimTransactions(pool, () -> of(pool));
    }

    /// A table that has all accounts which claims in this pool share.
    private Optional<AddressLookupTable> of(PoolCalls pool) {
        long slot = rpc.slot(Commitment.CONFIRMED);
        Predicate<AddressLookupTable> serves = table -> usable(table, slot) && table.uniqueAccounts().containsAll(pool.claimAccounts());
        Optional<AddressLookupTable> found = Optional.ofNullable(served.get(pool.pool())).flatMap(address -> at(rpc, address)).filter(serves)
            .or(() -> owners.stream().flatMap(owner -> owned(rpc, owner).stream()).filter(serves).findFirst());
        found.ifPresent(table -> served.put(pool.pool(), table.address()));
        return found;
    }

    /// Every table of an owner, those out of use too.
    public static List<AddressLookupTable> owned(SolanaRpc rpc, PublicKey owner) {
        return rpc.programAccounts(WellKnown.ADDRESS_LOOKUP_TABLE, List.of(AccountFilter.key(AddressLookupTable.AUTHORITY_OFFSET, owner)), Commitment.CONFIRMED).stream()
            .map(account -> AddressLookupTable.read(account.address(), account.data())).toList();
    }

    /// A table, where this address has one.
    public static Optional<AddressLookupTable> at(SolanaRpc rpc, PublicKey address) {
        return rpc.account(address, Commitment.CONFIRMED).filter(account -> account.owner().equals(WellKnown.ADDRESS_LOOKUP_TABLE))
            .map(account -> AddressLookupTable.read(address, account.data()));
    }

    /// What was put in last counts from the next slot on.
    private static boolean usable(AddressLookupTable table, long slot) {
        return table.isActive() && Long.compareUnsigned(table.lastExtendedSlot(), slot) < 0;
    }
}
