package network.nyxos.gateway.payment;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;

/// The rules of scheme `escrow` that need neither the chain nor the database (protocol §8).
public final class EscrowRules {
    /// No such escrow of this market, as far as this gateway has heard.
    public static final String UNKNOWN = "escrow_unknown";
    /// The payer is taking its deposit out.
    public static final String EXITING = "escrow_exiting";
    /// The escrow holds another mint than the accepted offer.
    public static final String MINT = "escrow_mint_mismatch";
    /// The session key, or the voucher, ends before the job could be settled.
    public static final String EXPIRED = "voucher_expired";
    /// A signature of the voucher or of the request is not the session key's.
    public static final String SIGNATURE = "voucher_signature_invalid";
    /// The voucher is over more than was deposited.
    public static final String EXCEEDS_DEPOSIT = "voucher_exceeds_deposit";
    /// The voucher is over more than the session may spend.
    public static final String EXCEEDS_LIMIT = "voucher_exceeds_session_limit";
    /// The voucher does not cover what was used, what runs and this request together.
    public static final String TOO_LOW = "voucher_insufficient";
    /// This nonce was used before.
    public static final String NONCE = "nonce_used";

    private EscrowRules() {
    }

    /// Checks a payload.
    ///
    /// @param earliestEnd unix seconds until which voucher and session must hold
    /// @throws PaymentException with one of the codes above
    public static void check(EscrowPayload payload, EscrowState escrow, Requirements accepted, Hash requestHash, long earliestEnd) {
        Voucher voucher = payload.voucher();
        require(!escrow.exiting(), EXITING, "the escrow is exiting; open another one");
        require(escrow.mint().equals(accepted.asset()), MINT, "the escrow holds mint " + escrow.mint() + ", accepted was " + accepted.asset());
        require(escrow.sessionExpires() == 0 || escrow.sessionExpires() >= earliestEnd, EXPIRED,
            "the session ends at " + escrow.sessionExpires() + "; it must hold until " + earliestEnd + ", so that the job can be settled");
        require(voucher.expires() == 0 || voucher.expires() >= earliestEnd, EXPIRED,
            "the voucher ends at " + voucher.expires() + "; it must hold until " + earliestEnd + ", so that the job can be settled");
        require(voucher.cumulative() <= escrow.deposited(), EXCEEDS_DEPOSIT, "the voucher is over " + voucher.cumulative() + ", deposited are " + escrow.deposited());
        require(escrow.sessionLimit() == 0 || voucher.cumulative() <= escrow.sessionLimit(), EXCEEDS_LIMIT,
            "the voucher is over " + voucher.cumulative() + ", the session may spend " + escrow.sessionLimit());
        require(payload.verify(escrow.sessionKey(), requestHash), SIGNATURE, "voucher and request must be signed by session key " + escrow.sessionKey()
            + ", the request over this method, path and body");
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }
}
