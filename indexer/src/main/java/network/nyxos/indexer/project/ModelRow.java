package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.List;
import java.util.SequencedMap;

/// A registered model.
///
/// @param address address of the account
/// @param config registry configuration it belongs to
/// @param modelId hex
/// @param publisher who may change it
/// @param payee wallet that gets the royalty
/// @param state its state
/// @param royaltyBps basis points, in force until `pendingSlot`
/// @param pendingRoyaltyBps basis points, in force from `pendingSlot` on
/// @param pendingSlot 0 = no other royalty is announced
/// @param registeredSlot slot of registration
/// @param measurements under which a confidential node may serve it, 48 bytes each, hex; none allows any
public record ModelRow(String address, String config, String modelId, String publisher, String payee, ModelState state, int royaltyBps,
    int pendingRoyaltyBps, BigInteger pendingSlot, BigInteger registeredSlot, List<String> measurements) implements Row {
    /// Copies the list.
    public ModelRow {
        measurements = List.copyOf(measurements);
    }

    @Override
    public String table() {
        return "model";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("config", config).with("model_id", modelId).with("publisher", publisher).with("payee", payee)
            .with("state", state.wireName()).with("royalty_bps", royaltyBps).with("pending_royalty_bps", pendingRoyaltyBps)
            .with("pending_slot", pendingSlot).with("registered_slot", registeredSlot).with("measurements", measurements).done();
    }

    ModelRow withTerms(int nextRoyaltyBps, int nextPendingRoyaltyBps, BigInteger nextPendingSlot, String nextPayee, List<String> nextMeasurements) {
        return new ModelRow(address, config, modelId, publisher, nextPayee, state, nextRoyaltyBps, nextPendingRoyaltyBps, nextPendingSlot, registeredSlot,
            nextMeasurements);
    }

    ModelRow retired() {
        return new ModelRow(address, config, modelId, publisher, payee, ModelState.RETIRED, royaltyBps, pendingRoyaltyBps, pendingSlot, registeredSlot,
            measurements);
    }
}
