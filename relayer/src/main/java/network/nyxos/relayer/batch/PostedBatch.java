package network.nyxos.relayer.batch;

/// A batch as it stands on chain.
///
/// @param header    its roots
/// @param state     {@link BatchState#POSTED}, {@link BatchState#FINAL} or {@link BatchState#VOID}
/// @param postedSlot when it was posted
/// @param finalSlot from which slot on it may be finalised
public record PostedBatch(BatchDocument.Header header, BatchState state, long postedSlot, long finalSlot) {
}
