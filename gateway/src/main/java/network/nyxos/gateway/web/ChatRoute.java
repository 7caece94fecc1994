package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.Hold;
import network.nyxos.gateway.checkout.Incoming;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.job.JobLostException;
import network.nyxos.gateway.job.JobResult;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.job.JobState;
import network.nyxos.gateway.job.ReplySink;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.ChatRequestReader;
import network.nyxos.gateway.openai.Replies;
import network.nyxos.gateway.openai.Served;
import network.nyxos.gateway.openai.Usage;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.SettlementResponse;
import network.nyxos.gateway.route.Routing;
import network.nyxos.gateway.store.JobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// `POST /v1/chat/completions` and `/v1/completions`: read, priced, paid, served.
final class ChatRoute {
    private static final Logger LOG = LoggerFactory.getLogger(ChatRoute.class);
    private static final String PRIVATE = "private, no-store";
    // Short of what proxies and clients wait for an answer.
    private static final Duration REPEAT_PATIENCE = Duration.ofSeconds(25);

    private final ChatRequestReader reader = new ChatRequestReader();
    private final Catalogue catalogue;
    private final Checkout checkout;
    private final JobRunner runner;
    private final JobStore jobs;
    private final Answers answers;
    private final Neighbours neighbours;
    private final Origin origin;
    private final OfferReceipt signed;
    private final InstantSource clock;
    private final MeterRegistry meters;

    ChatRoute(Catalogue catalogue, Checkout checkout, JobRunner runner, JobStore jobs, Answers answers, Neighbours neighbours, Origin origin,
              OfferReceipt signed, InstantSource clock, MeterRegistry meters) {
        this.catalogue = catalogue;
        this.checkout = checkout;
        this.runner = runner;
        this.jobs = jobs;
        this.answers = answers;
        this.neighbours = neighbours;
        this.origin = origin;
        this.signed = signed;
        this.clock = clock;
        this.meters = meters;
    }

    void chat(ServerRequest request, ServerResponse response) {
        byte[] body = Http.body(request);
        handle(request, response, body, reader.read(body), Replies.Form.CHAT);
    }

    void completion(ServerRequest request, ServerResponse response) {
        byte[] body = Http.body(request);
        handle(request, response, body, reader.readCompletion(body), Replies.Form.TEXT);
    }

    private void handle(ServerRequest request, ServerResponse response, byte[] body, ChatRequest chat, Replies.Form form) {
        Timer.Sample sample = Timer.start(meters);
        String path = request.path().rawPath() + (request.query().isEmpty() ? "" : "?" + request.query().rawValue());
        Hash requestHash = RequestBinding.requestHash("POST", path, body);
        var incoming = new Incoming(chat, catalogue.price(chat), requestHash, origin.of(request) + request.path().rawPath());
        Optional<PaymentPayload> payment = payment(request);
        switch (checkout.admit(incoming, payment)) {
            case Admission.Repeated again -> repeat(request, body, response, again);
            case Admission.Unpaid unpaid -> {
                challenge(response, unpaid);
                sample.stop(meters.timer("nyxos.gateway.challenge", "refused", Boolean.toString(unpaid.refused().isPresent())));
            }
            case Admission.Paid paid -> {
                sample.stop(meters.timer("nyxos.gateway.admission", "payment", paid.order().payment().wireName()));
                serve(response, paid, incoming.resource(), form);
            }
        }
    }

    private static Optional<PaymentPayload> payment(ServerRequest request) {
        Optional<String> v2 = Http.once(request, Http.PAYMENT_SIGNATURE);
        Optional<String> v1 = Http.once(request, Http.X_PAYMENT);
        if (v1.isPresent() && v2.isPresent()) {
            throw ApiException.badRequest("duplicate_header", "PAYMENT-SIGNATURE and X-PAYMENT were both sent; send one payment");
        }
        if (v1.isEmpty() && v2.isEmpty()) {
            return Optional.empty();
        }
        try {
            PaymentPayload payload = PaymentPayload.read(Json.header(v2.or(() -> v1).orElseThrow()));
            if (payload.x402Version() != (v2.isPresent() ? 2 : 1)) {
                throw new PaymentException(PaymentError.INVALID_VERSION, "version 2 is sent in PAYMENT-SIGNATURE, version 1 in X-PAYMENT");
            }
            return Optional.of(payload);
        } catch (PaymentException e) {
            throw ApiException.badRequest(e.code(), e.getMessage() + "; nothing was charged");
        }
    }

    private static void challenge(ServerResponse response, Admission.Unpaid unpaid) {
        response.header(Http.PAYMENT_REQUIRED, unpaid.required().header()).header(HeaderNames.CACHE_CONTROL, "no-store");
        unpaid.refused().ifPresent(refusal -> paymentResponse(response, refusal.response(), refusal.version()));
        Http.json(response, 402, unpaid.required().body());
    }

    private static void paymentResponse(ServerResponse response, SettlementResponse settlement, int version) {
        response.header(HeaderNames.create(SettlementResponse.header(version)), Json.toHeader(settlement.toJson()));
    }

    /// Gives a reply again that was paid for before.
    private void repeat(ServerRequest request, byte[] body, ServerResponse response, Admission.Repeated again) {
        Job job = again.job();
        response.header(HeaderNames.CACHE_CONTROL, PRIVATE);
        if (!answers.has(job.id())) {
            Optional<URI> neighbour = neighbours.reach(job.runner(), request);
            if (neighbour.isPresent()) {
                neighbours.handOn(neighbour.get(), request, body, response);
                return;
            }
        }
        Answers.Whole whole = answers.await(job.id(), REPEAT_PATIENCE).orElseThrow(() -> gone(again));
        whole.send(response);
    }

