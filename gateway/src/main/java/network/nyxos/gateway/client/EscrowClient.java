package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.JobId;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.JobProof;
import software.sava.core.accounts.PublicKey;

/// Pays for requests with vouchers against an escrow that is open on chain: no transaction and no question to the chain per request.
///
/// A voucher is over what this payer's own {@link VoucherBook} counts as used, the ceilings of its open requests, and this request's ceiling. A request enters
/// the book as used with the charge of its receipt, once that charge is what the receipt's token counts cost at the price that was quoted. A gateway's word can
/// only end a request whose reply was lost, and with no more than that request's ceiling, which was signed for.
public final class EscrowClient extends AgentClient {
    private static final Duration POLL = Duration.ofMillis(100);
    // Longer than any call lasts: a request that a gateway has not heard of by then, it never will.
    private static final Duration NEVER_ARRIVED = Duration.ofMinutes(15);
    private static final int TRIES = 3;
    private static final Set<String> STALE = Set.of("invalid_payment_requirements", "voucher_insufficient");

    private final PublicKey escrow;
    private final PublicKey mint;
    private final Keypair session;
    private final VoucherBook book;
    private final long mostPerCall;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Price> prices = new ConcurrentHashMap<>();
    private volatile Optional<ObjectNode> terms = Optional.empty();

    private EscrowClient(GatewayCalls calls, PublicKey escrow, PublicKey mint, Keypair session, VoucherBook book, long mostPerCall, Trust trust) {
        super(calls, trust);
        this.escrow = escrow;
        this.mint = mint;
        this.session = session;
        this.book = book;
        this.mostPerCall = mostPerCall;
    }

    /// Begins to pay from an escrow, or goes on; takes the gateway's word ({@link Trust#NONE}) for all but the money.
    ///
    /// @throws AgentException as {@link #open(URI, PublicKey, PublicKey, Keypair, VoucherBook, long, Duration, Trust)}
    public static EscrowClient open(URI gateway, PublicKey escrow, PublicKey mint, Keypair session, VoucherBook book, long mostPerCall, Duration wait) {
        return open(gateway, escrow, mint, session, book, mostPerCall, wait, Trust.NONE);
    }

