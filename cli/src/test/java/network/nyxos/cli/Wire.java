package network.nyxos.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import network.nyxos.escrow.transaction.WireTransaction;

/** A bad line to an RPC node: it passes questions on, and loses transactions as it is told to. */
final class Wire implements AutoCloseable {

    private final URI node;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final AtomicInteger sent = new AtomicInteger();
    private final IntPredicate lost;
    private final IntPredicate down;
    private final Runnable whenLost;

    /**
     * @param lost     whether a transaction is answered for and never passed on, by its number from 1
     * @param down     whether the node answers nothing at all any more, once it has been sent so many
     * @param whenLost what happens then
     */
    Wire(URI node, IntPredicate lost, IntPredicate down, Runnable whenLost) {
        this.node = node;
        this.lost = lost;
        this.down = down;
        this.whenLost = whenLost;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Transactions that were sent, however often each. */
    int sent() {
        return sent.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] question = exchange.getRequestBody().readAllBytes();
        String text = new String(question, StandardCharsets.UTF_8);
        boolean sends = text.contains("\"sendTransaction\"");
        int number = sends ? sent.incrementAndGet() : sent.get();
        if (down.test(number)) {
            reply(exchange, 503, new byte[0]);
        } else if (sends && lost.test(number)) {
            whenLost.run();
            reply(exchange, 200, ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"" + signature(text) + "\"}").getBytes(StandardCharsets.UTF_8));
        } else {
            try {
                HttpResponse<byte[]> answer = http.send(HttpRequest.newBuilder(node).header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(question)).build(), HttpResponse.BodyHandlers.ofByteArray());
                reply(exchange, answer.statusCode(), answer.body());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String signature(String question) {
        String start = question.substring(question.indexOf("[\"") + 2);
        return WireTransaction.decode(java.util.Base64.getDecoder().decode(start.substring(0, start.indexOf('"')))).signatures().getFirst().toString();
    }

    private static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        http.close();
    }
}
