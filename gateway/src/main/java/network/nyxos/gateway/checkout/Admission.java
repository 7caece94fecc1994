package network.nyxos.gateway.checkout;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.Order;
import network.nyxos.gateway.payment.PaymentRequired;
import network.nyxos.gateway.payment.SettlementResponse;

import java.util.Optional;

/// What a request comes to before any work is done on it.
public sealed interface Admission {
    /// It is to be paid for.
    ///
    /// @param required how
    /// @param refused  what became of the payment that came with it, where one did
    record Unpaid(PaymentRequired required, Optional<Refusal> refused) implements Admission {
    }

    /// A payment that was refused.
    ///
    /// @param response for the header
    /// @param version  of x402
    record Refusal(SettlementResponse response, int version) {
    }

    /// It is paid for, a node has a place for it, and it is ours to serve.
    ///
    /// @param job      the job
    /// @param order    what to do
    /// @param hold     what it holds; whoever serves the job gives it back
    /// @param response for the header
    /// @param version  of x402 in which it was paid
    /// @param named    whether its payer gave it a name, by which it may ask for the reply again
    record Paid(Hash job, Order order, Hold hold, SettlementResponse response, int version, boolean named) implements Admission {
    }

    /// It was paid for before, under the same name: the reply is to be given again, and nothing is charged.
    ///
    /// @param job      the job, which runs or was served
    /// @param response for the header, where the reply itself is no longer there
    record Repeated(Job job, SettlementResponse response) implements Admission {
    }
}
