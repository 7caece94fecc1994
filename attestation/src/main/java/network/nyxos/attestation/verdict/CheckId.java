package network.nyxos.attestation.verdict;

/** A check of one kind of evidence. The enum that implements it lists every check of that kind, in the order of the verdict. */
public interface CheckId {
    /** The stable id, dotted and lower case, such as {@code tdx.quote.signature}. */
    String id();
}
