package network.nyxos.escrow.job;

import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// Job ids follow from the payment, so that a payment has one job, whatever is replayed.
public final class JobId {
    private static final String DOMAIN = "nyxos:job:v1";

    private JobId() {
    }

    /// The job of an `exact` payment: `H("nyxos:job:v1" ‖ 01 ‖ H(message))`.
    ///
    /// @param message the payment transaction's message bytes (without the signatures, whose first slot the payer does not fix)
    public static Hash exact(byte[] message) {
        return exact(Hash.sha256(message));
    }

    /// The job of an `exact` payment whose message has this SHA-256.
    public static Hash exact(Hash messageHash) {
        return Hash.domain(DOMAIN, new byte[] {1}, messageHash.bytes());
    }

    /// The job of a voucher-paid request: `H("nyxos:job:v1" ‖ 02 ‖ escrow ‖ nonce)`.
    public static Hash voucher(PublicKey escrow, Hash nonce) {
        return Hash.domain(DOMAIN, new byte[] {2}, escrow.toByteArray(), nonce.bytes());
    }
}
