package network.nyxos.gateway.checkout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.job.Payment;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.facilitator.Facilitator;
import network.nyxos.gateway.facilitator.Settlement;
import network.nyxos.gateway.facilitator.Settler;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.JobState;
import network.nyxos.gateway.job.Order;
import network.nyxos.gateway.link.ConnectedNode;
import network.nyxos.gateway.link.NodePool;
import network.nyxos.gateway.offer.Quote;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.EmbeddingRequest;
import network.nyxos.gateway.openai.InferenceRequest;
import network.nyxos.gateway.openai.ServiceRequest;
import network.nyxos.gateway.openai.Prompt;
import network.nyxos.gateway.payment.EscrowBalance;
import network.nyxos.gateway.payment.EscrowFunds;
import network.nyxos.gateway.payment.EscrowRules;
import network.nyxos.gateway.payment.EscrowState;
import network.nyxos.gateway.payment.ExactPayment;
import network.nyxos.gateway.payment.ExactRules;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.MemoBinding;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentIdentifier;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.PaymentRequired;
import network.nyxos.gateway.payment.Requirements;
import network.nyxos.gateway.payment.SettlementResponse;
import network.nyxos.gateway.route.Preferences;
import network.nyxos.gateway.store.EscrowStore;
import network.nyxos.gateway.store.IdentifierStore;
import network.nyxos.gateway.store.JobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Takes the money, before any work: a share of its payer and a node's place first, then the transfer on chain or the reservation, then the job. Whoever cannot be
/// served is told so before it pays; a payment that was met before is never served twice.
public final class Checkout {
    private static final Logger LOG = LoggerFactory.getLogger(Checkout.class);
    private static final int RETRY_SECONDS = 2;
    private static final int NO_NODE_SECONDS = 10;
    private static final int MOST_ACCOUNTS = 20;
    /// The code for a bearer key that is none, or that no escrow knows.
    public static final String INVALID_KEY = "invalid_api_key";

    private final Offers offers;
    private final ExactRules rules;
    private final Facilitator facilitator;
    private final Settler settler;
    private final EscrowMirror escrows;
    private final EscrowStore balances;
    private final JobStore jobs;
    private final IdentifierStore identifiers;
    private final NodePool nodes;
    private final PayerLoad payers;
    private final Network network;
    private final Duration voucherHold;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /// @param voucherHold how long a voucher must hold from now on: the job and its settlement
    public Checkout(Offers offers, ExactRules rules, Facilitator facilitator, Settler settler, EscrowMirror escrows, EscrowStore balances, JobStore jobs,
                    IdentifierStore identifiers, NodePool nodes, PayerLoad payers, Network network, Duration voucherHold, InstantSource clock) {
        this.offers = offers;
        this.rules = rules;
        this.facilitator = facilitator;
        this.settler = settler;
        this.escrows = escrows;
        this.balances = balances;
        this.jobs = jobs;
        this.identifiers = identifiers;
        this.nodes = nodes;
        this.payers = payers;
        this.network = network;
        this.voucherHold = voucherHold;
        this.clock = clock;
    }

    /// Admits a request.
    ///
    /// @param payment what came with it; empty: nothing did
    /// @throws ApiException when it cannot be served, or its payment was met before
    public Admission admit(Incoming incoming, Optional<PaymentPayload> payment) {
        openable(incoming);
        if (payment.isEmpty()) {
            nodes.shortage(need(incoming)).ifPresent(shortage -> {
                throw unavailable(shortage, incoming);
            });
            return new Admission.Unpaid(offers.challenge(incoming, PaymentRequired.NONE, "this request is to be paid for"), Optional.empty());
        }
        PaymentPayload paid = payment.get();
        try {
            // Before anything is verified: what was settled, or has expired since, would not pass again.
            Optional<IdentifierStore.Binding> sent = paid.identifier().flatMap(identifiers::sentWith);
            if (sent.isPresent()) {
                return repeated(incoming, paid, sent.get());
            }
            return paid.scheme().equals(Requirements.ESCROW) ? voucher(incoming, paid) : exact(incoming, paid);
        } catch (PaymentException e) {
            return unpaid(incoming, paid, e.code(), e.getMessage(), "");
        }
    }

