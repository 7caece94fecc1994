package network.nyxos.attestation.policy;

import network.nyxos.attestation.sev.TcbVersion;

/**
 * The least security versions of one SEV-SNP product.
 *
 * @param reported  what the endorsement key was derived for
 * @param committed what the platform can no longer go below
 * @param launch    what ran when the guest was launched
 */
public record TcbFloor(TcbVersion reported, TcbVersion committed, TcbVersion launch) {
    /** No floor. */
    public static final TcbVersion NONE = new TcbVersion(0, 0, 0, 0, 0);
}
