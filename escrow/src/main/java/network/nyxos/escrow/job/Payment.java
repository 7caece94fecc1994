package network.nyxos.escrow.job;

import java.util.Locale;
import network.nyxos.escrow.ProtocolException;

/// How a job is paid.
public enum Payment {
    /// A transfer into the pool's vault before the work (x402 `exact`).
    EXACT(1),
    /// A voucher against an escrow.
    VOUCHER(2);

    private final int code;

    Payment(int code) {
        this.code = code;
    }

    /// The code in assignments: 1 or 2.
    public int code() {
        return code;
    }

    /// The name on the wire: `exact`, `voucher`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProtocolException `payment_unknown`
    public static Payment ofCode(int code) {
        for (Payment payment : values()) {
            if (payment.code == code) {
                return payment;
            }
        }
        throw new ProtocolException("payment_unknown", "a payment is 1 (exact) or 2 (voucher), this is " + code);
    }
}
