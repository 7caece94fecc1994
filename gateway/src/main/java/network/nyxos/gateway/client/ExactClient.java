package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// Pays for each request with a transfer (x402 `exact`). The gateway sponsors the fee, so the wallet needs tokens and no SOL. Thread-safe.
public final class ExactClient extends AgentClient {
    private final Keypair wallet;
    private final PublicKey mint;
    private final long mostPerCall;

    /// Takes the gateway's word ({@link Trust#NONE}).
    ///
    /// @param gateway     its base URL
    /// @param wallet      pays and signs
    /// @param mint        what it pays in
    /// @param mostPerCall base units; what costs more is not paid
    public ExactClient(URI gateway, Keypair wallet, PublicKey mint, long mostPerCall) {
        this(gateway, wallet, mint, mostPerCall, Trust.NONE);
    }

    /// @param gateway     its base URL
    /// @param wallet      pays and signs
    /// @param mint        what it pays in
    /// @param mostPerCall base units; what costs more is not paid
    /// @param trust       what it finds out for itself
    public ExactClient(URI gateway, Keypair wallet, PublicKey mint, long mostPerCall, Trust trust) {
        super(new GatewayCalls(gateway), trust);
        this.wallet = wallet;
        this.mint = mint;
        this.mostPerCall = mostPerCall;
    }

    @Override
    <R> R run(Errand<R> errand) {
        return switch (errand.send(Optional.empty())) {
            // Served for nothing: there is no payment whose job it must be of.
            case GatewayCalls.Answer.Replied<R> free -> errand.check(free.reply(), errand.receipt(free.reply()).jobId(), mint, Optional.empty());
            case GatewayCalls.Answer.PaymentRequired<R> required -> pay(errand, required.required());
        };
    }

    private <R> R pay(Errand<R> errand, JsonNode required) {
        ObjectNode offer = GatewayCalls.offer(required, "exact", mint.toBase58())
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway does not take mint " + mint + "; nothing was paid", Optional.empty()));
        long amount = Long.parseLong(offer.path("amount").asText());
        if (amount > mostPerCall) {
            throw GatewayCalls.tooExpensive(amount, mostPerCall);
        }
        WireTransaction transfer = Transfers.make(offer, amount, terms(errand), wallet);
        Hash job = JobId.exact(transfer.messageHash());
        ObjectNode payment = Transfers.payment(offer, transfer);
        return Transfers.untilKnown(() -> switch (errand.send(Optional.of(payment))) {
            case GatewayCalls.Answer.Replied<R> replied -> checked(replied.reply(), errand, job, amount, transfer);
            case GatewayCalls.Answer.PaymentRequired<R> refused -> throw new AgentException(402, refused.code(), refusal(refused.code()), Optional.empty());
        });
    }

    private String refusal(String code) {
        return (code.equals("insufficient_funds") ? "wallet " + wallet.publicKey() + " has too little of mint " + mint + "; fill it, or ask for fewer tokens" : "the payment was not accepted")
            + "; nothing was paid";
    }

    private <R> R checked(R reply, Errand<R> errand, Hash job, long amount, WireTransaction transfer) {
        if (errand.receipt(reply).charge() != amount) {
            throw Asking.invalid(job, "it charges " + errand.receipt(reply).charge() + " base units, paid were " + amount);
        }
        return errand.check(reply, job, mint, Optional.of(new JobProof.Payment.Exact(transfer)));
    }

    private Transfers.Terms terms(Errand<?> errand) {
        return Transfers.terms(calls.get("/v1/models/" + errand.model()).path("tiers").path(errand.tier().wireName()).path("pricing"), mint)
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway has no price in mint " + mint, Optional.empty()));
    }
}
