package network.nyxos.localnet;

/**
 * A transaction in the chain's history.
 *
 * @param sequence  its number among all of the chain's transactions, from 0
 * @param signature its first signature, in base58
 * @param slot      the slot it is in
 * @param blockTime that slot's Unix time in seconds
 * @param wire      its bytes; not copied
 * @param execution what it did
 */
public record ExecutedTransaction(long sequence, String signature, long slot, long blockTime, byte[] wire, Execution execution) {

    WireTransaction parsed() {
        return WireTransaction.parse(wire);
    }
}