    /// Begins to pay from an escrow, or goes on.
    ///
    /// @param gateway     its base URL
    /// @param escrow      the escrow's address
    /// @param mint        what it holds
    /// @param session     its session key
    /// @param book        what was used of it so far
    /// @param mostPerCall base units, 1 or more; what may cost more is not signed for
    /// @param wait        how long to wait for a gateway that has not heard of the escrow yet
    /// @param trust       what it finds out for itself
    /// @throws AgentException `escrow_unknown` when it has not heard of it by then
    public static EscrowClient open(URI gateway, PublicKey escrow, PublicKey mint, Keypair session, VoucherBook book, long mostPerCall, Duration wait, Trust trust) {
        if (mostPerCall < 1) {
            throw new IllegalArgumentException("mostPerCall is " + mostPerCall + ", must be at least 1");
        }
        var client = new EscrowClient(new GatewayCalls(gateway), escrow, mint, session, book, mostPerCall, trust);
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            try {
                client.balance();
                client.endLost();
                return client;
            } catch (AgentException e) {
                if (!e.code().equals("escrow_unknown") || System.nanoTime() > deadline) {
                    throw e;
                }
                GatewayCalls.pause(POLL);
            }
        }
    }

    /// The amounts of the escrow as the gateway has them: for show, nothing is signed by them.
    public Balance balance() {
        JsonNode node = calls.get("/v1/escrows/" + escrow.toBase58());
        return new Balance(node.path("deposited").asLong(), node.path("settled").asLong(), node.path("used").asLong(), node.path("reserved").asLong(),
            node.path("spendable").asLong());
    }

    /// An escrow's amounts, base units.
    public record Balance(long deposited, long settled, long used, long reserved, long spendable) {
    }

    /// Asks what has become of requests whose reply was lost, and ends those that have ended.
    private void endLost() {
        for (VoucherBook.Open open : book.open(escrow)) {
            try {
                JsonNode job = calls.get("/v1/jobs/" + open.job().hex());
                switch (job.path("state").asText()) {
                    case "executed" -> book.end(escrow, open.job(), Math.clamp(job.path("charge").asLong(open.ceiling()), 0, open.ceiling()));
                    case "released" -> book.end(escrow, open.job(), 0);
                    default -> { }
                }
            } catch (AgentException e) {
                if (e.status() != 404) {
                    throw e;
                }
                if (open.since().plus(NEVER_ARRIVED).isBefore(Instant.now())) {
                    book.end(escrow, open.job(), 0);
                }
            }
        }
    }

    @Override
    <R> R run(Errand<R> errand) {
        // What an offer says of a chat follows from its price, so it is asked for once.
        GatewayCalls.Answer<R> answer = pay(errand, terms.filter(_ -> errand.offeredAtMost()).orElseGet(() -> learn(errand)));
        for (int tries = 1; tries < TRIES && answer instanceof GatewayCalls.Answer.PaymentRequired<R> required && STALE.contains(required.code()); tries++) {
            // Prices have changed, or vouchers sent side by side overtook each other: look again, and sign for all that is open now.
            prices.clear();
            answer = pay(errand, learn(errand));
        }
        return switch (answer) {
            case GatewayCalls.Answer.Replied<R> replied -> replied.reply();
            case GatewayCalls.Answer.PaymentRequired<R> required -> throw refused(required.code());
        };
    }

    private AgentException refused(String code) {
        String why = switch (code) {
            case "voucher_insufficient" -> "the gateway counts more of escrow " + escrow + " as used than the " + book.used(escrow)
                + " base units in this payer's book; if its session key was used elsewhere, bring that book here or begin it at the amount used";
            case "voucher_exceeds_deposit" -> "what is left of the deposit does not cover the most that this request can cost; deposit more, or ask for fewer tokens";
            case "voucher_signature_invalid" -> "the session key " + session.publicKey() + " is not the one of escrow " + escrow;
            default -> "the voucher was not accepted";
        };
        return new AgentException(402, code, why + "; nothing was charged", Optional.empty());
    }

    private ObjectNode learn(Errand<?> errand) {
        if (!(errand.send(Optional.empty()) instanceof GatewayCalls.Answer.PaymentRequired<?> required)) {
            throw new AgentException(0, "gateway_malformed", "the gateway asked for no payment", Optional.empty());
        }
        ObjectNode offer = GatewayCalls.offer(required.required(), "escrow", mint.toBase58())
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway takes no vouchers in mint " + mint + "; nothing was paid", Optional.empty()));
        terms = Optional.of(offer);
        return offer;
    }

    private <R> GatewayCalls.Answer<R> pay(Errand<R> errand, ObjectNode offer) {
        Price price = prices.computeIfAbsent(errand.model() + "/" + errand.tier().wireName(), _ -> ask(errand.model(), errand.tier()));
        ObjectNode accepted = offer.deepCopy();
        long ceiling = ceiling(errand, price, accepted);
        if (ceiling > mostPerCall) {
            throw GatewayCalls.tooExpensive(ceiling, mostPerCall);
        }
        accepted.put("amount", Long.toString(ceiling));
        Hash nonce = Hash.random(random);
        Hash job = JobId.voucher(escrow, nonce);
        Voucher voucher = new Voucher(escrow, book.reserve(escrow, job, ceiling, Instant.now()), 0);
        Hash request = RequestBinding.requestHash("POST", errand.path(), errand.body());
        EscrowPayload payload = EscrowPayload.sign(voucher, nonce, request, session);
        var paid = new JobProof.Payment.ByVoucher(payload, request, ceiling, Optional.of(session.publicKey()));
        try {
            return switch (errand.send(Optional.of(GatewayCalls.payment(accepted, GatewayCalls.parse(payload.encode()))))) {
                case GatewayCalls.Answer.Replied<R> replied -> new GatewayCalls.Answer.Replied<>(used(replied.reply(), errand, price, paid));
                case GatewayCalls.Answer.PaymentRequired<R> required -> {
                    book.end(escrow, job, 0);
                    yield required;
                }
            };
        } catch (AgentException e) {
            // Refused or failed by the gateway's own answer. Where there was none, the request stays open: it may have been served.
            if (e.isFinal()) {
                book.end(escrow, job, 0);
            }
            throw e;
        }
    }

    /// What is signed for: the most that it can cost, or less where the gateway has counted.
    private static long ceiling(Errand<?> errand, Price price, ObjectNode offer) {
        long most = errand.most(price);
        if (errand.offeredAtMost()) {
            return most;
        }
        long offered = offer.path("amount").asLong(Long.MAX_VALUE);
        if (offered > most) {
            throw new AgentException(402, "offer_other", "the gateway asks for " + offered + " base units for what can cost " + most + " at its own price; nothing was paid", Optional.empty());
        }
        return offered;
    }

    /// Checks the receipt and books its charge. A reply that does not hold stays open in the book.
    private <R> R used(R reply, Errand<R> errand, Price price, JobProof.Payment.ByVoucher paid) {
        Hash job = paid.jobId();
        Receipt receipt = errand.receipt(reply);
        R checked = errand.check(reply, job, mint, Optional.of(paid));
        long due = Math.min(price.charge(receipt.tokensIn(), receipt.tokensOut()), paid.ceiling());
        if (receipt.charge() != due) {
            throw Asking.invalid(job, "it charges " + receipt.charge() + " base units for " + receipt.tokensIn() + " tokens in and " + receipt.tokensOut() + " out, which cost " + due);
        }
        return errand.withUsed(checked, OptionalLong.of(book.end(escrow, job, due)));
    }

    private Price ask(String model, Tier tier) {
        for (JsonNode each : calls.get("/v1/models/" + model).path("tiers").path(tier.wireName()).path("pricing")) {
            if (each.path("mint").asText().equals(mint.toBase58())) {
                return new Price(each.path("per_million_in").asLong(), each.path("per_million_out").asLong());
            }
        }
        throw new AgentException(402, "not_offered", "model " + model + " with tier " + tier.wireName() + " has no price in mint " + mint, Optional.empty());
    }
}
