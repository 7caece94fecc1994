package network.nyxos.bench.stack;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model server that speaks OpenAI's chat completions and thinks of nothing: what gateways in front of it cost is all that takes time. */
final class StubServer implements AutoCloseable {

    static final String MODEL = "stub";
    private static final String USAGE = "\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":4,\"total_tokens\":12}";
    private static final String HEAD = "\"id\":\"chatcmpl-stub\",\"created\":1,\"model\":\"" + MODEL + "\",";
    private static final byte[] WHOLE = ("{" + HEAD + "\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"word word word word \"},\"finish_reason\":\"stop\"}],"
            + USAGE + "}").getBytes(StandardCharsets.UTF_8);
    private static final byte[] STREAM = (chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null") + chunk("{\"content\":\"word \"}", "null").repeat(4) + chunk("{}", "\"stop\"")
            + "data: {" + HEAD + "\"object\":\"chat.completion.chunk\",\"choices\":[]," + USAGE + "}\n\ndata: [DONE]\n\n").getBytes(StandardCharsets.UTF_8);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    StubServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("the stub model server did not start", e);
        }
        server.createContext("/v1/chat/completions", StubServer::answer);
        server.setExecutor(threads);
        server.start();
    }

    private static String chunk(String delta, String finish) {
        return "data: {" + HEAD + "\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}]}\n\n";
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean streamed = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).replace(" ", "").contains("\"stream\":true");
            exchange.getResponseHeaders().set("content-type", streamed ? "text/event-stream" : "application/json");
            byte[] body = streamed ? STREAM : WHOLE;
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Its address. */
    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
