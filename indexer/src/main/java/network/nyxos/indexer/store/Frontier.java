package network.nyxos.indexer.store;

/// How far a program has been mirrored: everything up to this transaction is in, nothing is missing before it.
///
/// @param signature the last transaction that is in
/// @param slot its slot
/// @param ordinal how many transactions of the program are in
public record Frontier(String signature, long slot, long ordinal) {
}