    /// What its node could not open is refused before anything is paid for it.
    private void openable(Incoming incoming) {
        if (incoming.asked() instanceof ChatRequest chat && chat.prompt() instanceof Prompt.Sealed sealed) {
            try {
                nodes.requireSuite(sealed);
            } catch (ProtocolException e) {
                throw ApiException.badRequest(e.code(), "sealed", e.getMessage() + "; nothing was charged");
            }
        }
    }

    private Admission unpaid(Incoming incoming, PaymentPayload paid, String code, String message, String transaction) {
        int version = paid.x402Version();
        String named = PaymentError.inVersion(code, version);
        return new Admission.Unpaid(offers.challenge(incoming, code, message),
            Optional.of(new Admission.Refusal(SettlementResponse.refused(named, message, Optional.empty(), transaction, network.name(version)), version)));
    }

    private static NodePool.Need need(Incoming incoming) {
        return NodePool.Need.of(incoming.asked(), incoming.priced().model().modelId(), incoming.priced().work());
    }

    private static ApiException unavailable(NodePool.Shortage shortage, Incoming incoming) {
        String what = "model '" + incoming.asked().model() + "' with tier " + incoming.asked().tier().wireName();
        if (incoming.asked() instanceof ChatRequest chat && chat.prompt() instanceof Prompt.Sealed sealed) {
            what += " and is node " + sealed.node() + " with sealing key " + sealed.prompt().sealingKey() + " (see GET /v1/nodes)";
        }
        if (incoming.asked() instanceof ChatRequest chat && chat.format().isPresent()) {
            what += " and can hold a reply to a form";
        }
        if (incoming.asked() instanceof ChatRequest chat && chat.topLogprobs().isPresent()) {
            what += " and gives probabilities of tokens";
        }
        if (!incoming.asked().preferences().equals(Preferences.NONE)) {
            what += " and that 'provider' allows";
        }
        return switch (shortage) {
            case NodePool.Shortage.NoNode _ -> ApiException.unavailable("no_node", "no node is connected that serves " + what + "; nothing was charged", NO_NODE_SECONDS);
            case NodePool.Shortage.Failing(int seconds) -> ApiException.unavailable("no_capacity", "every node that serves " + what
                + " failed its last jobs and is tried again in a while; nothing was charged", seconds);
            case NodePool.Shortage.Full(int seconds) -> ApiException.unavailable("no_capacity", "every node that serves " + what + " is busy; nothing was charged", seconds);
        };
    }

    private ConnectedNode.Place place(Incoming incoming) {
        NodePool.Need need = need(incoming);
        return nodes.take(need).orElseThrow(() -> unavailable(nodes.shortage(need).orElse(new NodePool.Shortage.Full(RETRY_SECONDS)), incoming));
    }

    /// What a job needs before its payment is taken: a share of its payer, and a node's place.
    private Hold hold(Incoming incoming, PublicKey payer) {
        PayerLoad.Share share = payers.take(payer).orElseThrow(() -> ApiException.tooMany("this wallet has " + payers.most() + " requests under way here, which is the most; send this"
            + " again when one of them is over; nothing was charged", RETRY_SECONDS));
        try {
            return new Hold(place(incoming), share);
        } catch (RuntimeException e) {
            share.close();
            throw e;
        }
    }

    /// Runs what may give a hold away; it is given back unless it was.
    private static Admission holding(Hold hold, Supplier<Admission> work) {
        Optional<Admission> result = Optional.empty();
        try {
            result = Optional.of(work.get());
            return result.get();
        } finally {
            if (result.filter(Admission.Paid.class::isInstance).isEmpty()) {
                hold.close();
            }
        }
    }

    private Order order(Incoming incoming, Offers.Accepted accepted, PaymentRecord record) {
        Optional<PaymentRecord.ByVoucher> voucher = record instanceof PaymentRecord.ByVoucher by ? Optional.of(by) : Optional.empty();
        return new Order(incoming.asked(), incoming.requestHash(), incoming.priced().model().modelId(), incoming.priced().work(), accepted.quote().mint().mint(),
            accepted.quote().price(), accepted.quote().ceiling(), voucher.isPresent() ? Payment.VOUCHER : Payment.EXACT, voucher, seed(incoming.asked()));
    }

    /// Vectors and what services say are not drawn; their seed is 0.
    private long seed(InferenceRequest asked) {
        return switch (asked) {
            case ChatRequest chat -> chat.seed().orElseGet(random::nextLong);
            case EmbeddingRequest _, ServiceRequest _ -> 0;
        };
    }

