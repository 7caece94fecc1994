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
import network.nyxos.gateway.openai.EmbeddingRequestReader;
import network.nyxos.gateway.openai.InferenceRequest;
import network.nyxos.gateway.openai.ServiceRequest;
import network.nyxos.gateway.payment.PaymentPayload;

/// `POST /v1/chat/completions`, `/v1/completions`, `/v1/embeddings` and `/v1/services/{name}`: read, priced, paid, served.
final class InferenceRoute {
    private static final String PRIVATE = "private, no-store";

    private final ChatRequestReader chats = new ChatRequestReader();
    private final EmbeddingRequestReader embeddings = new EmbeddingRequestReader();
    private final Catalogue catalogue;
    private final Checkout checkout;
    private final BearerPayment bearers;
    private final Serving serving;
    private final Answers answers;
    private final Neighbours neighbours;
    private final Origin origin;
    private final MeterRegistry meters;

    InferenceRoute(Catalogue catalogue, Checkout checkout, BearerPayment bearers, Serving serving, Answers answers, Neighbours neighbours, Origin origin, MeterRegistry meters) {
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
        handle(request, response, body, chats.read(body));
    }

    void completion(ServerRequest request, ServerResponse response) {
        byte[] body = Http.body(request);
        handle(request, response, body, chats.readCompletion(body));
    }

    void embeddings(ServerRequest request, ServerResponse response) {
        byte[] body = Http.body(request);
        handle(request, response, body, embeddings.read(body));
    }

    void service(ServerRequest request, ServerResponse response) {
        if (!request.query().isEmpty()) {
            throw ApiException.badRequest("unknown_parameter", "a service is told the body of a request and nothing else; leave the query out");
        }
        byte[] body = Http.body(request);
        handle(request, response, body, ServiceRequest.read(request.path().pathParameters().get("name"), body));
    }

    private void handle(ServerRequest request, ServerResponse response, byte[] body, InferenceRequest asked) {
        Timer.Sample sample = Timer.start(meters);
        String path = request.path().rawPath() + (request.query().isEmpty() ? "" : "?" + request.query().rawValue());
        Hash requestHash = RequestBinding.requestHash("POST", path, body);
        var incoming = new Incoming(asked, catalogue.price(asked), requestHash, origin.of(request) + request.path().rawPath());
        Optional<PaymentPayload> payment = Paying.payment(request);
        Optional<Admission> byKey = payment.isEmpty() ? bearers.admit(request, incoming) : Optional.empty();
        switch (byKey.orElseGet(() -> checkout.admit(incoming, payment))) {
            case Admission.Repeated again -> repeat(request, body, response, again);
            case Admission.Unpaid unpaid -> {
                Paying.challenge(response, unpaid.required(), unpaid.refused());
                sample.stop(meters.timer("nyxos.gateway.challenge", "refused", Boolean.toString(unpaid.refused().isPresent())));
            }
            case Admission.Paid paid -> {
                sample.stop(meters.timer("nyxos.gateway.admission", "payment", paid.order().payment().wireName()));
                serve(response, paid, incoming.resource());
            }
        }
    }

    /// Gives a reply again that was paid for before.
    private void repeat(ServerRequest request, byte[] body, ServerResponse response, Admission.Repeated again) {
        Job job = again.job();
        response.header(HeaderNames.CACHE_CONTROL, PRIVATE);
        if (answers.has(job.id()) || !neighbours.handOn(job.runner(), request, body, response)) {
            answers.again(again).send(response);
        }
    }

    private void serve(ServerResponse response, Admission.Paid paid, String resource) {
        // An answer that is not the reply says as well that it was paid for.
        Paying.settled(response, paid.response(), paid.version());
        response.header(HeaderNames.CACHE_CONTROL, PRIVATE);
        if (paid.order().request() instanceof ChatRequest chat && chat.stream()) {
            serving.stream(paid, chat, resource, response);
            return;
        }
        Serving.Done done = serving.whole(paid, resource);
        Paying.settled(response, done.settlement(), paid.version());
        done.routing().header().ifPresent(why -> response.header(Http.ROUTING, why));
        done.served().ifPresent(told -> Http.strangers(response, told));
        Http.json(response, 200, done.reply());
    }
}
