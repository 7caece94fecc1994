package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// A dispute about a receipt (`docs/disputes.md`). Its row outlives the account; of a receipt that the same accuser disputes again, it is the later one's.
///
/// @param address address of the account
/// @param config registry configuration it belongs to
/// @param node account of the node
/// @param nodeKey key that names the node
/// @param accuser who doubts the receipt
/// @param rentPayer who gets the rent back
/// @param receiptHash of the receipt, hex
/// @param modelId that it names, hex
/// @param tokensIn tokens of the prompt
/// @param tokensOut tokens of the reply
/// @param stake the accuser's, base units
/// @param state how it stands
/// @param openedSlot when it was opened
/// @param deadlineSlot who has to move loses from here on
/// @param phase what is to be done next
/// @param level what the place is in: 1 the trace, 2 a step, 3 a vector; 0 nothing yet
/// @param vector the vector that was chosen last
/// @param placeHash of the subtree in question, hex
/// @param placeFirst its first leaf
/// @param placeCount how many leaves it has
/// @param reward to who was right, base units; 0 before the end
/// @param burned at the end, base units
/// @param returned of the stake to the accuser, base units; 0 before the end
public record DisputeRow(String address, String config, String node, String nodeKey, String accuser, String rentPayer, String receiptHash, String modelId,
    long tokensIn, long tokensOut, BigInteger stake, DisputeState state, BigInteger openedSlot, BigInteger deadlineSlot, int phase, int level, int vector,
    String placeHash, long placeFirst, long placeCount, BigInteger reward, BigInteger burned, BigInteger returned) implements Row {
    @Override
    public String table() {
        return "dispute";
    }

    @Override
    public boolean isClosed() {
        return state != DisputeState.OPEN;
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("config", config).with("node", node).with("node_key", nodeKey).with("accuser", accuser).with("rent_payer", rentPayer)
            .with("receipt_hash", receiptHash).with("model_id", modelId).with("tokens_in", tokensIn).with("tokens_out", tokensOut).with("stake", stake)
            .with("state", state.wireName()).with("opened_slot", openedSlot).with("deadline_slot", deadlineSlot).with("phase", phase).with("level", level)
            .with("vector", vector).with("place_hash", placeHash).with("place_first", placeFirst).with("place_count", placeCount).with("reward", reward)
            .with("burned", burned).with("returned", returned).done();
    }

    DisputeRow moved(int nextPhase, BigInteger deadline, int nextLevel, int nextVector, String hash, long first, long count) {
        return new DisputeRow(address, config, node, nodeKey, accuser, rentPayer, receiptHash, modelId, tokensIn, tokensOut, stake, state, openedSlot, deadline,
            nextPhase, nextLevel, nextVector, hash, first, count, reward, burned, returned);
    }

    DisputeRow ended(DisputeState outcome, BigInteger rewarded, BigInteger gone, BigInteger back) {
        return new DisputeRow(address, config, node, nodeKey, accuser, rentPayer, receiptHash, modelId, tokensIn, tokensOut, stake, outcome, openedSlot,
            deadlineSlot, phase, level, vector, placeHash, placeFirst, placeCount, rewarded, gone, back);
    }
}
