package network.nyxos.gateway.web;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.gateway.checkout.Admission;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.Incoming;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.ChatRequestReader;
import network.nyxos.gateway.openai.Replies;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentError;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.payment.PaymentPayload;
import network.nyxos.gateway.payment.SettlementResponse;

/// `POST /v1/chat/completions` and `/v1/completions`: read, priced, paid, served.
final class ChatRoute {
    private static final String PRIVATE = "private, no-store";

    private final ChatRequestReader reader = new ChatRequestReader();
    private final Catalogue catalogue;
    private final Checkout checkout;
    private final BearerPayment bearers;
    private final Serving serving;
    private final Answers answers;
    private final Neighbours neighbours;
    private final Origin origin;
    private final MeterRegistry meters;

    ChatRoute(Catalogue catalogue, Checkout checkout, BearerPayment bearers, Serving serving, Answers answers, Neighbours neighbours, Origin origin, MeterRegistry meters) {
        this.catalogue = catalogue;
        this.checkout = checkout;
        this.bearers = bearers;
        this.serving = serving;
        this.answers = answers;
        this.neighbours = neighbours;
        this.origin = origin;
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
        Optional<Admission> byKey = payment.isEmpty() ? bearers.admit(request, incoming) : Optional.empty();
        switch (byKey.orElseGet(() -> checkout.admit(incoming, payment))) {
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
        if (answers.has(job.id()) || !neighbours.handOn(job.runner(), request, body, response)) {
            answers.again(again).send(response);
        }
    }

    private void serve(ServerResponse response, Admission.Paid paid, String resource, Replies.Form form) {
        // An answer that is not the reply says as well that it was paid for.
        paymentResponse(response, paid.response(), paid.version());
        response.header(HeaderNames.CACHE_CONTROL, PRIVATE);
        if (paid.order().request().stream()) {
            serving.stream(paid, resource, form, response);
            return;
        }
        Serving.Done done = serving.whole(paid, resource, form);
        paymentResponse(response, done.settlement(), paid.version());
        done.routing().header().ifPresent(why -> response.header(Http.ROUTING, why));
        Http.json(response, 200, done.reply());
    }
}
