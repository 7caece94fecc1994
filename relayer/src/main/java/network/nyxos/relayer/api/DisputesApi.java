package network.nyxos.relayer.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.dispute.Dispute;
import network.nyxos.relayer.dispute.DisputeStore;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.DisputeJson;
import network.nyxos.relayer.wire.Fields;

/// Disputes: all of them as they stand, and the papers of those on which somebody was slashed.
public final class DisputesApi {
    private final DisputeStore store;

    /// @param store is read
    public DisputesApi(DisputeStore store) {
        this.store = store;
    }

    /// Adds the routes.
    public void route(HttpRouting.Builder routing) {
        routing.get("/v1/disputes", this::page).get("/v1/disputes/{evidence}", this::one);
    }

    private void page(ServerRequest request, ServerResponse response) {
        Optional<Hash> after = request.query().first("after").asOptional().map(Hash::fromHex);
        int limit = request.query().first("limit").asOptional().map(JobsApi::limit).orElse(JobsApi.DEFAULT_PAGE);
        List<Dispute> page = store.page(after, limit);
        ObjectNode answer = Fields.object();
        ArrayNode list = answer.putArray("disputes");
        page.forEach(dispute -> list.add(standing(dispute)));
        if (page.size() == limit) {
            answer.put("after", page.getLast().papers().hash().hex());
        }
        JobsApi.json(response, answer);
    }

    private void one(ServerRequest request, ServerResponse response) {
        Hash evidence = Hash.fromHex(request.path().pathParameters().get("evidence"));
        Optional<Dispute> found = store.find(evidence);
        if (found.isEmpty()) {
            ApiErrors.send(response, Status.NOT_FOUND_404, "invalid_request_error", new Reason("dispute_unknown", "there is no dispute " + evidence));
            return;
        }
        ObjectNode answer = standing(found.get());
        if (found.get().convicted()) {
            answer.set("papers", DisputeJson.write(found.get().papers()));
        }
        JobsApi.json(response, answer);
    }

    private static ObjectNode standing(Dispute dispute) {
        ObjectNode json = Fields.object().put("evidence", dispute.papers().hash().hex()).put("job", dispute.papers().job().hex())
            .put("node", dispute.papers().node().toBase58()).put("replayer", dispute.papers().replay().node().toBase58());
        ArrayNode parts = json.putArray("parts");
        dispute.cases().forEach(part -> {
            ObjectNode told = parts.addObject().put("accused", part.accused().toBase58()).put("state", part.state().wireName()).put("code", part.reason().code())
                .put("reason", part.reason().message());
            part.slash().ifPresent(slash -> DisputeJson.slash(told, slash));
            part.transaction().ifPresent(transaction -> told.put("transaction", transaction));
        });
        return json;
    }
}
