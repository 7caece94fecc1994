package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A market.
///
/// @param address address of the account
/// @param cluster genesis hash of the cluster it speaks for, hex
/// @param creator who made it
/// @param id u16
/// @param authority who governs it
/// @param operator settles and posts
/// @param treasury wallet of the fee
/// @param feeBps fee, hundredths of a percent
/// @param challengeSlots slots from posting to finality
/// @param exitSlots slots from asking to leave to leaving
/// @param directSlots slots of silence after which a node may settle by itself
/// @param bondMint what bonds of posters are in
/// @param minPosterBond base units that who posts must have at stake
/// @param registryProgram program of its nodes
/// @param registryConfig registry configuration of its nodes
/// @param threshold verifiers that make a quorum
/// @param verifiers verifier keys
/// @param paused whether it takes no new money
/// @param nominee who may take the authority over; empty for nobody
/// @param gateways by whose assignments a node may settle by itself
public record MarketRow(String address, String cluster, String creator, int id, String authority, String operator, String treasury, int feeBps,
    BigInteger challengeSlots, BigInteger exitSlots, BigInteger directSlots, String bondMint, BigInteger minPosterBond, String registryProgram, String registryConfig, int threshold,
    List<String> verifiers, boolean paused, Optional<String> nominee,
    List<String> gateways) implements Row {
    /// Copies the lists.
    public MarketRow {
        verifiers = List.copyOf(verifiers);
        gateways = List.copyOf(gateways);
    }

    @Override
    public String table() {
        return "market";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("cluster", cluster).with("creator", creator).with("id", id).with("authority", authority)
            .with("operator", operator).with("treasury", treasury).with("fee_bps", feeBps).with("challenge_slots", challengeSlots)
            .with("exit_slots", exitSlots).with("direct_slots", directSlots)
            .with("bond_mint", bondMint).with("min_poster_bond", minPosterBond).with("registry_program", registryProgram)
            .with("registry_config", registryConfig).with("threshold", threshold).with("verifiers", verifiers)
            .with("paused", paused ? 1 : 0).with("nominee", nominee).with("gateways", gateways).done();
    }

    MarketRow withPaused(boolean now) {
        return new MarketRow(address, cluster, creator, id, authority, operator, treasury, feeBps, challengeSlots, exitSlots, directSlots, bondMint, minPosterBond,
            registryProgram, registryConfig, threshold, verifiers, now, nominee, gateways);
    }

    MarketRow withPeople(String governs, String operates, String earns, Optional<String> next) {
        return new MarketRow(address, cluster, creator, id, governs, operates, earns, feeBps, challengeSlots, exitSlots, directSlots, bondMint, minPosterBond,
            registryProgram, registryConfig, threshold, verifiers, paused, next, gateways);
    }

    MarketRow under(TermsRow terms) {
        return new MarketRow(address, cluster, creator, id, authority, operator, treasury, terms.feeBps(), terms.challengeSlots(), terms.exitSlots(),
            terms.directSlots(), bondMint, terms.minPosterBond(), registryProgram, registryConfig, terms.threshold(), terms.verifiers(), paused, nominee, terms.gateways());
    }
}
