package network.nyxos.bench.stack;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import network.nyxos.bench.measure.Repository;
import network.nyxos.bench.measure.TemporaryFolder;
import network.nyxos.npm.NpmPackage;
import network.nyxos.npm.PythonPackages;

/** Other people's software of the same kind, as a process of its own in front of a model server; installed from its registry at the first run. */
final class Peer implements AutoCloseable {

    /** What LiteLLM is given as a key, and asks its clients for. */
    static final String LITELLM_KEY = "sk-bench-only";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int LAST_WORDS = 800;

    private final TemporaryFolder folder;
    private final Process process;
    private final URI url;

    private Peer(TemporaryFolder folder, Process process, URI url) {
        this.folder = folder;
        this.process = process;
        this.url = url;
    }

    /**
     * A seller made with the reference middleware {@code @x402/express}.
     *
     * @param environment what {@code bench/peers/seller.mjs} asks for
     */
    static Peer express(Map<String, String> environment) throws IOException {
        Path sources = Repository.folder("bench/peers");
        Path modules = NpmPackage.install(sources);
        var folder = new TemporaryFolder("nyxos-bench-seller");
        Files.createSymbolicLink(folder.path().resolve("node_modules"), modules);
        for (String file : List.of("seller.mjs", "package.json")) {
            Files.copy(sources.resolve(file), folder.path().resolve(file));
        }
        ProcessBuilder builder = new ProcessBuilder("node", "seller.mjs").directory(folder.path().toFile()).redirectError(log(folder).toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        // Not closed: the process would have nowhere to say anything any more.
        String ready = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
        var peer = new Peer(folder, process, URI.create("http://127.0.0.1:" + (ready == null ? 0 : new ObjectMapper().readTree(ready).path("port").asInt())));
        if (ready == null) {
            throw peer.failed("the seller of @x402/express");
        }
        return peer;
    }

    /** LiteLLM's proxy with one worker, for one model of one server. */
    static Peer litellm(URI modelServer, String model, HttpCalls http) throws IOException {
        Path packages = PythonPackages.install(Repository.folder("bench/peers").resolve("requirements.txt"));
        var folder = new TemporaryFolder("nyxos-bench-litellm");
        Path configuration = Files.writeString(folder.path().resolve("config.yaml"), """
                model_list:
                  - model_name: %1$s
                    litellm_params: {model: openai/%1$s, api_base: "%2$s/v1", api_key: unused}
                general_settings: {master_key: %3$s}
                litellm_settings: {telemetry: false}
                """.formatted(model, modelServer, LITELLM_KEY));
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder("python3", "-c", "from litellm import run_server; run_server()", "--config", configuration.toString(), "--host", "127.0.0.1", "--port",
                Integer.toString(port), "--num_workers", "1").directory(folder.path().toFile()).redirectErrorStream(true).redirectOutput(log(folder).toFile());
        // Its price list comes with the package; without this it would ask the internet for a newer one.
        builder.environment().putAll(Map.of("PYTHONPATH", packages.toString(), "LITELLM_LOCAL_MODEL_COST_MAP", "True", "LITELLM_LOG", "ERROR"));
        var peer = new Peer(folder, builder.start(), URI.create("http://127.0.0.1:" + port));
        HttpRequest alive = HttpCalls.get(peer.url.resolve("/health/liveliness"));
        try {
            Waiting.until("LiteLLM to start", PATIENCE, () -> !peer.process.isAlive() || answers(alive, http));
        } catch (IllegalStateException e) {
            throw peer.failed("LiteLLM");
        }
        if (!peer.process.isAlive()) {
            throw peer.failed("LiteLLM");
        }
        return peer;
    }

    private static boolean answers(HttpRequest alive, HttpCalls http) {
        try {
            return http.status(alive) == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static Path log(TemporaryFolder folder) {
        return folder.path().resolve("log");
    }

    private IllegalStateException failed(String name) throws IOException {
        String log = Files.readString(log(folder));
        close();
        return new IllegalStateException(name + " did not start: " + log.substring(Math.max(0, log.length() - LAST_WORDS)));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Its address. */
    URI url() {
        return url;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        folder.close();
    }
}
