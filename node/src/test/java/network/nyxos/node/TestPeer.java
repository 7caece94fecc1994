package network.nyxos.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.seal.SealingPublicKey;
import software.sava.core.accounts.PublicKey;

/** A gateway or relayer for tests: a real WebSocket server that does the handshake and otherwise says what the test says. */
final class TestPeer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final Keypair key = Keypair.generate();
    final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
    final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    final AtomicInteger connections = new AtomicInteger();
    private final WebServer server;
    private volatile WsSession session;
    private volatile boolean mute;
    private volatile boolean drop;
    private volatile PublicKey announced = key.publicKey();
    private Hash nonce = Hash.ZERO;

    TestPeer() {
        server = WebServer.builder().host("127.0.0.1").port(0).addRouting(WsRouting.builder().endpoint("/v1/node", Listener::new)).build().start();
    }

    private final class Listener implements WsListener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void onOpen(WsSession opened) {
            connections.incrementAndGet();
            nonce = Hash.sha256(HexFormat.of().parseHex("%08x".formatted(System.identityHashCode(opened))));
            opened.send(JSON.createObjectNode().put("type", "challenge").put("nonce", nonce.hex()).put("peer", announced.toBase58())
                    .put("version", 1).toString(), true);
        }

        @Override
        public void onMessage(WsSession from, String part, boolean last) {
            text.append(part);
            if (!last) {
                return;
            }
            JsonNode frame = read(text.toString());
            text.setLength(0);
            if (frame.path("type").asText().equals("hello")) {
                PublicKey node = PublicKey.fromBase58Encoded(frame.path("node").asText());
                PublicKey receipt = PublicKey.fromBase58Encoded(frame.path("receiptKey").asText());
                PublicKey sealing = frame.has("sealing") ? sealing(frame).id() : PublicKey.NONE;
                Hash digest = Digests.hello(nonce, key.publicKey(), node, receipt, sealing);
                boolean signed = Ed25519.fastest().verify(node, digest.bytes(), Signature.fromBase64(frame.path("signature").asText()));
                session = from;
                from.send(signed ? "{\"type\":\"welcome\"}" : "{\"type\":\"refused\",\"code\":\"hello_signature\",\"message\":\"\"}", true);
            }
            frames.add(frame);
        }

        @Override
        public void onPing(WsSession from, BufferData payload) {
            if (drop) {
                drop = false;
                from.terminate();
            }
            if (!mute) {
                from.pong(payload);
            }
        }

        @Override
        public void onClose(WsSession from, int status, String reason) {
            ends.add("closed " + status);
        }

        @Override
        public void onError(WsSession from, Throwable error) {
            ends.add("error");
        }
    }

    /** The sealing key of a hello. */
    static SealingPublicKey sealing(JsonNode hello) {
        return SealingPublicKey.of(hello.path("sealing").path("suite").asText(), Base64.getDecoder().decode(hello.path("sealing").path("key").asText()));
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI uri() {
        return URI.create("ws://127.0.0.1:" + server.port() + "/v1/node");
    }

    void send(ObjectNode frame) {
        session.send(frame.toString(), true);
    }

    /** Stops answering pings. */
    void goSilent() {
        mute = true;
    }

    /** Names another key in its challenge. */
    void impersonate(PublicKey other) {
        announced = other;
    }

    /** Cuts the connection without a word, at the next ping. */
    void drop() {
        drop = true;
    }

    /** The next frame, which must be of this type. */
    JsonNode next(String type) throws InterruptedException {
        JsonNode frame = frames.poll(30, TimeUnit.SECONDS);
        assertThat(frame).as("a frame %s", type).isNotNull();
        assertThat(frame.path("type").asText()).as("type of %s", frame).isEqualTo(type);
        return frame;
    }

    /** The next frame of a type; what comes before it is overlooked: a node may offer a receipt more than once. */
    JsonNode until(String type) throws InterruptedException {
        JsonNode frame = frames.poll(30, TimeUnit.SECONDS);
        while (frame != null && !frame.path("type").asText().equals(type)) {
            frame = frames.poll(30, TimeUnit.SECONDS);
        }
        assertThat(frame).as("a frame %s", type).isNotNull();
        return frame;
    }

    @Override
    public void close() {
        server.stop();
    }
}
