package network.nyxos.indexer.decode;

/// What makes an event itself: seen again under the same identity, it is the same event.
///
/// @param signature the transaction, base58
/// @param outerIndex index of the transaction's instruction
/// @param innerIndex index among the inner instructions of that instruction
public record EventId(String signature, int outerIndex, int innerIndex) {
}
