package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.List;
import java.util.SequencedMap;

/// A registry configuration.
///
/// @param address address of the account
/// @param id u16
/// @param creator who made it
/// @param authority who governs it
/// @param bondMint mint of the bonds
/// @param minBond least bond, base units
/// @param unbondingSlots slots between asking and withdrawing
/// @param nodeCount nodes ever registered
/// @param threshold verifiers that make a quorum
/// @param verifiers verifier keys
public record ConfigRow(String address, int id, String creator, String authority, String bondMint, BigInteger minBond, BigInteger unbondingSlots,
    BigInteger nodeCount, int threshold, List<String> verifiers) implements Row {
    /// Copies the list.
    public ConfigRow {
        verifiers = List.copyOf(verifiers);
    }

    @Override
    public String table() {
        return "registry_config";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("id", id).with("creator", creator).with("authority", authority).with("bond_mint", bondMint)
            .with("min_bond", minBond).with("unbonding_slots", unbondingSlots).with("node_count", nodeCount).with("threshold", threshold)
            .with("verifiers", verifiers).done();
    }

    /// With one node more.
    ConfigRow withNode() {
        return new ConfigRow(address, id, creator, authority, bondMint, minBond, unbondingSlots, nodeCount.add(BigInteger.ONE), threshold, verifiers);
    }
}