    // --- exact -------------------------------------------------------------------------------------------------------

    private Admission exact(Incoming incoming, PaymentPayload paid) {
        require(paid.scheme().equals(Requirements.EXACT), PaymentError.UNSUPPORTED_SCHEME, "the schemes are exact and escrow");
        require(paid.network().equals(network.name(paid.x402Version())), PaymentError.NETWORK, "the network is " + network.name(paid.x402Version()));
        Offers.Accepted accepted = paid.accepted().isPresent() ? offers.recognise(incoming, paid.accepted().get())
            : offers.inMint(incoming, ExactRules.mintOf(paid.payload()));
        ExactPayment payment = rules.check(paid.payload(), accepted.required());
        boolean bound = offers.isBound(incoming.requestHash(), accepted.required(), payment.memo());
        // A version 1 client does not echo the offer. Its transaction may carry the memo of one all the same, and then it is good for that request only.
        require(bound || payment.memo().filter(MemoBinding::looksOurs).isEmpty(), PaymentError.MEMO, "this payment was made for another request, body or price");
        PaymentRecord.Exact record = facilitator.record(payment);
        Optional<Job> met = jobs.find(record.jobId());
        if (met.isPresent()) {
            return again(incoming, paid, accepted, record, met.get(), bound);
        }
        String payer = payment.payer().toBase58();
        Optional<IdentifierStore.Binding> named = named(paid, payer);
        if (named.isPresent()) {
            return repeated(incoming, paid, named.get());
        }
        Hold hold = hold(incoming, payment.payer());
        return holding(hold, () -> switch (jobs.claimExact(record, incoming.request(), name(incoming, paid, payer, record.jobId()))) {
            case JobStore.Claim.New _ -> settle(incoming, paid, accepted, payment, record, hold);
            case JobStore.Claim.Known(Optional<Job> known) -> throw duplicate(record, known);
            case JobStore.Claim.Taken _ -> throw inProgress();
        });
    }

    // --- names -------------------------------------------------------------------------------------------------------

    /// What the name of this purchase stands for, for the payer who has signed this payment.
    private Optional<IdentifierStore.Binding> named(PaymentPayload paid, String payer) {
        return paid.identifier().flatMap(identifier -> identifiers.find(payer, identifier));
    }

    private static Optional<IdentifierStore.Binding> name(Incoming incoming, PaymentPayload paid, String payer, Hash job) {
        return paid.identifier().map(identifier -> new IdentifierStore.Binding(payer, identifier, fingerprint(incoming, paid), job));
    }

    private static Hash fingerprint(Incoming incoming, PaymentPayload paid) {
        return PaymentIdentifier.fingerprint(paid.accepted().orElseThrow(), incoming.requestHash());
    }

    /// The same purchase again: its first payment counts, and no other is taken.
    private Admission repeated(Incoming incoming, PaymentPayload paid, IdentifierStore.Binding binding) {
        Job met = jobs.find(binding.job()).orElseThrow(Checkout::inProgress);
        if (!binding.fingerprint().equals(fingerprint(incoming, paid))) {
            throw conflict(PaymentIdentifier.CONFLICT, "this payment identifier was given to another request, body or price; nothing was charged, take a new one for this", met.payment());
        }
        if (met.payment() instanceof PaymentRecord.Exact record && (met.state() == JobState.PENDING || met.state() == JobState.PAID)) {
            return again(incoming, paid, offers.recognise(incoming, paid.accepted().orElseThrow()), record, met, true);
        }
        return switch (met.state()) {
            case RUNNING, EXECUTED -> new Admission.Repeated(met, paidBefore(met));
            // It has just failed: asked again, its name is free, or its payment is told to be on its way back.
            default -> throw inProgress();
        };
    }

    private SettlementResponse paidBefore(Job job) {
        ObjectNode extra = JsonNodeFactory.instance.objectNode().put("job", job.id().hex());
        return switch (job.payment()) {
            case PaymentRecord.Exact exact -> SettlementResponse.paid(exact.payer(), exact.transaction().base58(), network.caip2(), extra);
            case PaymentRecord.ByVoucher voucher -> {
                PublicKey escrow = voucher.voucher().escrow();
                extra.put("escrow", escrow.toBase58()).put("ceiling", Long.toString(job.ceiling()));
                yield new SettlementResponse(true, Optional.empty(), Optional.empty(), escrows.find(escrow).map(EscrowState::payer), "", network.caip2(), extra,
                    JsonNodeFactory.instance.objectNode());
            }
        };
    }

