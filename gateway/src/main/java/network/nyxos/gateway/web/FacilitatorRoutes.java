package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.Function;
import network.nyxos.gateway.facilitator.Facilitator;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentException;

/// `/facilitator`: a refusal is an answer with status 200, as x402 has it; 400 is for bodies that are no question.
final class FacilitatorRoutes {
    private static final HeaderName EXTENSION_RESPONSES = HeaderNames.create("EXTENSION-RESPONSES");

    private final Facilitator facilitator;

    FacilitatorRoutes(Facilitator facilitator) {
        this.facilitator = facilitator;
    }

    void supported(ServerRequest request, ServerResponse response) {
        Http.json(response, 200, Json.bytes(facilitator.supported()));
    }

    void verify(ServerRequest request, ServerResponse response) {
        answer(request, response, facilitator::verify);
    }

    void settle(ServerRequest request, ServerResponse response) {
        answer(request, response, body -> {
            Facilitator.Settled settled = facilitator.settle(body);
            settled.sideChannel().ifPresent(said -> response.header(EXTENSION_RESPONSES, Json.toHeader(said)));
            return settled.body();
        });
    }

    private static void answer(ServerRequest request, ServerResponse response, Function<JsonNode, ObjectNode> work) {
        try {
            Http.json(response, 200, Json.bytes(work.apply(Json.object(Http.body(request)))));
        } catch (PaymentException e) {
            throw ApiException.badRequest(e.code(), e.getMessage());
        }
    }
}
