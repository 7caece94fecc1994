package network.nyxos.gateway.facilitator;

import network.nyxos.escrow.crypto.Signature;

/// What became of a transfer that was to be settled.
public sealed interface Settlement {
    /// It is on chain.
    record Confirmed(Signature transaction) implements Settlement {
    }

    /// It was not sent, and may be tried again: nothing was moved and nothing is remembered.
    ///
    /// @param code one of {@link network.nyxos.gateway.payment.PaymentError}
    record Rejected(String code, String message) implements Settlement {
    }

    /// It can never be on chain, or failed there: nothing was moved.
    record Failed(String code, String message, Signature transaction) implements Settlement {
    }

    /// It was sent, and its outcome is not known yet.
    record Pending(Signature transaction) implements Settlement {
    }
}
