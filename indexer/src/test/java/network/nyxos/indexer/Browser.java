package network.nyxos.indexer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A headless Chromium of a test's own, driven over its debugging protocol.
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private int calls;
    /// What went wrong in the page: exceptions and messages on its console.
    final List<String> complaints = new CopyOnWriteArrayList<>();

    static Optional<Path> installed() {
        return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
            .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(folder -> Path.of(folder, name))).filter(Files::isExecutable).findFirst();
    }

    Browser(Path home) throws IOException, InterruptedException {
        process = new ProcessBuilder(installed().orElseThrow().toString(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars", "--user-data-dir=" + home, "--remote-debugging-port=0",
            "about:blank").redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        var errors = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        String line;
        do {
            line = errors.readLine();
            if (line == null) {
                throw new IOException("the browser ended before it listened");
            }
        } while (!line.startsWith("DevTools listening on "));
        Thread.ofVirtual().start(() -> errors.lines().forEach(_ -> { }));
        int port = URI.create(line.substring("DevTools listening on ".length())).getPort();
        HttpClient http = HttpClient.newHttpClient();
        JsonNode targets = JSON.readTree(http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build(), BodyHandlers.ofString()).body());
        String page = targets.findValuesAsText("webSocketDebuggerUrl").getFirst();
        socket = http.newWebSocketBuilder().buildAsync(URI.create(page), new Listener()).join();
        call("Runtime.enable", JSON.createObjectNode());
        call("Log.enable", JSON.createObjectNode());
        call("Page.enable", JSON.createObjectNode());
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    take(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    complaints.add("unreadable message: " + e);
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void take(JsonNode message) {
        if (message.has("id")) {
            waiting.remove(message.get("id").intValue()).complete(message);
        } else if (List.of("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled").contains(message.path("method").asText())) {
            complaints.add(message.path("params").toString());
        }
    }

    private JsonNode call(String method, ObjectNode parameters) {
        int id = ++calls;
        var answer = new CompletableFuture<JsonNode>();
        waiting.put(id, answer);
        socket.sendText(JSON.createObjectNode().put("id", id).put("method", method).<ObjectNode>set("params", parameters).toString(), true).join();
        JsonNode message = answer.orTimeout(30, TimeUnit.SECONDS).join();
        if (message.has("error")) {
            throw new IllegalStateException(method + ": " + message.get("error"));
        }
        return message.path("result");
    }

    /// A window of this size in light or dark.
    void look(int width, int height, boolean dark) {
        call("Emulation.setDeviceMetricsOverride", JSON.createObjectNode().put("width", width).put("height", height).put("deviceScaleFactor", 1)
            .put("mobile", width < 600));
        ObjectNode media = JSON.createObjectNode();
        media.putArray("features").addObject().put("name", "prefers-color-scheme").put("value", dark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", media);
    }

    void open(String url) {
        // Another query makes it another document, where only the hash would differ.
        call("Page.navigate", JSON.createObjectNode().put("url", url));
    }

    /// The text that a reader sees.
    String text() {
        return call("Runtime.evaluate", JSON.createObjectNode().put("expression", "document.body ? document.body.innerText : ''")).path("result").path("value").asText();
    }

    /// How far the page is wider than its window, in pixels.
    int overflow() {
        return call("Runtime.evaluate", JSON.createObjectNode().put("expression", "document.documentElement.scrollWidth - window.innerWidth")).path("result").path("value")
            .asInt();
    }

    void screenshot(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(call("Page.captureScreenshot", JSON.createObjectNode().put("captureBeyondViewport", true)).path("data").asText()));
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