    private static ApiException inProgress() {
        return ApiException.unavailable("request_in_progress", "the first request with this payment identifier is not over yet; send this again, it is charged once", RETRY_SECONDS);
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }

    private Admission settle(Incoming incoming, PaymentPayload paid, Offers.Accepted accepted, ExactPayment payment, PaymentRecord.Exact record, Hold hold) {
        return switch (settler.settle(payment)) {
            case Settlement.Confirmed _ -> {
                jobs.settled(record.jobId());
                yield serve(incoming, paid, accepted, record, hold);
            }
            case Settlement.Rejected rejected -> {
                jobs.abandon(record.messageHash());
                if (rejected.code().equals(PaymentError.UNEXPECTED_SETTLE)) {
                    throw ApiException.unavailable(rejected.code(), rejected.message() + "; nothing was charged, the same payment may be sent again", RETRY_SECONDS);
                }
                yield unpaid(incoming, paid, rejected.code(), rejected.message(), "");
            }
            case Settlement.Failed failed -> {
                jobs.settlementFailed(record.jobId(), failed.code() + ": " + failed.message());
                yield unpaid(incoming, paid, failed.code(), failed.message(), failed.transaction().base58());
            }
            case Settlement.Pending _ -> throw pending(record, paid);
        };
    }

    /// Serves a transfer that is on chain, if nobody else does.
    private Admission serve(Incoming incoming, PaymentPayload paid, Offers.Accepted accepted, PaymentRecord.Exact record, Hold hold) {
        if (!jobs.start(record.jobId(), incoming.request())) {
            throw duplicate(record, jobs.find(record.jobId()));
        }
        ObjectNode extra = JsonNodeFactory.instance.objectNode().put("job", record.jobId().hex());
        return new Admission.Paid(record.jobId(), order(incoming, accepted, record), hold,
            SettlementResponse.paid(record.payer(), record.transaction().base58(), network.name(paid.x402Version()), extra), paid.x402Version(), paid.identifier().isPresent());
    }

    /// A payment that was met before: served now if it was paid and never served, and never twice.
    private Admission again(Incoming incoming, PaymentPayload paid, Offers.Accepted accepted, PaymentRecord.Exact record, Job met, boolean bound) {
        Job job = met.state() == JobState.PENDING ? reconcile(met) : met;
        boolean sameRequest = bound || job.requestHash().isEmpty() || job.requestHash().get().equals(incoming.requestHash());
        return switch (job.state()) {
            case PENDING -> throw pending(record, paid);
            case PAID -> {
                if (!sameRequest) {
                    throw duplicate(record, Optional.of(job));
                }
                Hold hold = hold(incoming, record.payer());
                yield holding(hold, () -> serve(incoming, paid, accepted, record, hold));
            }
            case REFUSED -> unpaid(incoming, paid, PaymentError.FAILED, "this transfer did not take place (" + job.reason() + "); pay with a new one",
                record.transaction().base58());
            case EXECUTED -> throw bound && job.requestHash().filter(incoming.requestHash()::equals).isPresent()
                ? conflict("already_served", "this payment was served; replies are not kept", record) : duplicate(record, Optional.of(job));
            case REFUNDING -> throw conflict("payment_refunding", "the job of this payment failed (" + job.reason() + "); the money goes back to the payer", record);
            case RUNNING, RELEASED -> throw duplicate(record, Optional.of(job));
        };
    }

    private static ApiException conflict(String code, String message, PaymentRecord payment) {
        ApiException refused = ApiException.refused(409, code, message).with("job", payment.jobId().hex());
        return payment instanceof PaymentRecord.Exact exact ? refused.with("transaction", exact.transaction().base58()) : refused;
    }

    private static ApiException duplicate(PaymentRecord.Exact record, Optional<Job> job) {
        return conflict(PaymentError.DUPLICATE_SETTLEMENT, "this payment was presented before" + job.map(known -> ", its job is " + known.state().wireName()).orElse(""), record);
    }

