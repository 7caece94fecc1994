package network.nyxos.gateway.facilitator;

import java.time.Duration;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.Simulation;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.TransactionError;
import network.nyxos.chain.TransactionPlan;
import network.nyxos.chain.TransactionSender;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.transaction.SignedTransaction;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.gateway.payment.ExactPayment;
import network.nyxos.gateway.payment.PaymentError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the sponsor's signature under transfers that have passed every rule, and gets them onto the chain. Who calls this has claimed the transfer.
public final class Settler {
    private static final Logger LOG = LoggerFactory.getLogger(Settler.class);
    private static final int TRANSFER_FAILED = 1;
    /// Far beyond the life of a blockhash: a transfer that was claimed and not stored by then cannot appear any more.
    public static final Duration NEVER_SENT = Duration.ofMinutes(10);

    private final Keypair sponsor;
    private final SolanaRpc rpc;
    private final TransactionSender sender;
    private final Duration wait;

    /// @param sponsor the fee payer
    /// @param sender  gets transactions onto the chain; tries them out first
    /// @param wait    how long a caller waits for the outcome
    public Settler(Keypair sponsor, SolanaRpc rpc, TransactionSender sender, Duration wait) {
        this.sponsor = sponsor;
        this.rpc = rpc;
        this.sender = sender;
        this.wait = wait;
    }

    /// The signature that the transfer will have on chain.
    public Signature signature(ExactPayment payment) {
        return signed(payment).signature();
    }

    private SignedTransaction signed(ExactPayment payment) {
        return SignedTransaction.of(payment.transaction().sign(sponsor));
    }

    /// Tries a transfer out without signing it.
    ///
    /// @return why it would fail, or empty
    public Optional<Settlement.Rejected> tryOut(WireTransaction transaction) {
        try {
            Simulation simulation = rpc.simulate(transaction.bytes(), false, Commitment.CONFIRMED);
            return simulation.error().map(Settler::rejected);
        } catch (RpcException e) {
            LOG.warn("a payment could not be tried out: {}", e.getMessage());
            return Optional.of(new Settlement.Rejected(PaymentError.UNEXPECTED_VERIFY, "the chain cannot be asked now; try again"));
        }
    }

    /// Settles.
    public Settlement settle(ExactPayment payment) {
        SignedTransaction signed = signed(payment);
        try {
            return settlement(sender.execute(intent(payment.messageHash()), TransactionPlan.fixed(signed), wait));
        } catch (RpcException e) {
            LOG.warn("a payment could not be sent: {}", e.getMessage());
            return new Settlement.Rejected(PaymentError.UNEXPECTED_SETTLE, "the chain cannot be asked now; try again");
        } catch (DatabaseException e) {
            LOG.error("a payment could not be recorded: {}", e.getMessage());
            return new Settlement.Pending(signed.signature());
        }
    }

    /// What has become of a transfer that was pending.
    ///
    /// @return empty when it was never sent, so that it never will be
    public Optional<Settlement> again(Hash messageHash) {
        return sender.await(intent(messageHash), Duration.ZERO).map(Settler::settlement);
    }

    private static String intent(Hash messageHash) {
        return "exact:" + messageHash.hex();
    }

    private static Settlement settlement(Outcome outcome) {
        return switch (outcome.state()) {
            case CONFIRMED -> new Settlement.Confirmed(outcome.signature());
            case REJECTED -> rejected(outcome.error().orElseThrow());
            case FAILED -> new Settlement.Failed(PaymentError.FAILED, "the transfer failed on chain: " + outcome.error().map(TransactionError::toString).orElse("no reason given"),
                outcome.signature());
            case EXPIRED -> new Settlement.Failed(PaymentError.EXPIRED, "the transfer was not executed before its blockhash expired", outcome.signature());
            case SIGNED, SENT, UNKNOWN -> new Settlement.Pending(outcome.signature());
        };
    }

    /// The token programs' error 1 is a balance that is too small.
    private static Settlement.Rejected rejected(TransactionError error) {
        boolean poor = error.name().equals("Custom") && error.custom().orElse(-1) == TRANSFER_FAILED;
        return poor ? new Settlement.Rejected(PaymentError.INSUFFICIENT_FUNDS, "the payer's balance is too small")
            : new Settlement.Rejected(PaymentError.SIMULATION, "the transfer would fail: " + error);
    }
}
