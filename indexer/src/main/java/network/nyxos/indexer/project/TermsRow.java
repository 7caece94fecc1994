package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.List;
import java.util.SequencedMap;

/// Terms proposed for a market: the latest proposal, whatever became of it.
///
/// @param address address of the account, the same for every proposal of a market
/// @param market its market
/// @param state what became of it
/// @param feeBps fee, hundredths of a percent
/// @param challengeSlots slots from posting to finality
/// @param exitSlots slots from asking to leave to leaving
/// @param directSlots slots of silence after which a node may settle by itself
/// @param minPosterBond base units that who posts must have at stake
/// @param applySlot may be applied from
/// @param threshold verifiers that make a quorum
/// @param verifiers verifier keys
/// @param gateways by whose assignments a node may settle by itself
public record TermsRow(String address, String market, TermsState state, int feeBps, BigInteger challengeSlots, BigInteger exitSlots, BigInteger directSlots,
    BigInteger minPosterBond, BigInteger applySlot, int threshold, List<String> verifiers, List<String> gateways) implements Row {
    /// Copies the lists.
    public TermsRow {
        verifiers = List.copyOf(verifiers);
        gateways = List.copyOf(gateways);
    }

    @Override
    public String table() {
        return "terms";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("market", market).with("state", state.wireName()).with("fee_bps", feeBps).with("challenge_slots", challengeSlots)
            .with("exit_slots", exitSlots).with("direct_slots", directSlots).with("min_poster_bond", minPosterBond).with("apply_slot", applySlot).with("threshold", threshold)
            .with("verifiers", verifiers).with("gateways", gateways).done();
    }

    @Override
    public boolean isClosed() {
        return state != TermsState.PROPOSED;
    }

    TermsRow with(TermsState next) {
        return new TermsRow(address, market, next, feeBps, challengeSlots, exitSlots, directSlots, minPosterBond, applySlot, threshold, verifiers, gateways);
    }
}