    private ApiException pending(PaymentRecord.Exact record, PaymentPayload paid) {
        String message = "the transfer was sent and its outcome is not known yet; send the same request with the same payment again, do not pay anew";
        SettlementResponse told = SettlementResponse.refused(PaymentError.SETTLEMENT_PENDING, message, Optional.of(record.payer()), record.transaction().base58(),
            network.name(paid.x402Version()));
        return ApiException.unavailable(PaymentError.SETTLEMENT_PENDING, message, RETRY_SECONDS).with("job", record.jobId().hex()).with("transaction", record.transaction().base58())
            .withHeader(SettlementResponse.header(paid.x402Version()), Json.toHeader(told.toJson()));
    }

    /// Looks at what has become of a pending transfer.
    public Job reconcile(Job job) {
        if (!(job.payment() instanceof PaymentRecord.Exact record)) {
            return job;
        }
        Optional<Settlement> outcome = settler.again(record.messageHash());
        if (outcome.isEmpty() && jobs.isOlderThan(job.id(), Settler.NEVER_SENT)) {
            return jobs.settlementFailed(job.id(), PaymentError.UNEXPECTED_SETTLE + ": the transfer was never sent");
        }
        return switch (outcome.orElse(new Settlement.Pending(record.transaction()))) {
            case Settlement.Confirmed _ -> jobs.settled(job.id());
            case Settlement.Failed failed -> jobs.settlementFailed(job.id(), failed.code() + ": " + failed.message());
            case Settlement.Rejected rejected -> jobs.settlementFailed(job.id(), rejected.code() + ": " + rejected.message());
            case Settlement.Pending(Signature transaction) -> {
                LOG.debug("transfer {} of job {} is still pending", transaction, job.id());
                yield job;
            }
        };
    }

    // --- escrow ------------------------------------------------------------------------------------------------------

    private Admission voucher(Incoming incoming, PaymentPayload paid) {
        Requirements byClient = paid.accepted().orElseThrow(() -> new PaymentException(PaymentError.INVALID_VERSION, "scheme escrow needs x402 version 2"));
        Offers.Accepted accepted = offers.recognise(incoming, byClient);
        EscrowPayload payload = decode(paid);
        EscrowState escrow = escrows.find(payload.voucher().escrow())
            .orElseThrow(() -> new PaymentException(EscrowRules.UNKNOWN, "escrow " + payload.voucher().escrow() + " is not known here; one just opened takes a moment"));
        long earliestEnd = clock.instant().plus(voucherHold).getEpochSecond();
        EscrowRules.check(payload, escrow, accepted.required(), incoming.requestHash(), earliestEnd);
        PaymentRecord.ByVoucher record = payload.record(escrow.mint());
        Optional<Job> met = jobs.find(record.jobId());
        if (met.isPresent()) {
            throw nonceUsed(record, incoming, met.get());
        }
        String payer = escrow.address().toBase58();
        Optional<IdentifierStore.Binding> named = named(paid, payer);
        if (named.isPresent()) {
            return repeated(incoming, paid, named.get());
        }
        Hold hold = hold(incoming, escrow.payer());
        var reservation = new JobStore.Reservation(payload, accepted.quote().ceiling(), incoming.request(), record, earliestEnd, name(incoming, paid, payer, record.jobId()));
        return holding(hold, () -> switch (jobs.reserve(reservation)) {
            case JobStore.Claim.New _ -> new Admission.Paid(record.jobId(), order(incoming, accepted, record), hold, reserved(record.jobId(), escrow, accepted),
                paid.x402Version(), paid.identifier().isPresent());
            case JobStore.Claim.Known(Optional<Job> known) -> throw nonceUsed(record, incoming, known.orElseThrow());
            case JobStore.Claim.Taken _ -> throw inProgress();
        });
    }

    // --- bearer keys -------------------------------------------------------------------------------------------------

