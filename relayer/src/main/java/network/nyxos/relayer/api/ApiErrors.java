package network.nyxos.relayer.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.RpcException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.relayer.job.Reason;
import network.nyxos.relayer.wire.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Errors as clients see them: `{"error":{"message","type","code","param"}}`, never a stack trace.
public final class ApiErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ApiErrors.class);

    private ApiErrors() {
    }

    /// Turns what handlers throw into answers.
    public static void handle(HttpRouting.Builder routing) {
        routing.error(ProtocolException.class, (request, response, e) -> send(response, Status.BAD_REQUEST_400, "invalid_request_error",
            new Reason(e.code(), e.getMessage())));
        routing.error(DatabaseException.class, (request, response, e) -> {
            LOG.warn("{} {}: {}: {}", request.prologue().method(), request.path().path(), e.code(), e.getMessage());
            send(response, Status.SERVICE_UNAVAILABLE_503, "server_error", new Reason(e.code(), "the relayer's database is not available; try again"));
        });
        routing.error(RpcException.class, (request, response, e) -> {
            LOG.warn("{} {}: {}: {}", request.prologue().method(), request.path().path(), e.code(), e.getMessage());
            send(response, Status.SERVICE_UNAVAILABLE_503, "server_error", new Reason(e.code(), "the chain cannot be asked now; try again"));
        });
        routing.error(RuntimeException.class, (request, response, e) -> {
            LOG.error("{} {}", request.prologue().method(), request.path().path(), e);
            send(response, Status.INTERNAL_SERVER_ERROR_500, "server_error", new Reason("internal", "something went wrong here; nothing was changed"));
        });
    }

    /// Answers with an error.
    public static void send(ServerResponse response, Status status, String type, Reason reason) {
        var json = Fields.object();
        json.putObject("error").put("message", reason.message()).put("type", type).put("code", reason.code()).putNull("param");
        response.status(status).header(HeaderNames.CONTENT_TYPE, "application/json").send(json.toString());
    }
}