    private static ApiException gone(Admission.Repeated again) {
        Job job = again.job();
        if (job.state() == JobState.RUNNING) {
            return ApiException.unavailable("request_in_progress", "this request is being served; send it again, it is charged once", 1).with("job", job.id().hex());
        }
        return ApiException.refused(410, "reply_gone", "this request was served and is not charged again, but replies are held for a short while and in memory only;"
            + " its charge and receipt are at /v1/jobs/" + job.id().hex()).with("job", job.id().hex())
            .withHeader(SettlementResponse.header(2), Json.toHeader(again.response().toJson()));
    }

    private void serve(ServerResponse response, Admission.Paid paid, String resource, Replies.Form form) {
        ChatRequest chat = paid.order().request();
        var replies = new Replies(form, paid.job().hex(), chat.model(), clock.millis() / 1_000, chat.includeUsage());
        paymentResponse(response, paid.response(), paid.version());
        response.header(HeaderNames.CACHE_CONTROL, PRIVATE);
        Optional<Answers.Answer> kept = paid.named() ? Optional.of(answers.begin(paid.job())) : Optional.empty();
        var routing = new Routing();
        try {
            if (chat.stream()) {
                stream(paid, resource, replies, routing, new StreamReply(response, replies, routing, kept.map(answer -> new StreamReply.Kept(answer, Json.toHeader(paid.response().toJson())))));
            } else {
                whole(response, paid, resource, replies, routing, kept);
            }
        } catch (JobLostException e) {
            LOG.error("{}", e.getMessage());
            throw ApiException.failed(500, "job_lost", "the job was taken from this gateway; what was paid goes back").with("job", paid.job().hex());
        } finally {
            kept.ifPresent(Answers.Answer::close);
            jobs.served(paid.job());
        }
    }

    private void whole(ServerResponse response, Admission.Paid paid, String resource, Replies replies, Routing routing, Optional<Answers.Answer> kept) {
        var text = new WholeReply();
        switch (run(paid, text, routing)) {
            case JobResult.Served served -> {
                count("served");
                Receipt receipt = served.receipt().receipt();
                Served told = told(paid, served, resource, routing);
                byte[] reply = replies.whole(text.toString(), receipt.finish(), usage(receipt), told);
                SettlementResponse settlement = paid.response().with(OfferReceipt.KEY, OfferReceipt.inSettlement(told.paid()));
                paymentResponse(response, settlement, paid.version());
                routing.header().ifPresent(why -> response.header(Http.ROUTING, why));
                kept.ifPresent(answer -> {
                    answer.write(reply);
                    answer.done(Http.JSON, Json.toHeader(settlement.toJson()));
                });
                Http.json(response, 200, reply);
            }
            case JobResult.Failed failed -> throw failure(paid, failed);
        }
    }

    /// Runs a job. What it held is free again before its client learns that it is over, and may send the next.
    private JobResult run(Admission.Paid paid, ReplySink sink, Routing routing) {
        try (Hold held = paid.hold()) {
            return runner.run(paid.job(), paid.order(), held.place(), sink, routing);
        }
    }

    private void stream(Admission.Paid paid, String resource, Replies replies, Routing routing, StreamReply out) {
        try {
            switch (run(paid, out, routing)) {
                case JobResult.Served served -> {
                    count("served");
                    Receipt receipt = served.receipt().receipt();
                    out.end(replies.ending(receipt.finish(), usage(receipt), told(paid, served, resource, routing)));
                }
                case JobResult.Failed failed -> {
                    ApiException failure = failure(paid, failed);
                    if (!out.begun()) {
                        throw failure;
                    }
                    out.fail(Replies.failure(failure));
                }
            }
        } catch (JobLostException e) {
            if (!out.begun()) {
                throw e;
            }
            LOG.error("{}", e.getMessage());
            out.fail(Replies.failure(ApiException.failed(500, "job_lost", "the job was taken from this gateway; what was paid goes back").with("job", paid.job().hex())));
        }
    }

    private void count(String outcome) {
        meters.counter("nyxos.gateway.jobs", "outcome", outcome).increment();
    }

    private static Usage usage(Receipt receipt) {
        return new Usage(receipt.tokensIn(), receipt.tokensOut());
    }

    private Served told(Admission.Paid paid, JobResult.Served served, String resource, Routing routing) {
        ObjectNode receipt = signed.receipt(resource, paid.response().payer().map(PublicKey::toBase58).orElse(""), paid.response().transaction());
        return new Served(paid.job(), paid.order().request().tier(), paid.order().mint(), served.receipt().receipt().charge(), served.receipt(), served.used(), routing, receipt);
    }

    private ApiException failure(Admission.Paid paid, JobResult.Failed failed) {
        count("failed");
        String money = switch (paid.order().payment()) {
            case EXACT -> "; the payment goes back to the payer";
            case VOUCHER -> "; nothing was charged";
        };
        ApiException failure = failed.clientsFault() ? ApiException.badRequest(failed.code(), failed.message() + money)
            : ApiException.failed(502, failed.code(), failed.message() + money);
        return failure.with("job", paid.job().hex());
    }
}
