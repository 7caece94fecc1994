package network.nyxos.gateway.checkout;

import network.nyxos.escrow.crypto.Hash;
import network.nyxos.gateway.job.Order;
import network.nyxos.gateway.link.ConnectedNode;
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
    /// @param place    the node's place; whoever serves the job gives it back
    /// @param response for the header
    /// @param version  of x402 in which it was paid
    record Paid(Hash job, Order order, ConnectedNode.Place place, SettlementResponse response, int version) implements Admission {
    }
}
