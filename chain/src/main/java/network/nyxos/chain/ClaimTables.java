package network.nyxos.chain;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.token.WellKnown;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.lookup.AddressLookupTable;

/// Finds the lookup tables that claims among many payees need. Only tables of owners that are named here count: a stranger's could be closed under a claim.
public final class ClaimTables {
    private final SolanaRpc rpc;
    private final List<PublicKey> owners;

    /// @param owners whose tables count, the first one's before the next one's
    public ClaimTables(SolanaRpc rpc, List<PublicKey> owners) {
        this.rpc = rpc;
        this.owners = List.copyOf(owners);
    }

    /// A table that has all accounts which claims in this pool share.
    public Optional<AddressLookupTable> of(PoolCalls pool) {
        long slot = rpc.slot(Commitment.CONFIRMED);
        Set<PublicKey> wanted = new HashSet<>(pool.claimAccounts());
        return owners.stream().flatMap(owner -> owned(rpc, owner).stream()).filter(table -> usable(table, slot) && table.uniqueAccounts().containsAll(wanted)).findFirst();
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
