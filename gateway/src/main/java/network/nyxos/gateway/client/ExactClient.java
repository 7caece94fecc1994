package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// Pays for each chat with a transfer (x402 `exact`). The gateway sponsors the fee, so the wallet needs tokens and no SOL. Thread-safe.
public final class ExactClient implements AgentClient {
    private final GatewayCalls calls;
    private final Asking asking;
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
        this.calls = new GatewayCalls(gateway);
        this.asking = new Asking(calls, trust);
        this.wallet = wallet;
        this.mint = mint;
        this.mostPerCall = mostPerCall;
    }

    @Override
    public ChatReply send(ChatCall call, boolean stream, Consumer<String> text) {
        Question question = asking.question(call, stream);
        return switch (calls.chat(question, stream, Optional.empty(), text)) {
            // Served for nothing: there is no payment whose job it must be of.
            case GatewayCalls.Answer.Replied free -> asking.check(free.reply(), question, free.reply().receipt().receipt().jobId(), mint, Optional.empty());
            case GatewayCalls.Answer.PaymentRequired required -> pay(question, required.required(), stream, text);
        };
    }

    private ChatReply pay(Question question, JsonNode required, boolean stream, Consumer<String> text) {
        ObjectNode offer = GatewayCalls.offer(required, "exact", mint.toBase58())
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway does not take mint " + mint + "; nothing was paid", Optional.empty()));
        long amount = Long.parseLong(offer.path("amount").asText());
        if (amount > mostPerCall) {
            throw GatewayCalls.tooExpensive(amount, mostPerCall);
        }
        WireTransaction transfer = Transfers.make(offer, amount, terms(question.call()), wallet);
        Hash job = JobId.exact(transfer.messageHash());
        ObjectNode payment = Transfers.payment(offer, transfer);
        return Transfers.untilKnown(() -> switch (calls.chat(question, stream, Optional.of(payment), text)) {
            case GatewayCalls.Answer.Replied replied -> checked(replied.reply(), question, job, amount, transfer);
            case GatewayCalls.Answer.PaymentRequired refused -> throw new AgentException(402, refused.code(), refusal(refused.code()), Optional.empty());
        });
    }

    private String refusal(String code) {
        return (code.equals("insufficient_funds") ? "wallet " + wallet.publicKey() + " has too little of mint " + mint + "; fill it, or ask for fewer tokens" : "the payment was not accepted")
            + "; nothing was paid";
    }

    private ChatReply checked(ChatReply reply, Question question, Hash job, long amount, WireTransaction transfer) {
        if (reply.receipt().receipt().charge() != amount) {
            throw Asking.invalid(job, "it charges " + reply.receipt().receipt().charge() + " base units, paid were " + amount);
        }
        return asking.check(reply, question, job, mint, Optional.of(new JobProof.Payment.Exact(transfer)));
    }

    private Transfers.Terms terms(ChatCall call) {
        return Transfers.terms(calls.get("/v1/models/" + call.model()).path("tiers").path(call.tier().wireName()).path("pricing"), mint)
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway has no price in mint " + mint, Optional.empty()));
    }
}
