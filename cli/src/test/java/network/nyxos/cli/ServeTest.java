package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.cli.attach.Attachment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A market whose services are run one by one, each from a file, as different people run them. */
class ServeTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern ANSWERS = Pattern.compile("answers at (http://[^\\s;]+)");
    private static final String MODEL = "ab".repeat(32);

    @TempDir
    private static Path folder;

    private static OpenMarket open;
    private static EmbeddedPostgres postgres;

    /** A service in this process; an interrupt is its Ctrl-C. */
    private record Running(Thread thread, StringWriter out, StringWriter err, CompletableFuture<Integer> code) implements AutoCloseable {

        static Running start(String service, Path config) {
            return start("serve", service, "--config", config.toString());
        }

        static Running start(String... words) {
            var out = new StringWriter();
            var err = new StringWriter();
            var code = new CompletableFuture<Integer>();
            Thread thread = Thread.ofPlatform().name(words[0]).start(() -> code.complete(
                    Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(words)));
            return new Running(thread, out, err, code);
        }

        Running up() {
            await().atMost(PATIENCE).until(() -> code.isDone() || out.toString().contains("Up until Ctrl-C."));
            assertThat(code.isDone()).as(out + "\n" + err).isFalse();
            return this;
        }

        URI url() {
            up();
            Matcher answers = ANSWERS.matcher(out.toString());
            assertThat(answers.find()).as(out + "\n" + err).isTrue();
            return URI.create(answers.group(1));
        }

        @Override
        public void close() {
            thread.interrupt();
            assertThat(code.orTimeout(1, TimeUnit.MINUTES).join()).as(out + "\n" + err).isZero();
        }
    }

    @BeforeAll
    static void open() throws IOException {
        open = OpenMarket.running(folder, 50);
        postgres = EmbeddedPostgres.builder().start();
        for (String name : List.of("sponsor", "operator", "agent")) {
            open.sol(name);
        }
        open.fund("agent", "usd", 1_000_000);
        open.fund("provider", "nyx", OpenMarket.BOND);
    }

    @AfterAll
    static void close() throws IOException {
        open.close();
        postgres.close();
    }

    private static Path config(String name, String text) throws IOException {
        return config(name, text, "");
    }

    private static Path config(String name, String text, String asItIs) throws IOException {
        String common = "listen = 127.0.0.1:0\nrpc = " + open.rpcUrl() + "\njdbc = " + postgres.getJdbcUrl("postgres", "postgres") + "\nmarket = " + open.market().market() + "\n";
        return Files.writeString(folder.resolve(name + ".conf"), common + open.keys().named(text) + asItIs);
    }

    /** A server that speaks OpenAI's API and always says the same. */
    private static HttpServer model() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]}\n\n";
        String text = chunk.formatted("Good ") + chunk.formatted("day.") + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
        server.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
            }
        });
        server.start();
        return server;
    }

    /** An agent's own service: it says what it was told, and what is wrong with it where it was told to fail. */
    private static HttpServer service() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/forecast", exchange -> {
            byte[] said = exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(new String(said, StandardCharsets.UTF_8).contains("Atlantis") ? 500 : 200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write("{\"sun over\": ".getBytes(StandardCharsets.UTF_8));
                out.write(said);
                out.write('}');
            }
        });
        server.start();
        return server;
    }

    private static String get(URI url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    /** Two verifiers and a relayer that asks them; of all tests in the same schemas, for what a market has batched its relayer must know. */
    private static Running relayer(Deque<AutoCloseable> up, String name, String more) throws IOException {
        var verifiers = new StringBuilder();
        for (String key : List.of("v1", "v2")) {
            var verifier = Running.start("verifier", config(name + key, "schema = of_" + key + "\nkey = @" + key + ".json\nmints = @usd\ngateways = @gateway\n", more));
            up.push(verifier);
            verifiers.append(verifiers.isEmpty() ? "" : ",").append(open.address(key)).append('@').append(verifier.url());
        }
        var relayer = Running.start("relayer", config(name + "relayer", "operator = @operator.json\nmints = @usd\ngateways = @gateway\nbatch-seconds = 1\n",
                more + "verifiers = " + verifiers));
        up.push(relayer);
        return relayer;
    }

    /** A gateway's file: it sells one model in one tier. */
    private static Path gateway(String name, URI relayer, String tier, String more) throws IOException {
        return config(name + "gateway", "ws = " + open.wsUrl() + "\ngateway-key = @gateway.json\nsponsor-key = @sponsor.json\nmemo-key = @memo.json\nmints = @usd\n"
                + "relayer = " + relayer + "\nmodels = polite\nmodel.polite.context = 4096\nmodel.polite.id = " + MODEL + "\nmodel.polite." + tier + " = @usd:100000:2000000\n", more);
    }

    /** A node in a process of its own, which has reached gateway and relayer. */
    private static void node(Deque<AutoCloseable> up, String name, URI gateway, URI relayer, int modelPort, String more, String... options) throws Exception {
        String dial = gateway.resolve("/v1/node").toString().replaceFirst("http", "ws");
        assertThat(Ran.command("node", "keys", folder.resolve(name).toString()).code()).isZero();
        Path node = Files.writeString(folder.resolve(name + ".conf"), open.keys().named("rpc = " + open.rpcUrl() + "\nmarket = " + open.market().market() + "\ngateway.url = " + dial
                + "\ngateway.key = @gateway\nrelayer.url = " + relayer.toString().replaceFirst("http", "ws") + "/v1/node\nrelayer.key = @operator\nkeys = " + folder.resolve(name)
                + "\noperator = @provider.json\ndata = " + folder.resolve(name + "-data") + "\nengine = http://127.0.0.1:" + modelPort
                + "/v1\nmodel.name = polite\nmodel.id = " + MODEL + "\nmodel.context = 4096\n") + more);
        Path said = folder.resolve(name + ".out");
        Process process = process(up, said, Stream.concat(Stream.of("node", "run", "--config", node.toString()), Stream.of(options)).toList());
        await().atMost(PATIENCE).until(() -> !process.isAlive() || Files.readString(said).lines().filter(line -> line.startsWith("linked to ")).count() == 2);
        assertThat(process.isAlive()).as(Files.readString(said)).isTrue();
    }

    private static Process process(Deque<AutoCloseable> up, Path said, List<String> words) throws IOException {
        Process process = Ran.process(words).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        up.push(() -> process.destroyForcibly().waitFor());
        return process;
    }

    private static void closeAll(Deque<AutoCloseable> up) throws Exception {
        while (!up.isEmpty()) {
            up.pop().close();
        }
    }

    @Test
    void a_market_of_services_run_apart_does_the_main_job() throws Exception {
        Deque<AutoCloseable> up = new ArrayDeque<>();
        HttpServer model = model();
        up.push(() -> model.stop(0));
        try {
            var relayer = relayer(up, "job", "");
            var gateway = Running.start("gateway", gateway("job", relayer.url(), "open", ""));
            up.push(gateway);
            var indexer = Running.start("indexer", config("indexer", "relayer = " + relayer.url() + "\ncommitment = confirmed\nsymbols = @usd:USD\n"));
            up.push(indexer);
            assertThat(get(gateway.url().resolve("/v1/models"))).contains("polite");
            node(up, "node", gateway.url(), relayer.url(), model.getAddress().getPort(), "");

            Ran paid = open.done("pay --gateway " + gateway.url().resolve("/") + " --wallet @agent.json --mint @usd --max-tokens 8 Hello!");
            assertThat(paid.out()).contains("Good day.");
            String job = Ran.field(paid.err(), "job");
            await().atMost(PATIENCE).until(() -> open.run("verify " + job + " --relayer " + relayer.url()).out().lines().anyMatch(line -> line.contains("batch on chain") && line.endsWith("final")));
            assertThat(throughProxy(gateway.url())).contains("Good day.");
            String keys = folder.resolve("node").toString();
            assertThat(open.done("claim --keys " + keys + " --wallet @provider.json --mint @usd --relayer " + relayer.url()).out()).contains(" paid to " + open.address("provider"));
            assertThat(open.balance(open.address("provider"), "usd")).isPositive();
            await().atMost(PATIENCE).until(() -> new ObjectMapper().readTree(get(indexer.url().resolve("/v1/jobs/" + job))).toString().contains(job));
        } finally {
            closeAll(up);
        }
    }

    @Test
    void an_agent_sells_its_own_service_to_another_and_is_paid_for_what_it_answered() throws Exception {
        Deque<AutoCloseable> up = new ArrayDeque<>();
        HttpServer model = model();
        up.push(() -> model.stop(0));
        HttpServer agent = service();
        up.push(() -> agent.stop(0));
        try {
            assertThat(Ran.command("node", "keys", folder.resolve("seller").toString()).code()).isZero();
            String seller = Attachment.nodeKeypair(folder.resolve("seller").resolve("node.json")).publicKey().toBase58();
            Path schema = Files.writeString(folder.resolve("weather.json"), "{\"type\":\"object\",\"required\":[\"city\"],\"examples\":[{\"city\":\"Lisbon\"}]}");
            var relayer = relayer(up, "service", "");
            var gateway = Running.start("gateway", gateway("service", relayer.url(), "open", "services = weather\nservice.weather.description = The weather of a city\nservice.weather.price = "
                    + open.address("usd") + ":2500\nservice.weather.nodes = " + seller + "\nservice.weather.input = " + schema + "\n"));
            up.push(gateway);
            open.fund("provider", "nyx", OpenMarket.BOND);
            node(up, "seller", gateway.url(), relayer.url(), model.getAddress().getPort(), "services = weather\nservice.weather.url = http://127.0.0.1:" + agent.getAddress().getPort()
                    + "/forecast\nservice-prices = weather:" + open.address("usd") + ":2500\n");
            assertThat(get(gateway.url().resolve("/discovery/resources"))).contains("The weather of a city", "\"city\":\"Lisbon\"");
            long before = open.balance(open.address("agent"), "usd");
            String ask = "call weather --gateway " + gateway.url().resolve("/") + " --wallet @agent.json --mint @usd --body ";

            Ran called = open.done(ask + Files.writeString(folder.resolve("city.json"), "{\"city\": \"Lisbon\"}"));
            assertThat(called.out()).isEqualTo("{\"sun over\": {\"city\": \"Lisbon\"}}");
            assertThat(Ran.field(called.err(), "cost")).endsWith("(1 call)");
            assertThat(before - open.balance(open.address("agent"), "usd")).isEqualTo(2_500);
            String job = Ran.field(called.err(), "job");
            Ran failed = open.run(ask + Files.writeString(folder.resolve("nowhere.json"), "{\"city\": \"Atlantis\"}"));
            assertThat(failed.code()).isEqualTo(1);
            assertThat(failed.err()).contains("status 500", "goes back to the payer").endsWith("[service_failed]\n");

            await().atMost(PATIENCE).until(() -> open.run("verify " + job + " --relayer " + relayer.url()).out().lines().anyMatch(line -> line.contains("batch on chain") && line.endsWith("final")));
            assertThat(open.done("claim --keys " + folder.resolve("seller") + " --wallet @provider.json --mint @usd --relayer " + relayer.url()).out()).contains(" paid to " + open.address("provider"));
        } finally {
            closeAll(up);
        }
    }

    /** The gateway is a process of its own here, so that nobody else's memory is searched. */
    @Test
    void a_gateway_that_routed_a_sealed_prompt_has_it_in_no_memory_and_no_log() throws Exception {
        Deque<AutoCloseable> up = new ArrayDeque<>();
        HttpServer model = model();
        up.push(() -> model.stop(0));
        try {
            DevelopmentTee tee = DevelopmentTee.create(Instant.now());
            Path teeFile = Files.write(folder.resolve("tee.bin"), tee.toBytes());
            Path policy = Files.writeString(folder.resolve("policy.json"), "{\"roots\": [\"" + tee.rootPem().replace("\n", "\\n") + "\"], \"allowDevelopmentRoots\": true}");
            String development = "policy = " + policy + "\ndevelopment = true\n";
            var relayer = relayer(up, "sealed", development);
            Path said = folder.resolve("gateway.out");
            Process gateway = process(up, said, List.of("serve", "gateway", "--config", gateway("sealed", relayer.url(), "confidential", development).toString()));
            await().atMost(PATIENCE).until(() -> !gateway.isAlive() || Files.readString(said).contains("Up until Ctrl-C."));
            Matcher answers = ANSWERS.matcher(Files.readString(said));
            assertThat(answers.find()).as(Files.readString(said)).isTrue();
            URI url = URI.create(answers.group(1));
            open.fund("provider", "nyx", OpenMarket.BOND);
            node(up, "tee-node", url, relayer.url(), model.getAddress().getPort(), "tiers = confidential\n", "--development-tee", teeFile.toString());
            await().atMost(PATIENCE).until(() -> get(url.resolve("/v1/nodes")).contains("\"evidence\""));

            Ran paid = open.done("pay --sealed --policy " + policy + " --gateway " + url.resolve("/") + " --wallet @agent.json --mint @usd --max-tokens 8 Attack-the-northern-gate-at-dawn");
            assertThat(paid.out()).contains("Good day.");
            String job = Ran.field(paid.err(), "job");

            byte[] memory = heap(gateway);
            assertThat(holds(memory, job)).as("what the gateway does know is found").isTrue();
            assertThat(holds(memory, "northern-gate")).as("the prompt").isFalse();
            assertThat(holds(memory, "Good day.")).as("the reply").isFalse();
            assertThat(Files.readString(said)).doesNotContain("northern-gate", "Good day.");
        } finally {
            closeAll(up);
        }
    }

    /** All that a process has in its heap, what nothing refers to any more included. */
    private static byte[] heap(Process process) throws Exception {
        Path dump = folder.resolve("gateway.hprof");
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process asked = new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "GC.heap_dump", "-all", dump.toString()).redirectErrorStream(true).start();
        String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(asked.waitFor()).as(said).isZero();
        byte[] memory = Files.readAllBytes(dump);
        Files.delete(dump);
        return memory;
    }

    /** Whether a text is there, as bytes and Java's strings have it. */
    private static boolean holds(byte[] memory, String text) {
        return Stream.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE).anyMatch(encoding -> holds(memory, text.getBytes(encoding)));
    }

    private static boolean holds(byte[] memory, byte[] wanted) {
        for (int at = 0; at <= memory.length - wanted.length; at++) {
            if (memory[at] == wanted[0] && Arrays.equals(memory, at, at + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    /** What a client is told that knows nothing of payments. */
    private static String throughProxy(URI gateway) throws Exception {
        var proxy = Running.start("proxy", "--gateway", gateway.resolve("/").toString(), "--rpc", open.rpcUrl().toString(), "--market", open.market().market().toBase58(), "--mint",
                open.address("usd").toBase58(), "--wallet", open.keys().file("agent").toString(), "--budget", "0.5");
        String reply;
        try (proxy; HttpClient client = HttpClient.newHttpClient()) {
            String said = proxy.up().out().toString();
            var request = HttpRequest.newBuilder(URI.create(Ran.field(said, "base URL") + "/chat/completions")).header("Authorization", "Bearer " + Ran.field(said, "API key"))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"polite\",\"max_tokens\":8,\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}")).build();
            reply = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
        assertThat(Ran.field(proxy.out().toString(), "left")).startsWith("0.49");
        return reply;
    }

    @Test
    void a_file_that_does_not_hold_is_refused_by_the_key_that_is_wrong() throws IOException {
        String verifier = "key = @v1.json\nmints = @usd\ngateways = @gateway\n";
        refused("config_key_unknown", "verifier", verifier + "sample = 5\n", "sample");
        refused("config_missing", "verifier", "mints = @usd\ngateways = @gateway\n", "key");
        refused("config_invalid", "verifier", verifier + "sample-ppm = 1000001\n", "sample-ppm is a whole number of 0 to 1000000");
        refused("config_invalid", "verifier", verifier + "sample-ramp = -1\n", "sample-ramp is a whole number of 0 to 1000000");
        refused("config_invalid", "verifier", verifier + "listen = 8403\n", "host:port");
        refused("config_invalid", "verifier", verifier + "jdbc = postgres://user:secret@host/db\n", "jdbc:postgresql:");
        refused("config_invalid", "verifier", verifier + "development = yes\n", "true or false");
        refused("config_invalid", "relayer", "operator = @operator.json\nmints = @usd\ngateways = @gateway\nverifiers = http://v\n", "KEY@URL");
        refused("key_malformed", "relayer", "operator = @operator.json\nmints = gold\ngateways = @gateway\n", "gold");
        refused("config_invalid", "indexer", "commitment = processed\n", "finalized or confirmed");
        String gateway = "ws = " + open.wsUrl() + "\ngateway-key = @gateway.json\nsponsor-key = @sponsor.json\nmemo-key = @memo.json\nmints = @usd\nrelayer = http://127.0.0.1:1\nmodels = polite\n";
        refused("config_invalid", "gateway", gateway + "model.polite.context = 4096\n", "price");
        refused("config_invalid", "gateway", gateway + "model.polite.context = 4096\nmodel.polite.open = @usd:1\n", "MINT:in:out");
        refused("config_key_unknown", "gateway", gateway + "model.polite.context = 4096\nmodel.polite.open = @usd:1:1\nmodel.rude.context = 4096\n", "model.rude.context");
        String service = gateway.replace("models = polite\n", "services = weather\nservice.weather.description = Tells the weather\n");
        refused("config_missing", "gateway", service + "service.weather.price = @usd:5\n", "service.weather.nodes");
        refused("config_missing", "gateway", service + "service.weather.nodes = any\n", "service.weather.price");
        refused("config_invalid", "gateway", service + "service.weather.nodes = any\nservice.weather.price = @usd:1:1\n", "MINT:units");
        refused("config_invalid", "gateway", service + "service.weather.nodes = any\nservice.weather.price = @usd:0\n", "at least 1 base unit");
        refused("config_invalid", "gateway", service.replace("weather", "Weather") + "service.Weather.nodes = any\nservice.Weather.price = @usd:5\n", "small letters");
        refused("config_key_unknown", "gateway", service + "service.weather.nodes = any\nservice.weather.price = @usd:5\nservice.weather.verified = @usd:5\n", "service.weather.verified");
    }

    private static void refused(String code, String service, String text, String word) throws IOException {
        Ran ran = Ran.command("serve", service, "--config", config("wrong", text).toString());
        assertThat(ran.err()).contains(word).endsWith("[" + code + "]\n").doesNotContain("\tat ").doesNotContain("secret");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
    }
}
