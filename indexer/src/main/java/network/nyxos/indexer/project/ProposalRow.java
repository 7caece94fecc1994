package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.List;
import java.util.SequencedMap;

/// The last verifier set that was proposed for a registry configuration. A later proposal has the same address and takes its place.
///
/// @param address address of the account
/// @param target registry configuration it is for
/// @param rentPayer who paid its rent and gets it back
/// @param state its state
/// @param effectiveSlot applicable from
/// @param threshold verifiers that make a quorum
/// @param verifiers verifier keys
public record ProposalRow(String address, String target, String rentPayer, ProposalState state, BigInteger effectiveSlot, int threshold,
    List<String> verifiers) implements Row {
    /// Copies the list.
    public ProposalRow {
        verifiers = List.copyOf(verifiers);
    }

    @Override
    public String table() {
        return "registry_proposal";
    }

    @Override
    public boolean isClosed() {
        return state != ProposalState.PENDING;
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("target", target).with("rent_payer", rentPayer).with("state", state.wireName()).with("effective_slot", effectiveSlot)
            .with("threshold", threshold).with("verifiers", verifiers).done();
    }

    ProposalRow closedAs(ProposalState end) {
        return new ProposalRow(address, target, rentPayer, end, effectiveSlot, threshold, verifiers);
    }
}