    /// Admits a request that a bearer key pays for: the voucher that its holder would sign is signed here, for exactly this much.
    ///
    /// @param buyUrl where more is sold
    /// @throws ApiException `invalid_api_key`, `insufficient_quota`, or as for every payment
    public Admission admit(Incoming incoming, BearerKey key, CreditTerms terms, String buyUrl) {
        openable(incoming);
        List<EscrowFunds> all = balances.ofSessionKey(key.publicKey(), MOST_ACCOUNTS);
        if (all.isEmpty()) {
            throw ApiException.refused(401, INVALID_KEY, "Incorrect API key provided: no escrow has the public key " + key.publicKey() + "; buy credits for it at " + buyUrl
                + " (one just opened takes a moment)");
        }
        long earliestEnd = clock.instant().plus(voucherHold).getEpochSecond();
        List<EscrowFunds> open = all.stream().filter(each -> each.open(earliestEnd)).toList();
        record Choice(Quote quote, EscrowFunds funds) {
        }
        Choice choice = incoming.priced().quotes().stream()
            .flatMap(quote -> open.stream().filter(each -> each.escrow().mint().equals(quote.mint().mint()) && each.spendable() >= quote.ceiling()).map(each -> new Choice(quote, each)))
            .findFirst().orElseThrow(() -> insufficient(incoming, open, terms, buyUrl));
        EscrowState escrow = choice.funds.escrow();
        Hold hold = hold(incoming, escrow.payer());
        return holding(hold, () -> {
            Hash nonce = Hash.random(random);
            long ceiling = choice.quote.ceiling();
            var accepted = new Offers.Accepted(offers.escrow(choice.quote), choice.quote);
            PaymentRecord.ByVoucher record;
            try {
                record = jobs.spend(new JobStore.Spending(escrow.address(), escrow.mint(), nonce, ceiling, incoming.request(), earliestEnd,
                    cumulative -> EscrowPayload.sign(new Voucher(escrow.address(), cumulative, 0), nonce, incoming.requestHash(), key.session())));
            } catch (PaymentException e) {
                // Others have spent it in the meantime, or its payer takes it out.
                throw insufficient(incoming, balances.ofSessionKey(key.publicKey(), MOST_ACCOUNTS).stream().filter(each -> each.open(earliestEnd)).toList(), terms, buyUrl);
            }
            return new Admission.Paid(record.jobId(), order(incoming, accepted, record), hold, reserved(record.jobId(), escrow, accepted), 2, false);
        });
    }

    private static ApiException insufficient(Incoming incoming, List<EscrowFunds> open, CreditTerms terms, String buyUrl) {
        PublicKey dollars = terms.mint().mint();
        long left = open.stream().filter(each -> each.escrow().mint().equals(dollars)).mapToLong(EscrowFunds::spendable).max().orElse(0);
        long running = open.stream().filter(each -> each.escrow().mint().equals(dollars)).mapToLong(each -> each.balance().reserved()).sum();
        String held = running == 0 ? "" : " (and " + terms.credits(running) + " are reserved for requests under way)";
        Optional<Quote> quote = incoming.priced().quotes().stream().filter(each -> each.mint().mint().equals(dollars)).findFirst();
        String need = quote.map(each -> "this request may cost up to " + terms.credits(each.ceiling()) + " credits").orElse("this request is not sold for credits");
        ApiException refused = ApiException.quota("You have " + terms.credits(left) + " credits left" + held + "; " + need
            + ". Buy more at " + buyUrl + ", or ask for fewer tokens (max_tokens); nothing was charged").with("balance", terms.credits(left)).with("buy", buyUrl);
        return quote.map(each -> refused.with("needed", terms.credits(each.ceiling()))).orElse(refused);
    }

    private static EscrowPayload decode(PaymentPayload paid) {
        try {
            return EscrowPayload.decode(Json.bytes(paid.payload()));
        } catch (ProtocolException e) {
            throw new PaymentException(e.code(), e.getMessage());
        }
    }

    private static ApiException nonceUsed(PaymentRecord.ByVoucher record, Incoming incoming, Job job) {
        boolean same = job.state() == JobState.EXECUTED && job.requestHash().filter(incoming.requestHash()::equals).isPresent();
        return same ? conflict("already_served", "this request was served with this nonce; replies are not kept", record)
            : conflict(EscrowRules.NONCE, "this nonce was used before, its job is " + job.state().wireName() + "; take a new one", record);
    }

    private SettlementResponse reserved(Hash job, EscrowState escrow, Offers.Accepted accepted) {
        long used = balances.balance(escrow.address()).map(EscrowBalance::used).orElse(0L);
        ObjectNode extra = JsonNodeFactory.instance.objectNode().put("job", job.hex()).put("escrow", escrow.address().toBase58())
            .put("ceiling", Long.toString(accepted.quote().ceiling())).put("used", Long.toString(used));
        return SettlementResponse.paid(escrow.payer(), "", network.caip2(), extra);
    }
}
