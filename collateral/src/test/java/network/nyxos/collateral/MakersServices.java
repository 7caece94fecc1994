package network.nyxos.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Intel's and AMD's services on this machine, in the makers' form, with whatever they are given to say. */
final class MakersServices implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * An answer.
     *
     * @param headers names and values, one after the other
     */
    record Answer(int status, byte[] body, List<String> headers) {
    }

    private final HttpServer server;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile int failing;

    MakersServices() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        asked.add(path);
        Answer answer = failing != 0 ? new Answer(failing, new byte[0], List.of()) : answers.getOrDefault(path, new Answer(404, new byte[0], List.of()));
        for (int i = 0; i < answer.headers().size(); i += 2) {
            exchange.getResponseHeaders().add(answer.headers().get(i), answer.headers().get(i + 1));
        }
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
        exchange.close();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What was asked since the last time. */
    List<String> asked() {
        List<String> since = List.copyOf(asked);
        asked.clear();
        return since;
    }

    /** Answers everything with this status; 0: as it should. */
    void failWith(int status) {
        failing = status;
    }

    /** Says this at a path. */
    void says(String path, Answer answer) {
        answers.put(path, answer);
    }

    void says(String path, byte[] body, String... headers) {
        says(path, new Answer(200, body, List.of(headers)));
    }

    /** Says Intel's collateral as {@code Collateral} writes it, in Intel's form. */
    void sayIntel(String fmspc, String authority, String collateral) {
        JsonNode parts = json(collateral);
        says("/tdx/certification/v4/tcb?fmspc=" + fmspc, signed("tcbInfo", parts.path("tcb_info"), parts.path("tcb_info_signature")), "TCB-Info-Issuer-Chain",
                percentEncoded(parts.path("tcb_info_issuer_chain").asText()));
        says("/tdx/certification/v4/qe/identity", signed("enclaveIdentity", parts.path("qe_identity"), parts.path("qe_identity_signature")), "SGX-Enclave-Identity-Issuer-Chain",
                percentEncoded(parts.path("qe_identity_issuer_chain").asText()));
        says("/sgx/certification/v4/pckcrl?ca=" + authority + "&encoding=der", java.util.HexFormat.of().parseHex(parts.path("pck_crl").asText()));
        // A PCCS writes this one in hexadecimal.
        says("/sgx/certification/v4/rootcacrl", parts.path("root_ca_crl").asText().getBytes(StandardCharsets.US_ASCII));
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] signed(String member, JsonNode text, JsonNode signature) {
        return ("{\"" + member + "\":" + text.asText() + ",\"signature\":\"" + signature.asText() + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    /** As Intel does: line breaks and blanks, but a plus of base64 only now and then. */
    private static String percentEncoded(String pem) {
        return pem.replace("%", "%25").replace("\n", "%0A").replace(" ", "%20").replaceFirst("\\+", "%2B");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
