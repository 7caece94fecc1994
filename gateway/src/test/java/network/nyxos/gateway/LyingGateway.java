package network.nyxos.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/// A gateway that shows its nodes as it likes, and counts what is posted to it.
final class LyingGateway implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger posted = new AtomicInteger();

    private LyingGateway(HttpServer server) {
        this.server = server;
    }

    /// @param nodes what `GET /v1/nodes` answers
    static LyingGateway showing(String nodes) throws IOException {
        var gateway = new LyingGateway(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        gateway.server.createContext("/v1/nodes", exchange -> answer(exchange, 200, nodes));
        gateway.server.createContext("/", exchange -> {
            gateway.posted.incrementAndGet();
            answer(exchange, 404, "{}");
        });
        gateway.server.start();
        return gateway;
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        try (exchange) {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    int posted() {
        return posted.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
