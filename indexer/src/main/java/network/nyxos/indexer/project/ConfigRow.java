package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A registry configuration.
///
/// @param address address of the account
/// @param id u16
/// @param creator who made it
/// @param authority who governs it
/// @param bondMint mint of the bonds
/// @param minBond least bond of a node, base units
/// @param minValidatorBond least bond of a validator, base units
/// @param unbondingSlots slots between asking and withdrawing
/// @param nodeCount nodes ever registered
/// @param validatorCount validators ever registered
/// @param threshold verifiers that make a quorum
/// @param verifiers verifier keys
/// @param pendingAuthority who has been offered to govern it and has not accepted yet
/// @param paused whether it takes no new nodes and bonds
/// @param answerSlots slots for each move of a dispute; 0: no disputes
public record ConfigRow(String address, int id, String creator, String authority, String bondMint, BigInteger minBond, BigInteger minValidatorBond,
    BigInteger unbondingSlots, BigInteger nodeCount, BigInteger validatorCount, int threshold, List<String> verifiers, Optional<String> pendingAuthority, boolean paused, BigInteger answerSlots)
    implements Row {
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
            .with("min_bond", minBond).with("min_validator_bond", minValidatorBond).with("unbonding_slots", unbondingSlots).with("node_count", nodeCount)
            .with("validator_count", validatorCount).with("threshold", threshold).with("verifiers", verifiers).with("pending_authority", pendingAuthority).with("paused", paused)
            .with("answer_slots", answerSlots).done();
    }

    /// With one node more.
    ConfigRow withNode() {
        return new ConfigRow(address, id, creator, authority, bondMint, minBond, minValidatorBond, unbondingSlots, nodeCount.add(BigInteger.ONE), validatorCount,
            threshold, verifiers, pendingAuthority, paused, answerSlots);
    }

    /// With one validator more.
    ConfigRow withValidator() {
        return new ConfigRow(address, id, creator, authority, bondMint, minBond, minValidatorBond, unbondingSlots, nodeCount, validatorCount.add(BigInteger.ONE),
            threshold, verifiers, pendingAuthority, paused, answerSlots);
    }

    ConfigRow withVerifiers(int nextThreshold, List<String> nextVerifiers) {
        return new ConfigRow(address, id, creator, authority, bondMint, minBond, minValidatorBond, unbondingSlots, nodeCount, validatorCount,
            nextThreshold, nextVerifiers, pendingAuthority, paused, answerSlots);
    }

    ConfigRow withAuthority(String governing, Optional<String> offered) {
        return new ConfigRow(address, id, creator, governing, bondMint, minBond, minValidatorBond, unbondingSlots, nodeCount, validatorCount,
            threshold, verifiers, offered, paused, answerSlots);
    }

    ConfigRow withPaused(boolean now) {
        return new ConfigRow(address, id, creator, authority, bondMint, minBond, minValidatorBond, unbondingSlots, nodeCount, validatorCount,
            threshold, verifiers, pendingAuthority, now, answerSlots);
    }
}
