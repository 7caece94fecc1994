package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.RunningStack;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.gateway.client.PayingProxy;
import network.nyxos.node.engine.ModelFiles;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.batch.BatchDocument.Served;
import network.nyxos.relayer.wire.BatchJson;
import network.nyxos.relayer.wire.Fields;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** What people do at a terminal with a stack that is up, and what they are told when they do it wrong. */
class CommandsOnAStackTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String NOBODY = "http://127.0.0.1:1";
    private static final String NO_MINT = Keypair.generate().publicKey().toBase58();
    private static final String NO_JOB = "ab".repeat(32);
    private static final AtomicInteger WALLETS = new AtomicInteger();

    @TempDir
    private static Path work;

    private static RunningStack stack;
    /** Jobs whose batch is final. */
    private static Paid open;
    private static Paid verified;
    private static final String SAMPLED = "{\"model\":\"smollm2-135m-instruct\",\"n\":%d,\"max_tokens\":8,\"seed\":7,\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a story.\"}]}";
    private static JsonNode formed;
    private static Ran embedding;
    private static JsonNode choices;

    /** A request that was paid for. */
    private record Paid(String job, String receipt) {

        static Paid of(Ran ran) {
            assertThat(ran.code()).as(ran.err()).isZero();
            return new Paid(field(ran.err(), "job"), field(ran.err(), "receipt"));
        }
    }

    @BeforeAll
    static void start() {
        stack = RunningStack.start(work.resolve("data"), 100, "--embeddings");
        open = Paid.of(run("pay", "--max-tokens", "8", "Say hello."));
        verified = Paid.of(run("pay", "--tier", "verified", "--max-tokens", "8", "Say hello."));
        formed = chat("{\"model\":\"smollm2-135m-instruct:verified\",\"max_tokens\":48,\"temperature\":0.8,\"messages\":[{\"role\":\"user\",\"content\":\"Is the sea salty?\"}],"
                + "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"schema\":{\"properties\":{\"answer\":{\"enum\":[\"yes\",\"no\"]},\"sure\":{\"type\":\"boolean\"}},"
                + "\"required\":[\"answer\",\"sure\"]}}}}");
        embedding = run("embed", "The weather is lovely today.", "It's so sunny outside!");
        choices = chat(SAMPLED.formatted(3));
        Stream.of(open, verified, Paid.of(embedding), new Paid(formed.path("nyxos").path("job").asText(), ""), new Paid(choices.path("nyxos").path("job").asText(), "")).forEach(paid -> await().atMost(PATIENCE).until(() -> isFinal(paid)));
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    /** What a client gets that knows OpenAI's API and nothing of payments. */
    private static JsonNode chat(String body) {
        var budget = new PayingProxy.Budget(100_000, 100_000);
        Keypair payer = Keypair.read(Path.of(wallet(1_000_000)));
        try (PayingProxy proxy = PayingProxy.start(URI.create(json(stack.file()).path("gateway").asText()), payer, Mint.USDC.address(), budget, 0); HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(proxy.baseUrl() + "/chat/completions")).header("Authorization", "Bearer " + proxy.key())
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static boolean isFinal(Paid paid) {
        Ran ran = run("verify", paid.job());
        if (ran.out().isEmpty()) {
            assertRefused(ran, "job_not_batched", paid.job(), "is in no batch yet");
        }
        return ran.code() == 0 && finding(ran, "batch on chain").endsWith("final");
    }

    // --- running commands ------------------------------------------------------------------------------------------

    private static Ran run(String... arguments) {
        return Ran.on(stack, arguments);
    }

    private static Ran done(String... arguments) {
        return run(arguments).done();
    }

    private static void refused(String code, List<String> words, String... arguments) {
        assertRefused(run(arguments), code, words.toArray(String[]::new));
    }

    private static void assertRefused(Ran ran, String code, String... words) {
        assertThat(ran.code()).as(ran.out() + ran.err()).isEqualTo(1);
        assertThat(ran.err().strip().lines()).singleElement().satisfies(line -> assertThat(line).startsWith("nyxos: ").contains(words).endsWith("[" + code + "]"));
        assertThat(ran.out()).isEmpty();
    }

    /** The rest of the line that begins with this name. */
    private static String field(String screen, String name) {
        return Ran.field(screen, name);
    }

    private static String finding(Ran ran, String check) {
        return ran.out().lines().filter(line -> line.substring(Math.min(8, line.length())).startsWith(check)).findFirst()
                .orElseThrow(() -> new AssertionError("no check '" + check + "' in:\n" + ran.out()));
    }

    private static void assertFailed(Ran ran, String... findings) {
        assertThat(ran.code()).as(ran.out() + ran.err()).isEqualTo(1);
        assertThat(ran.out().lines().filter(line -> line.startsWith("FAILED")).map(line -> line.substring(8).replaceFirst("  +", " ").strip()))
                .as(ran.out()).hasSize(findings.length)
                .allSatisfy(line -> assertThat(List.of(findings)).anySatisfy(expected -> assertThat(line).startsWith(expected)));
        assertThat(ran.out()).contains("does NOT hold");
    }

    /** A wallet file with SOL for fees. */
    private static String wallet(long usdc) {
        return stack.wallet(work.resolve("wallet-" + WALLETS.incrementAndGet() + ".json"), Mint.USDC, usdc).toString();
    }

    private static String address(String wallet) {
        return Keypair.read(Path.of(wallet)).publicKey().toBase58();
    }

    private static String escrow(String wallet, String amount) {
        return done("escrow", "open", amount, "--wallet", wallet).out().strip();
    }

    // --- embed ---------------------------------------------------------------------------------------------------

    @Test
    void texts_become_vectors_for_exactly_what_their_tokens_cost() throws IOException {
        List<String> lines = embedding.out().lines().toList();
        assertThat(lines).hasSize(2);
        double similarity = 0;
        JsonNode weather = JSON.readTree(lines.getFirst());
        JsonNode sun = JSON.readTree(lines.getLast());
        assertThat(weather).hasSize(384);
        for (int i = 0; i < 384; i++) {
            similarity += weather.get(i).asDouble() * sun.get(i).asDouble();
        }
        assertThat(similarity).as("what the model's authors publish").isCloseTo(0.666, within(0.03));
        // 8 and 9 tokens at 100 000 base units a million.
        assertThat(field(embedding.err(), "cost")).isEqualTo("0.000002 USDC (17 tokens in, 0 out)");
        assertThat(field(embedding.err(), "signature")).startsWith("the receipt is signed by the key that the registry");
    }

    @Test
    void embeddings_are_paid_by_vouchers_too() {
        String wallet = wallet(1_000_000);
        String escrow = escrow(wallet, "0.5");
        Ran ran = done("embed", "--wallet", wallet, "--escrow", escrow, "hello");
        assertThat(field(ran.err(), "transaction")).startsWith("none: paid by voucher, of the escrow 0.000001 USDC are used");
    }

    // --- choices ---------------------------------------------------------------------------------------------------

    @Test
    void several_choices_are_paid_by_one_batch_as_one_job_and_the_first_is_the_reply_of_one() {
        JsonNode one = chat(SAMPLED.formatted(1));
        List<String> said = choices.path("choices").valueStream().map(choice -> choice.path("message").path("content").asText()).toList();
        assertThat(said).hasSize(3).doesNotHaveDuplicates();
        assertThat(said.getFirst()).isEqualTo(one.path("choices").path(0).path("message").path("content").asText()).isNotEmpty();
        assertThat(choices.path("usage").path("prompt_tokens")).as("the prompt once").isEqualTo(one.path("usage").path("prompt_tokens"));
        assertThat(choices.path("usage").path("completion_tokens").asInt()).isEqualTo(choices.path("nyxos").path("choices").valueStream().mapToInt(each -> each.path("tokens").asInt()).sum())
                .isGreaterThan(one.path("usage").path("completion_tokens").asInt());
        assertThat(done("verify", choices.path("nyxos").path("job").asText()).out()).contains("holds").doesNotContain("FAILED");
    }

    @Test
    void several_choices_are_paid_by_a_voucher_and_served_by_a_tee_but_not_sealed_nor_verified() throws IOException {
        String wallet = wallet(1_000_000);
        String escrow = escrow(wallet, "0.5");
        Ran ran = done("pay", "--wallet", wallet, "--escrow", escrow, "--choices", "2", "--max-tokens", "4", "--temperature", "0", "Say hello.");
        List<String> said = ran.out().lines().filter(line -> !line.isBlank()).toList();
        assertThat(said.subList(0, said.size() / 2)).as("the likeliest is the same twice").isEqualTo(said.subList(said.size() / 2, said.size())).isNotEmpty();
        assertThat(field(ran.err(), "cost")).contains("8 out");
        assertThat(done("pay", "--wallet", wallet, "--tier", "confidential", "--clear", "--choices", "2", "--max-tokens", "4", "Say hello.").out()).isNotBlank();
        long before = stack.balance(Keypair.read(Path.of(wallet)).publicKey(), Mint.USDC);
        refused("choices_sealed", List.of("nothing was sent or paid"), "pay", "--wallet", wallet, "--sealed", "--choices", "2", "Say hello.");
        refused("unsupported_parameter", List.of("ask as often as you want choices"), "pay", "--wallet", wallet, "--tier", "verified", "--choices", "2", "Say hello.");
        assertThat(stack.balance(Keypair.read(Path.of(wallet)).publicKey(), Mint.USDC)).as("nothing was paid").isEqualTo(before);
    }

    // --- probabilities ---------------------------------------------------------------------------------------------

    @Test
    void probabilities_are_the_models_and_their_tokens_are_the_reply() {
        JsonNode choice = chat("{\"model\":\"smollm2-135m-instruct\",\"max_tokens\":8,\"temperature\":0,\"logprobs\":true,\"top_logprobs\":3,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"What is the capital of France?\"}]}").path("choices").path(0);
        List<JsonNode> tokens = choice.path("logprobs").path("content").valueStream().toList();
        assertThat(tokens.stream().map(each -> each.path("token").asText()).collect(Collectors.joining())).isEqualTo(choice.path("message").path("content").asText()).isNotEmpty();
        assertThat(tokens).allSatisfy(each -> {
            assertThat(each.path("top_logprobs")).hasSize(3);
            assertThat(each.path("top_logprobs").path(0).path("logprob").asDouble()).as("greedy takes the likeliest").isEqualTo(each.path("logprob").asDouble());
            assertThat(each.path("top_logprobs").valueStream().mapToDouble(top -> Math.exp(top.path("logprob").asDouble())).sum()).isBetween(0.0, 1.0 + 1e-5);
        });
    }

    // --- pay -------------------------------------------------------------------------------------------------------

    @Test
    void a_reply_is_paid_by_a_transfer() {
        String wallet = wallet(1_000_000);
        Ran ran = done("pay", "--wallet", wallet, "--max-tokens", "4", "--temperature", "0", "Say hello.");
        assertThat(ran.out()).isNotBlank();
        assertThat(field(ran.err(), "cost")).contains(" USDC (", "tokens in", "out");
        assertThat(field(ran.err(), "transaction")).doesNotContain("voucher");
        assertThat(stack.balance(Keypair.read(Path.of(wallet)).publicKey(), Mint.USDC)).as("the cost is gone from the wallet")
                .isEqualTo(1_000_000 - units(field(ran.err(), "cost")));
    }

    @Test
    void a_reply_is_paid_by_a_voucher_of_a_new_escrow_and_streamed() {
        String wallet = wallet(1_000_000);
        String escrow = escrow(wallet, "0.5");
        Ran ran = done("pay", "--wallet", wallet, "--escrow", escrow, "--stream", "--max-tokens", "4", "--temperature", "0", "Say hello.");
        assertThat(ran.out()).isNotBlank();
        assertThat(field(ran.err(), "transaction")).contains("none: paid by voucher");
        Ran shown = done("escrow", "show", escrow);
        assertThat(field(shown.out(), "gateway")).startsWith(field(ran.err(), "cost").replaceFirst(" \\(.*", "") + " used");
    }

    @Test
    void a_confidential_prompt_is_sealed_and_the_screen_says_who_can_read_it() throws IOException {
        String wallet = wallet(1_000_000);
        for (String[] how : new String[][] {{"--sealed"}, {"--tier", "confidential", "--stream"}, {"--tier", "confidential", "--escrow", escrow(wallet, "0.5")}}) {
            Ran ran = done(Stream.concat(Stream.of("pay", "--wallet", wallet, "--max-tokens", "4", "--temperature", "0", "Say hello."), Stream.of(how)).toArray(String[]::new));
            assertThat(ran.out()).as("the reply is opened").isNotBlank().doesNotContain("=");
            assertThat(field(ran.err(), "node")).isEqualTo(stack.node("confidential").toBase58() + ", confidential");
            assertThat(field(ran.err(), "sealed")).isEqualTo("yes, by x-wing (X25519 and ML-KEM-768): only this node's TEE could read the prompt, only you the reply");
            assertThat(field(ran.err(), "evidence")).contains("DEVELOPMENT evidence (no hardware behind it) accepted", "measurement: the policy accepts any measurement");
            assertThat(ran.err()).contains("DEVELOPMENT TEE: made for testing, whoever runs the node can read everything");
            assertThat(field(ran.err(), "signature")).contains("the key that the registry on chain has for the node");
        }
        Ran clear = done("pay", "--wallet", wallet, "--tier", "confidential", "--clear", "--max-tokens", "4", "Say hello.");
        assertThat(field(clear.err(), "sealed")).isEqualTo("no: the gateway could read prompt and reply");
        assertThat(field(clear.err(), "signature")).contains("the key that the registry on chain has for the node");

        long before = stack.balance(Keypair.read(Path.of(wallet)).publicKey(), Mint.USDC);
        Path strict = Files.writeString(work.resolve("strict.yaml"), "acceptedStatuses: [UpToDate]\n");
        refused("no_trusted_node", List.of(stack.node("confidential").toBase58(), "development root", "nothing was sent or paid", "--clear"), "pay", "--wallet", wallet, "--sealed",
                "--policy", strict.toString(), "Say hello.");
        refused("seal_tier", List.of("--tier confidential"), "pay", "--wallet", wallet, "--sealed", "--tier", "open", "Say hello.");
        refused("policy.invalid", List.of("roofs"), "pay", "--wallet", wallet, "--sealed", "--policy", Files.writeString(work.resolve("wrong.json"), "{\"roofs\": []}").toString(), "Hi.");
        assertThat(stack.balance(Keypair.read(Path.of(wallet)).publicKey(), Mint.USDC)).as("nothing was paid").isEqualTo(before);
    }

    @Test
    void what_was_kept_of_a_sealed_job_is_verified_without_anybodys_help() throws IOException {
        String wallet = wallet(1_000_000);
        Path kept = work.resolve("kept/job.json");
        Ran paid = done("pay", "--wallet", wallet, "--sealed", "--keep", kept.toString(), "--max-tokens", "4", "--temperature", "0", "Say hello.");
        assertThat(Files.readString(kept)).doesNotContain("Say hello.").doesNotContain(paid.out().strip());
        String[] alone = {"verify", "--proof", kept.toString(), "--offline", "--development-tee", stack.file().resolveSibling("development-tee.bin").toString()};
        Ran offline = Ran.command(alone).done();
        assertThat(offline.out().lines()).hasSize(7).last().isEqualTo("job " + field(paid.err(), "job") + " holds");
        assertThat(finding(offline, "evidence")).contains("DEVELOPMENT");
        assertThat(finding(offline, "sealing")).contains("by x-wing");
        assertThat(finding(offline, "payment")).contains(address(wallet) + " signed a transfer of");
        assertThat(finding(done("verify", "--proof", kept.toString(), alone[4], alone[5]), "registry")).startsWith("passed");

        assertFailed(Ran.command("verify", "--proof", kept.toString(), "--offline"), "evidence");
        String other = Files.readString(kept).replaceFirst("\"receiptSignature\":\".{4}", "\"receiptSignature\":\"AAAA");
        alone[2] = Files.writeString(work.resolve("forged.json"), other).toString();
        assertFailed(Ran.command(alone), "receipt signature");
        alone[2] = Files.writeString(work.resolve("none.json"), "{}").toString();
        assertThat(Ran.command(alone).err()).contains("none.json cannot be read", "[proof_malformed]");
    }

    @Test
    void what_cannot_be_paid_is_told_before_anything_is_paid() throws IOException {
        String poor = wallet(0);
        String rich = wallet(1_000_000);
        Path text = Files.writeString(work.resolve("text.json"), "hello");
        refused("key_unreadable", List.of("nowhere.json", "nyxos wallet new"), "pay", "--wallet", "nowhere.json", "Hello?");
        refused("keypair_malformed", List.of(text.toString(), "64 numbers"), "pay", "--wallet", text.toString(), "Hello?");
        refused("key_malformed", List.of("usdc, nyxos or an address", "gold"), "pay", "--mint", "gold", "Hello?");
        refused("mint_unknown", List.of("there is no mint " + NO_MINT), "pay", "--mint", NO_MINT, "Hello?");
        refused("mint_unknown", List.of(address(rich), "is no mint"), "pay", "--mint", address(rich), "Hello?");
        refused("insufficient_funds", List.of(address(poor), "nothing was paid"), "pay", "--wallet", poor, "Hello?");
        String almost = wallet(10);
        refused("insufficient_funds", List.of(address(almost), "holds 0.000010 USDC", "nothing was paid"), "pay", "--wallet", almost, "Hello?");
        refused("too_expensive", List.of("nothing was paid", "--most", "send fewer or shorter texts"), "embed", "--wallet", rich, "--most", "0.000001", "It is longer than that.".repeat(5));
        refused("unsupported_model", List.of("continues chats"), "embed", "--wallet", rich, "--model", "smollm2-135m-instruct", "Hello?");
        refused("tier_unavailable", List.of("no replay can check"), "embed", "--wallet", rich, "--tier", "verified", "Hello?");
        refused("too_expensive", List.of("nothing was paid", "--most"), "pay", "--wallet", rich, "--most", "0.000001", "Hello?");
        refused("model_not_found", List.of("no model gpt-secret", "it has "), "pay", "--wallet", rich, "--model", "gpt-secret", "Hello?");
        refused("service_unreachable", List.of("the gateway at " + NOBODY, "check its address"), "pay", "--wallet", rich, "--gateway", NOBODY, "Hello?");
        refused("gateway_unreachable", List.of(NOBODY, "check its address"), "pay", "--wallet", rich, "--gateway", NOBODY, "--model", "any", "Hello?");
        assertThat(stack.balance(Keypair.read(Path.of(rich)).publicKey(), Mint.USDC)).as("nothing was paid").isEqualTo(1_000_000);
    }

    @Test
    void a_voucher_is_of_ones_own_escrow_only() {
        String owner = wallet(1_000_000);
        String stranger = wallet(1_000_000);
        String escrow = escrow(owner, "0.0001");
        refused("key_unreadable", List.of("-session.json", "nyxos escrow open"), "pay", "--wallet", stranger, "--escrow", escrow, "Hello?");
        escrow(stranger, "0.5");
        refused("voucher_signature_invalid", List.of("is not the one of escrow " + escrow, "nothing was charged"), "pay", "--wallet", stranger, "--escrow", escrow,
                "--max-tokens", "4", "Hello?");
        refused("voucher_exceeds_deposit", List.of("deposit more", "nothing was charged"), "pay", "--wallet", owner, "--escrow", escrow, "--max-tokens", "200", "Hello?");
        refused("escrow_unknown", List.of(NO_MINT), "pay", "--wallet", owner, "--escrow", NO_MINT, "Hello?");
        refused("key_malformed", List.of("--escrow", "mine"), "pay", "--wallet", owner, "--escrow", "mine", "Hello?");
    }

    // --- credits ---------------------------------------------------------------------------------------------------

    @Test
    void credits_are_bought_spent_by_their_key_shown_and_taken_out() throws Exception {
        String wallet = wallet(3_000_000);
        PublicKey payer = Keypair.read(Path.of(wallet)).publicKey();
        refused("key_missing", List.of("nyxos credits key"), "credits", "balance", "--wallet", wallet);
        String publicKey = done("credits", "key", "--wallet", wallet).out().lines().findFirst().orElseThrow();
        assertThat(done("credits", "key", "--wallet", wallet).out()).as("the same one again").startsWith(publicKey);
        Path file = Path.of(wallet.replace(".json", "-credits.key"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        refused("insufficient_funds", List.of(payer.toBase58(), "3000000"), "credits", "buy", "301", "--wallet", wallet);
        refused("credits_range", List.of("0"), "credits", "buy", "0", "--wallet", wallet);
        refused("invalid_value", List.of("'credits'"), "credits", "buy", "99", "--wallet", wallet);

        Ran bought = done("credits", "buy", "250", "--wallet", wallet);
        HttpResponse<String> reply = askedWith(Files.readString(file).strip());
        long charge = JSON.readTree(reply.body()).path("nyxos").path("charge").asLong();

        assertThat(field(bought.out(), "balance")).isEqualTo("250 credits");
        assertThat(stack.balance(payer, Mint.USDC)).isEqualTo(500_000);
        assertThat(field(done("escrow", "show", field(bought.out(), "escrow")).out(), "payer")).as("an escrow of the wallet's own").startsWith(payer.toBase58() + "; prepaid, opened by ");
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        assertThat(charge).isPositive();
        String balance = done("credits", "balance", "--wallet", wallet).out();
        assertThat(field(balance, "spendable")).isEqualTo(Mint.USDC.text(2_500_000 - charge));
        assertThat(field(balance, "state")).isEqualTo("open");
        String history = done("credits", "history", "--wallet", wallet).out();
        assertThat(history.lines().map(line -> line.split(" +")[1])).containsExactly("spent", "bought");
        assertThat(history).contains(JSON.readTree(reply.body()).path("nyxos").path("job").asText(), field(bought.out(), "transaction"));
        String stranger = wallet(0);
        assertThat(run("credits", "cash-out", "--wallet", stranger, "--key", file.toString()).err()).as("the key without the wallet").contains("[transaction_other]");

        assertThat(done("credits", "cash-out", "--wallet", wallet).out()).contains("pays out to " + payer);
        await().atMost(PATIENCE).until(() -> stack.balance(payer, Mint.USDC) >= 3_000_000 - charge);
        await().atMost(PATIENCE).until(() -> field(done("credits", "balance", "--wallet", wallet).out(), "state").equals("closed"));
    }

    private static HttpResponse<String> askedWith(String bearer) throws Exception {
        String body = "{\"model\":\"" + ModelFiles.SMOLLM2_135M.name() + "\",\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}";
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create(JSON.readTree(stack.file().toFile()).path("gateway").asText()).resolve("/v1/chat/completions")).header("Authorization", "Bearer " + bearer)
                    .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    // --- escrow ----------------------------------------------------------------------------------------------------

    @Test
    void an_escrow_is_opened_filled_shown_and_left() {
        String wallet = wallet(3_000_000);
        PublicKey payer = Keypair.read(Path.of(wallet)).publicKey();
        assertThat(done("escrow", "show", "--wallet", wallet).out()).contains("no escrow of " + payer);
        Ran opened = done("escrow", "open", "1.5", "--wallet", wallet);
        String escrow = opened.out().strip();
        assertThat(opened.err()).contains("opened with 1.500000 USDC", "transaction ");
        assertThat(done("escrow", "deposit", escrow, "0.25", "--wallet", wallet).err()).contains("0.250000 USDC deposited", "transaction ");
        assertThat(stack.balance(payer, Mint.USDC)).isEqualTo(1_250_000);
        assertThat(done("escrow", "show", "--wallet", wallet).out()).as("found by its payer").startsWith(escrow);
        String shown = done("escrow", "show", escrow).out();
        assertThat(field(shown, "state")).isEqualTo("open");
        assertThat(field(shown, "deposited")).isEqualTo("1.750000 USDC");
        assertThat(field(shown, "settled")).isEqualTo("0.000000 USDC, 1.750000 USDC left on chain");
        assertThat(field(shown, "payer")).isEqualTo(payer.toBase58());

        refused("exit_not_requested", List.of(escrow, "request-exit"), "escrow", "exit", escrow, "--wallet", wallet);
        refused("payer_other", List.of(payer.toBase58(), stack.keys().agent().publicKey().toBase58()), "escrow", "request-exit", escrow);
        assertThat(done("escrow", "request-exit", escrow, "--wallet", wallet).out()).contains("pays out from slot ");
        assertThat(done("escrow", "request-exit", escrow, "--wallet", wallet).out()).as("a second time").contains("already");
        assertThat(field(done("escrow", "show", escrow).out(), "state")).startsWith("exiting: pays out from slot ");
        refused("exit_too_early", List.of("--wait"), "escrow", "exit", escrow, "--wallet", wallet);
        refused("escrow_exiting", List.of(escrow), "escrow", "deposit", escrow, "0.1", "--wallet", wallet);
        refused("escrow_exiting", List.of(escrow, "nothing was charged"), "pay", "--wallet", wallet, "--escrow", escrow, "--max-tokens", "4", "Hello?");
        Ran left = done("escrow", "exit", escrow, "--wait");
        assertThat(left.out()).contains("1.750000 USDC paid to " + payer);
        assertThat(stack.balance(payer, Mint.USDC)).isEqualTo(3_000_000);
        refused("escrow_unknown", List.of(escrow), "escrow", "show", escrow);
        refused("escrow_unknown", List.of(escrow), "escrow", "exit", escrow);
    }

    /** What any wallet does that knows an address and nothing of escrows. */
    private static void transfer(String wallet, PublicKey to, long amount) {
        Keypair from = Keypair.read(Path.of(wallet));
        try (ChainSession chain = stack.market()) {
            Mint usdc = chain.mint(Mint.USDC.address());
            chain.send("transfer to " + to, List.of(Tokens.createAssociated(from.publicKey(), to, usdc.address(), usdc.tokenProgram()),
                    Tokens.transferChecked(Tokens.associated(from.publicKey(), usdc.address(), usdc.tokenProgram()), usdc.address(),
                            Tokens.associated(to, usdc.address(), usdc.tokenProgram()), from.publicKey(), amount, usdc.decimals(), usdc.tokenProgram())), from);
        }
    }

    @Test
    void an_escrow_is_opened_for_a_payer_filled_by_transfers_and_left_with_the_last_of_them() {
        String opener = wallet(0);
        String wallet = wallet(3_000_000);
        PublicKey payer = Keypair.read(Path.of(wallet)).publicKey();
        String session = Keypair.generate().publicKey().toBase58();
        Ran opened = done("escrow", "open-prepaid", payer.toBase58(), session, "--wallet", opener);
        String escrow = opened.out().strip();
        assertThat(opened.err()).contains("opened for " + payer);
        String slot = opened.err().replaceAll("(?s).*in slot (\\d+).*", "$1");
        PublicKey address = PublicKey.fromBase58Encoded(escrow);
        assertThat(done("escrow", "count", escrow).out()).contains("nothing has been transferred");
        transfer(wallet, address, 1_500_000);
        assertThat(field(done("escrow", "show", escrow).out(), "transferred")).startsWith("1.500000 USDC more, a deposit once");
        refused("escrow_open", List.of("nyxos escrow count"), "escrow", "return", escrow);
        assertThat(done("escrow", "count", escrow).err()).contains("1.500000 USDC transferred, and deposited now");
        String shown = done("escrow", "show", escrow).out();
        assertThat(field(shown, "deposited")).isEqualTo("1.500000 USDC");
        assertThat(field(shown, "payer")).isEqualTo(payer.toBase58() + "; prepaid, opened by " + address(opener));
        refused("rent_payer_other", List.of(address(opener)), "escrow", "close", escrow, "--wallet", wallet);
        refused("close_too_early", List.of("a payment may come"), "escrow", "close", escrow, "--wallet", opener);

        transfer(wallet, address, 200_000);
        done("escrow", "request-exit", escrow, "--wallet", wallet);
        refused("escrow_exiting", List.of("nyxos escrow return"), "escrow", "count", escrow);
        refused("escrow_of_payer", List.of("nyxos escrow exit"), "escrow", "close", escrow, "--wallet", opener);
        assertThat(done("escrow", "return", escrow).err()).contains("0.200000 USDC back to " + payer);
        transfer(wallet, address, 300_000);
        assertThat(done("escrow", "exit", escrow, "--wait").out()).contains("1.800000 USDC paid to " + payer);
        assertThat(stack.balance(payer, Mint.USDC)).isEqualTo(3_000_000);

        transfer(wallet, address, 400_000);
        refused("escrow_unknown", List.of("--payer, --open-slot"), "escrow", "return", escrow);
        refused("address_other", List.of(escrow), "escrow", "return", escrow, "--payer", payer.toBase58(), "--open-slot", slot);
        assertThat(done("escrow", "return", escrow, "--payer", payer.toBase58(), "--open-slot", slot, "--session-key", session).err()).contains("0.400000 USDC back to " + payer);
        assertThat(stack.balance(payer, Mint.USDC)).isEqualTo(3_000_000);
    }

    @Test
    void what_an_escrow_cannot_take_is_told() throws IOException {
        String wallet = wallet(1_000_000);
        String escrow = escrow(wallet, "0.5");
        refused("balance_too_low", List.of(address(wallet), "holds 0.500000 USDC", "the deposit is 0.600000 USDC"), "escrow", "open", "0.6", "--wallet", wallet);
        refused("balance_too_low", List.of(address(wallet), "holds 0.500000 USDC", "the deposit is 0.600000 USDC"), "escrow", "deposit", escrow, "0.6", "--wallet", wallet);
        refused("amount_malformed", List.of("1,5"), "escrow", "open", "1,5", "--wallet", wallet);
        refused("amount_precision", List.of("USDC has 6 decimals"), "escrow", "open", "0.0000001", "--wallet", wallet);
        refused("amount_zero", List.of("more than 0"), "escrow", "open", "0", "--wallet", wallet);
        refused("amount_zero", List.of("more than 0"), "escrow", "deposit", escrow, "0", "--wallet", wallet);
        refused("mint_unknown", List.of(NO_MINT), "escrow", "open", "0.1", "--mint", NO_MINT, "--wallet", wallet);
        refused("balance_too_low", List.of("holds 0.000000 NYXOS"), "escrow", "open", "0.1", "--mint", "nyxos", "--wallet", wallet);
        refused("escrow_unknown", List.of(NO_MINT), "escrow", "deposit", NO_MINT, "0.1", "--wallet", wallet);
        refused("escrow_unknown", List.of(address(wallet)), "escrow", "show", address(wallet));
        refused("key_unreadable", List.of("nowhere.json"), "escrow", "show", "--wallet", "nowhere.json");
        refused("session_expired", List.of("is over"), "escrow", "open", "0.1", "--session-expires", "2020-01-01T00:00:00Z", "--wallet", wallet);
        refused("rpc_unreachable", List.of("the chain cannot be asked"), "escrow", "show", escrow, "--rpc", NOBODY);
        refused("file_unwritable", List.of("here/session.json", "is no folder"), "escrow", "open", "0.1", "--wallet", wallet, "--session",
                Files.writeString(work.resolve("here"), "a file").resolve("session.json").toString());
        assertThat(field(done("escrow", "show", escrow, "--gateway", NOBODY).out(), "gateway")).as("the chain's word stands without a gateway").startsWith("no word: ");
        String unfunded = work.resolve("unfunded.json").toString();
        Keypair.generate().write(Path.of(unfunded));
        refused("sol_too_low", List.of(address(unfunded), "SOL"), "escrow", "open", "0.1", "--wallet", wallet, "--fee-payer", unfunded);
    }

    // --- verify ----------------------------------------------------------------------------------------------------

    @Test
    void a_job_is_verified_with_the_relayers_papers_and_later_without_the_relayer() {
        Ran ran = done("verify", verified.job(), "--receipt", verified.receipt(), "--save", work.resolve("papers").toString());
        assertThat(ran.out()).contains("job " + verified.job() + " holds").doesNotContain("FAILED");
        assertThat(finding(ran, "sample")).contains("got the same tokens");
        String[] kept = papers("papers", verified.job());
        var arguments = new ArrayList<>(List.of("verify", verified.job(), "--relayer", NOBODY));
        arguments.addAll(List.of(kept));
        assertThat(done(arguments.toArray(String[]::new)).out()).contains("job " + verified.job() + " holds");
    }

    @Test
    void a_reply_of_a_schema_has_its_form_and_comes_out_the_same_in_a_replay() throws IOException {
        JsonNode choice = formed.path("choices").path(0);
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
        JsonNode answer = JSON.readTree(choice.path("message").path("content").asText());
        assertThat(answer.path("answer").asText()).isIn("yes", "no");
        assertThat(answer.path("sure").isBoolean()).isTrue();
        assertThat(answer).hasSize(2);
        Ran ran = done("verify", formed.path("nyxos").path("job").asText());
        assertThat(ran.out()).contains("holds").doesNotContain("FAILED");
        assertThat(finding(ran, "sample")).contains("got the same tokens");
    }

    /** The options that name the kept documents of a job's batch. */
    private static String[] papers(String folder, String job) {
        Path kept = work.resolve(folder);
        done("verify", job, "--save", kept.toString());
        long seq;
        try (Service relayer = new Service("relayer", relayer())) {
            seq = relayer.json("/v1/jobs/" + job).orElseThrow().path("batch").asLong();
        }
        Path batch = kept.resolve(Mint.USDC.address().toBase58() + "-" + seq + ".json");
        long base = json(batch).path("base").asLong();
        return base == 0 ? new String[] {"--batch", batch.toString()}
                : new String[] {"--batch", batch.toString(), "--base", kept.resolve(Mint.USDC.address().toBase58() + "-" + base + ".json").toString()};
    }

    private static URI relayer() {
        return URI.create(json(stack.file()).path("relayer").asText());
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    @Test
    void a_job_that_does_not_hold_is_told_with_what_is_wrong() throws IOException {
        String[] papers = papers("whole", verified.job());
        BatchDocument whole = BatchJson.read(Fields.parse(Files.readAllBytes(Path.of(papers[1]))));
        // The document says what its signer did not: its own roots give that away.
        ObjectNode document = (ObjectNode) json(Path.of(papers[1]));
        ((ObjectNode) document.path("credits").path(0)).put("cumulative", "999999999");
        assertRefused(verify(papers, document), "batch_roots", "roots");
        // The roots are made anew: now they are not the chain's.
        assertFailed(verify(papers, rewritten(whole, job -> job, credit -> new Credit(credit.payee(), credit.kind(), credit.cumulative() + 1))),
                "credits root credits_root", "credits credits_other");
        assertFailed(verify(papers, rewritten(whole, CommandsOnAStackTest::later, credit -> credit)), "receipt signature receipt_signature", "receipts root receipts_root");
        // Not under a root, but signed or drawn: a document without them does not hold either.
        assertFailed(verify(papers, rewritten(whole, job -> new Served(new SignedReceipt(job.receipt().receipt(), job.assignment().signature()), job.assignment(), job.payment(),
                job.sample(), job.replay()), credit -> credit)), "receipt signature receipt_signature");
        assertFailed(verify(papers, rewritten(whole, job -> new Served(job.receipt(), job.assignment(), job.payment(), job.sample(), Optional.empty()), credit -> credit)),
                "sample replay_absent");
        assertFailed(run("verify", verified.job(), "--receipt", open.receipt()), "receipt named");
        assertFailed(run("verify", NO_JOB, papers[0], papers[1]), Stream.concat(Stream.of("job in batch"), papers.length > 2 ? Stream.of("credits base_absent") : Stream.empty())
                .toArray(String[]::new));
    }

    /** As {@code nyxos verify --batch} of the verified job with this document for its batch's. */
    private static Ran verify(String[] papers, ObjectNode document) throws IOException {
        String[] arguments = Stream.concat(Stream.of("verify", verified.job()), Stream.of(papers)).toArray(String[]::new);
        arguments[3] = Files.write(work.resolve("tampered.json"), JSON.writeValueAsBytes(document)).toString();
        return run(arguments);
    }

    private static ObjectNode rewritten(BatchDocument batch, UnaryOperator<Served> verifiedJob, UnaryOperator<Credit> firstCredit) {
        var served = batch.served().stream().map(job -> job.job().hex().equals(verified.job()) ? verifiedJob.apply(job) : job).toList();
        var credits = new ArrayList<>(batch.credits());
        credits.set(0, firstCredit.apply(credits.getFirst()));
        return BatchJson.write(new BatchDocument(batch.pool(), batch.mint(), batch.seq(), batch.base(), batch.rules(), served, batch.failed(), batch.unearned(), batch.evidence(), credits));
    }

    /** The receipt ends with the time of its end: one millisecond more is another receipt. */
    private static Served later(Served job) {
        byte[] bytes = job.receipt().receipt().encode();
        bytes[bytes.length - 8]++;
        return new Served(new SignedReceipt(Receipt.decode(bytes), job.receipt().signature()), job.assignment(), job.payment(), job.sample(), job.replay());
    }

    @Test
    void what_cannot_be_verified_is_told() throws IOException {
        refused("job_unknown", List.of(NO_JOB), "verify", NO_JOB);
        refused("hash_malformed", List.of("JOB", "64 hex digits"), "verify", "mine");
        refused("hash_malformed", List.of("--receipt", "64 hex digits"), "verify", open.job(), "--receipt", "mine");
        refused("service_unreachable", List.of("the relayer at " + NOBODY, "check its address"), "verify", open.job(), "--relayer", NOBODY);
        refused("rpc_unreachable", List.of("the chain cannot be asked"), "verify", open.job(), "--rpc", NOBODY);
        refused("file_unreadable", List.of("nowhere.json"), "verify", open.job(), "--batch", "nowhere.json");
        Path other = Files.writeString(work.resolve("other.json"), "{}");
        refused("batch_malformed", List.of(other.toString()), "verify", open.job(), "--batch", other.toString());
        Path file = Files.writeString(work.resolve("taken"), "a file");
        refused("file_unwritable", List.of(file.toString()), "verify", open.job(), "--save", file.toString());
        refused("market_absent", List.of(NO_MINT), "verify", open.job(), "--market", NO_MINT);
    }

    // --- claim -----------------------------------------------------------------------------------------------------

    @Test
    void what_a_node_earned_is_claimed_by_anybody_once() throws IOException {
        String node = stack.node("open").toBase58();
        byte[] proof;
        try (Service relayer = new Service("relayer", relayer())) {
            proof = relayer.get("/v1/proofs/" + Mint.USDC.address() + "/" + node + "/node").orElseThrow();
        }
        Path kept = Files.write(work.resolve("proof.json"), proof);
        ObjectNode more = (ObjectNode) JSON.readTree(proof);
        more.put("cumulative", Long.toString(more.path("cumulative").asLong() + 1));
        Path tampered = Files.write(work.resolve("more.json"), JSON.writeValueAsBytes(more));
        refused("proof_invalid", List.of("credit root", "nothing was sent"), "claim", "--kind", "node", "--payee", node, "--proof", tampered.toString());
        refused("proof_invalid", List.of("nothing was sent"), "claim", "--kind", "treasury", "--payee", node, "--proof", kept.toString());

        long before = stack.earned("open", Mint.USDC);
        Ran ran = done("claim", "--kind", "node", "--payee", node, "--proof", kept.toString());
        assertThat(ran.out()).contains(" USDC paid to ", "transaction ");
        assertThat(stack.earned("open", Mint.USDC)).isEqualTo(before + units(ran.out()));
        assertThat(done("claim", "--kind", "node", "--payee", node, "--proof", kept.toString()).out()).contains("nothing to claim");
        assertThat(field(done("node", "show", "--node", node).out(), "earned")).startsWith(ran.out().substring(0, ran.out().indexOf(" paid")) + " paid out");
    }

    @Test
    void whoever_counts_a_nodes_standing_comes_to_what_the_indexer_says_and_sees_where_it_says_another() throws IOException {
        String indexer = json(stack.file()).path("indexer").asText();
        List<PublicKey> replayed = List.of(stack.node("verified"), stack.node("confidential"));
        // Final on chain is not yet mirrored.
        await().atMost(PATIENCE).untilAsserted(() -> {
            long jobs = 0;
            for (PublicKey node : replayed) {
                String said = done("node", "standing", "--node", node.toBase58(), "--indexer", indexer).out();
                assertThat(said).contains("indexer      the same in USDC", "indexer      the same in NYXOS");
                jobs += Long.parseLong(field(said, "USDC").split(" ")[0]);
            }
            assertThat(jobs).as("this test's own two, and what others do meanwhile").isGreaterThanOrEqualTo(2);
        });
        String node = replayed.getFirst().toBase58();
        assertThat(done("node", "standing", "--node", node, "--mint", "usdc").out()).contains("accused      no", "(floor 2 %, ramp 50)").doesNotContain("indexer", "NYXOS ");
        String before = done("node", "standing", "--node", node, "--mint", "usdc", "--slot", "1").out();
        assertThat(field(before, "USDC")).as("before it registered").startsWith("0 verified jobs since then, which count for 0 now; 100 % of its verified jobs are replayed");
        refused("slot_range", List.of("a slot that has been"), "node", "standing", "--node", node, "--slot", "999999999999");
        var answer = (ObjectNode) told(indexer, "/v1/nodes/" + node + "/standing");
        ((ObjectNode) answer.path("pools").get(0)).put("microJobs", "123456789");
        HttpServer lying = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        lying.createContext("/", exchange -> {
            byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        lying.start();
        try {
            Ran ran = run("node", "standing", "--node", node, "--indexer", "http://127.0.0.1:" + lying.getAddress().getPort());
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.out()).contains("DIFFERS in ", "it says 123.456789");
        } finally {
            lying.stop(0);
        }
        refused("node_missing", List.of(NO_MINT, "not registered"), "node", "standing", "--node", NO_MINT);
        refused("service_unreachable", List.of("the indexer"), "node", "standing", "--node", node, "--indexer", NOBODY);
    }

    private static JsonNode told(String indexer, String path) {
        try (Service service = new Service("indexer", URI.create(indexer))) {
            return service.json(path).orElseThrow();
        }
    }

    @Test
    void what_cannot_be_claimed_is_told() throws IOException {
        String node = stack.node("verified").toBase58();
        refused("credit_unknown", List.of(stack.keys().agent().publicKey().toBase58(), "refund"), "claim");
        refused("credit_unknown", List.of(node, "royalty"), "claim", "--kind", "royalty", "--payee", node);
        refused("credit_kind_unknown", List.of("node, royalty"), "claim", "--kind", "tip");
        refused("key_malformed", List.of("--payee", "me"), "claim", "--payee", "me");
        refused("key_unreadable", List.of("node keys"), "claim", "--keys", work.resolve("nowhere").toString());
        refused("key_malformed", List.of("usdc, nyxos or an address"), "claim", "--mint", "gold", "--kind", "node", "--payee", node);
        refused("mint_unknown", List.of(NO_MINT), "claim", "--mint", NO_MINT, "--kind", "node", "--payee", node);
        refused("service_unreachable", List.of("the relayer at " + NOBODY), "claim", "--kind", "node", "--payee", node, "--relayer", NOBODY);
        refused("file_unreadable", List.of("nowhere.json"), "claim", "--kind", "node", "--payee", node, "--proof", "nowhere.json");
        refused("proof_malformed", List.of(work.resolve("text").toString()), "claim", "--kind", "node", "--payee", node, "--proof", Files.writeString(work.resolve("text"), "hello").toString());
        String[] papers = papers("claimed", verified.job());
        refused("batch_mint", List.of(Mint.USDC.address().toBase58()), "claim", "--mint", "nyxos", "--kind", "node", "--payee", node, papers[0], papers[1]);
    }

    // --- node ------------------------------------------------------------------------------------------------------

    @Test
    void a_fourth_node_is_registered_linked_shown_and_stopped() throws Exception {
        Path keys = work.resolve("fourth");
        Ran made = Ran.command("node", "keys", keys.toString());
        assertThat(made.code()).isZero();
        refused("node_missing", List.of(field(made.out(), "node"), "not registered"), "node", "show", "--keys", keys.toString());
        stack.wallet(keys.resolve("operator.json"), Mint.NYXOS, Mint.NYXOS.units(1_000));
        Path config = Files.writeString(work.resolve("fourth.conf"), "keys = " + keys + "\noperator = " + keys.resolve("operator.json") + "\ndata = " + work.resolve("fourth-data") + "\n");
        Path said = work.resolve("fourth.out");
        Process node = process(said, "node", "run", "--stack", stack.file().toString(), "--config", config.toString());
        try {
            await().atMost(PATIENCE).until(() -> !node.isAlive() || Files.readString(said).lines().filter(line -> line.startsWith("linked to ")).count() == 2);
            assertThat(node.isAlive()).as(Files.readString(said)).isTrue();
            String shown = done("node", "show", "--keys", keys.toString()).out();
            assertThat(field(shown, "state")).isEqualTo("active");
            assertThat(field(shown, "tiers")).isEqualTo("open");
            assertThat(field(shown, "bond")).isEqualTo("1000.000000 NYXOS");
            assertThat(field(shown, "operator")).isEqualTo(field(made.out(), "operator").split(" ")[0]);
        } finally {
            node.destroy();
            if (!node.waitFor(1, TimeUnit.MINUTES)) {
                node.destroyForcibly().waitFor();
            }
        }
        assertThat(node.exitValue()).as("ended by the signal, not by us: " + Files.readString(said)).isEqualTo(143);
        assertThat(Files.readString(said)).contains("is registered with a bond of 1000.000000 NYXOS").doesNotContain("\tat ").doesNotContain("Exception").doesNotContain("dialled again");
    }

    private static Process process(Path out, String... arguments) throws IOException {
        return Ran.process(List.of(arguments)).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    }

    @Test
    void a_node_that_cannot_run_says_why() throws IOException {
        Path keys = work.resolve("poor");
        Ran.command("node", "keys", keys.toString());
        String good = "keys = " + keys + "\noperator = " + keys.resolve("operator.json") + "\ndata = " + work.resolve("poor-data") + "\n";
        cannotRun("bond_missing", List.of(address(keys.resolve("operator.json").toString()), "1000.000000 NYXOS"), good);
        cannotRun("config_missing", List.of("operator"), "keys = " + keys + "\ndata = " + work.resolve("poor-data") + "\n");
        cannotRun("config_key_unknown", List.of("opperator"), good + "opperator = x\n");
        cannotRun("config_invalid", List.of("open, verified or confidential"), good + "tiers = secret\n");
        cannotRun("key_unreadable", List.of("node keys"), good.replace(keys.toString(), work.resolve("nowhere").toString()));
        cannotRun("rpc_unreachable", List.of("the chain cannot be asked"), good + "rpc = " + NOBODY + "\n");
        cannotRun("market_absent", List.of(NO_MINT), good + "market = " + NO_MINT + "\n");
        cannotRun("key_malformed", List.of("market"), good + "market = here\n");
        refused("node_missing", List.of(NO_MINT, "not registered"), "node", "show", "--node", NO_MINT);
        refused("key_unreadable", List.of("node keys"), "node", "show", "--keys", work.resolve("nowhere").toString());
        refused("mint_unknown", List.of(NO_MINT), "node", "show", "--node", stack.node("open").toBase58(), "--mint", NO_MINT);
        assertThat(field(done("node", "show", "--node", stack.node("open").toBase58(), "--relayer", NOBODY).out(), "earned")).contains("no word from the relayer");
        assertRefused(Ran.command("node", "keys", Files.writeString(work.resolve("folder"), "a file").toString()), "file_unwritable", work.resolve("folder").toString());
    }

    private static void cannotRun(String code, List<String> words, String configuration) throws IOException {
        Path config = Files.writeString(work.resolve("poor.conf"), configuration);
        Ran ran = run("node", "run", "--config", config.toString());
        // What the node found on the chain is told also where it then cannot run.
        assertThat(ran.out().lines()).allSatisfy(line -> assertThat(line).startsWith("chain "));
        assertRefused(new Ran(ran.code(), "", ran.err()), code, words.toArray(String[]::new));
    }

    /** The first amount of a line, in base units. */
    private static long units(String line) {
        return Decimals.parse(line.strip().split(" ")[0], Mint.USDC);
    }
}
