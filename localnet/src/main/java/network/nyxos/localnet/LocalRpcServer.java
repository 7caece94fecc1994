package network.nyxos.localnet;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.websocket.WsRouting;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A {@link LocalChain} behind Solana's JSON-RPC over HTTP and its PubSub over WebSocket.
 *
 * <p>PubSub is served twice: on a port of its own, one above the HTTP port unless another is asked for, where
 * clients look for a validator's; and on the HTTP port itself.
 */
public final class LocalRpcServer implements AutoCloseable {

    /** Bytes a request may have at most. */
    public static final int MAX_REQUEST_BYTES = 1 << 20;

    /** Up to here a request that is too large is read to its end, so that its sender gets to read the answer. */
    private static final int MAX_DRAINED_BYTES = 8 * MAX_REQUEST_BYTES;

    private static final String WS_SOCKET = "pubsub";
    private static final HeaderName ALLOW_ORIGIN = HeaderNames.create("Access-Control-Allow-Origin");
    private static final HeaderName ALLOW_METHODS = HeaderNames.create("Access-Control-Allow-Methods");
    private static final HeaderName ALLOW_HEADERS = HeaderNames.create("Access-Control-Allow-Headers");
    private static final HeaderName REQUEST_HEADERS = HeaderNames.create("Access-Control-Request-Headers");
    private static final HeaderName MAX_AGE = HeaderNames.create("Access-Control-Max-Age");

    private final WebServer server;
    private final PubSub pubSub;
    private final RpcMethods methods;
    private final String host;

    private LocalRpcServer(LocalChain chain, String host, int port, int wsPort) {
        this.host = host;
        pubSub = new PubSub(chain);
        methods = new RpcMethods(chain);
        server = WebServer.builder()
                .host(host)
                .port(port)
                .maxPayloadSize(MAX_DRAINED_BYTES)
                .shutdownGracePeriod(Duration.ZERO)
                .shutdownHook(false)
                .addRouting(http())
                .addRouting(webSocket())
                .putSocket(WS_SOCKET, socket -> socket
                        .host(host)
                        .port(wsPort)
                        .maxPayloadSize(MAX_REQUEST_BYTES)
                        .shutdownGracePeriod(Duration.ZERO)
                        .addRouting(webSocket()))
                .build();
    }

    /**
     * Serves on this machine only.
     *
     * @param port the HTTP port, PubSub on the next one; 0: any free ones
     */
    public static LocalRpcServer start(LocalChain chain, int port) {
        return start(chain, "127.0.0.1", port, port == 0 ? 0 : port + 1);
    }

    /**
     * Serves on an address.
     *
     * @param port   the HTTP port; 0: any free one
     * @param wsPort the PubSub port; 0: any free one
     * @throws ChainFailure when a port is taken
     */
    public static LocalRpcServer start(LocalChain chain, String host, int port, int wsPort) {
        LocalRpcServer server = new LocalRpcServer(chain, host, port, wsPort);
        server.server.start();
        // Helidon logs a port it cannot have and returns all the same.
        if (!server.server.isRunning()) {
            server.close();
            throw new ChainFailure("The local chain cannot serve on " + host + " ports " + port + " and " + wsPort
                    + ". Is another one running there? Choose other ports");
        }
        return server;
    }

    /** The HTTP port. */
    public int port() {
        return server.port();
    }

    /** The port that serves PubSub alone. */
    public int wsPort() {
        return server.port(WS_SOCKET);
    }

    /** Where JSON-RPC is served. */
    public URI httpUrl() {
        return URI.create("http://" + host + ":" + port());
    }

    /** Where PubSub is served. */
    public URI wsUrl() {
        return URI.create("ws://" + host + ":" + wsPort());
    }

    /** Stops serving; the chain goes on. */
    @Override
    public void close() {
        server.stop();
        pubSub.close();
    }

    private HttpRouting.Builder http() {
        return HttpRouting.builder()
                .post("/", this::post)
                .options("/", LocalRpcServer::preflight)
                .get("/health", (request, response) -> response.send("ok"));
    }

    private WsRouting.Builder webSocket() {
        return WsRouting.builder().endpoint("/", () -> new PubSubConnection(pubSub));
    }

    private void post(ServerRequest request, ServerResponse response) {
        response.header(ALLOW_ORIGIN, "*");
        byte[] body = request.content().as(byte[].class);
        if (body.length > MAX_REQUEST_BYTES) {
            response.status(Status.REQUEST_ENTITY_TOO_LARGE_413).header(HeaderNames.CONTENT_TYPE, "application/json")
                    .send(Json.write(JsonRpc.invalidRequest("a request has at most " + MAX_REQUEST_BYTES + " bytes, not " + body.length)));
            return;
        }
        JsonRpc.answer(body, methods::call).ifPresentOrElse(
                answer -> response.header(HeaderNames.CONTENT_TYPE, "application/json")
                        .send(Json.write(answer).getBytes(StandardCharsets.UTF_8)),
                () -> response.status(Status.NO_CONTENT_204).send());
    }

    private static void preflight(ServerRequest request, ServerResponse response) {
        response.header(ALLOW_ORIGIN, "*")
                .header(ALLOW_METHODS, "POST, GET, OPTIONS")
                .header(ALLOW_HEADERS, request.headers().first(REQUEST_HEADERS).orElse("Content-Type"))
                .header(MAX_AGE, "86400")
                .status(Status.NO_CONTENT_204).send();
    }
}
