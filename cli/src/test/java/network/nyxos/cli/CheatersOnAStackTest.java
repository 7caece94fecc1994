package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Cheat;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.RunningStack;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.TinyModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** A whole stack on a small model, and nodes in it that cheat: what they lose, what payers have back, and that nobody else is touched. */
class CheatersOnAStackTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long BOND = Mint.NYXOS.units(1_000);
    private static final int ACTIVE = 1;
    private static final int SLASHED = 4;
    private static final AtomicInteger WALLETS = new AtomicInteger();

    @TempDir
    private static Path work;

    private static Path model;
    private static RunningStack stack;

    @BeforeAll
    static void start() {
        model = TinyModel.write(work, 42);
        stack = RunningStack.start(work.resolve("data"), 100, "--model", model.toString());
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    private static JsonNode get(String service, String path) {
        try (Service asked = new Service(service, URI.create(JSON.readTree(stack.file().toFile()).path(service).asText()))) {
            return asked.json(path).orElse(JSON.nullNode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode job(String id) {
        return get("relayer", "/v1/jobs/" + id);
    }

    private static Node account(PublicKey node) {
        try (ChainSession chain = stack.market()) {
            return chain.node(node);
        }
    }

    private static void becomes(String job, String state, String code) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(job(job).path("state").asText() + " " + job(job).path("code").asText()).as(job(job).toPrettyString())
                .isEqualTo(state + " " + code));
    }

    /** A payer with nothing but this, so that a refund is seen to the unit. */
    private record Payer(Path file) {
        static final long MONEY = 1_000_000;

        static Payer rich() {
            return new Payer(stack.wallet(work.resolve("payer-" + WALLETS.incrementAndGet() + ".json"), Mint.USDC, MONEY));
        }

        String asks() {
            // Greedy, which this model goes on with to the last token: a reply that ends by itself within the first half cannot be cut short.
            Ran ran = Ran.on(stack, "pay", "--wallet", file.toString(), "--tier", "verified", "--temperature", "0", "--max-tokens", "16", "Tell me about lighthouses.").done();
            return Ran.field(ran.err(), "job");
        }

        long has() {
            return stack.balance(Keypair.readOrCreate(file).publicKey(), Mint.USDC);
        }
    }

    /** One cheat's whole way, from its bond to what everybody can check afterwards. */
    private void caught(String name, UnaryOperator<Engine> engine) {
        stack.stop("verified");
        stack.stop("confidential");
        PublicKey cheat = stack.join(name, engine);
        long rewards = stack.earned("verified", Mint.NYXOS);
        Payer payer = Payer.rich();
        String job = payer.asks();
        assertThat(payer.has()).isLessThan(Payer.MONEY);
        stack.start("verified");
        becomes(job, "slashed", "slashed");
        await().atMost(PATIENCE).until(() -> payer.has() == Payer.MONEY);
        assertThat(account(cheat).state()).isEqualTo(SLASHED);
        assertThat(account(cheat).bond()).isZero();
        assertThat(account(cheat).slashedTotal()).isEqualTo(BOND);
        assertThat(account(stack.node("verified")).state()).isEqualTo(ACTIVE);
        assertThat(account(stack.node("verified")).bond()).isEqualTo(BOND);
        assertThat(stack.earned("verified", Mint.NYXOS) - rewards).as("half to whose replay found it").isEqualTo(BOND / 2);
        stack.stop("verified");
        Ran again = Ran.on(stack, "pay", "--wallet", payer.file().toString(), "--tier", "verified", "--max-tokens", "16", "Once more.");
        assertThat(again.code()).as("a slashed node gets no work: " + again.out()).isEqualTo(1);
        assertThat(again.err()).contains("[no_node]");
        assertThat(payer.has()).isEqualTo(Payer.MONEY);
        stack.stop(name);
        checked(job, cheat);
        stack.start("verified");
        stack.start("confidential");
    }

    /** What anybody with the model finds out, and what the indexer shows. */
    private static void checked(String job, PublicKey liar) {
        JsonNode dispute = StreamSupport.stream(get("relayer", "/v1/disputes?limit=500").path("disputes").spliterator(), false)
                .filter(item -> item.path("job").asText().equals(job)).findFirst().orElseThrow();
        String evidence = dispute.path("evidence").asText();
        Ran right = Ran.on(stack, "verify", "--dispute", evidence, "--weights", model.toString(), "--save", work.toString()).done();
        assertThat(right.out()).contains("slashed rightly").contains(liar.toBase58());
        Path kept = work.resolve("dispute-" + evidence + ".json");
        assertThat(Ran.on(stack, "verify", "--dispute", kept.toString(), "--weights", model.toString()).code()).isZero();
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode events = get("indexer", "/v1/events?type=NodeSlashed&limit=100");
            assertThat(StreamSupport.stream(events.path("items").spliterator(), false).map(JsonNode::toString)).as(events.toString())
                    .anyMatch(event -> event.contains(evidence) && event.contains(Long.toString(BOND)) && event.contains(Long.toString(BOND / 2)));
        });
    }

    @Test
    void another_models_output_under_the_claimed_id() {
        try (Model other = Model.load(TinyModel.write(work, 43), Model.Options.named("other"))) {
            caught("swapped", Cheat.otherModel(new DeterministicEngine(other)));
        }
    }

    @Test
    void one_token_changed() {
        caught("flipped", Cheat.flipsOneToken());
    }

    @Test
    void a_reply_cut_short_and_called_complete() {
        caught("truncated", Cheat.truncates());
    }

    @Test
    void the_right_tokens_by_another_computation() {
        caught("copied", Cheat.othersWork());
    }

    @Test
    void a_replay_that_lies_costs_the_liar_and_not_the_accused() throws IOException {
        stack.stop("confidential");
        Payer payer = Payer.rich();
        long rewards = stack.earned("verified", Mint.NYXOS);
        String job = payer.asks();
        PublicKey liar = stack.join("lying", Cheat.liesAboutOthers());
        becomes(job, "disputed", "replayer_slashed");
        await().atMost(PATIENCE).until(() -> payer.has() == Payer.MONEY);
        assertThat(account(liar).state()).isEqualTo(SLASHED);
        assertThat(account(liar).bond()).isZero();
        assertThat(account(stack.node("verified")).bond()).isEqualTo(BOND);
        assertThat(stack.earned("verified", Mint.NYXOS) - rewards).as("half to the accused").isEqualTo(BOND / 2);
        checked(job, liar);
        stack.stop("lying");
        stack.start("confidential");
    }

    @Test
    void papers_that_were_changed_and_honest_jobs_convict_nobody() throws IOException {
        Payer payer = Payer.rich();
        String job = payer.asks();
        await().atMost(PATIENCE).until(() -> List.of("final", "claimed").contains(job(job).path("state").asText()));
        assertThat(payer.has()).isLessThan(Payer.MONEY);
        Path nonsense = Files.writeString(work.resolve("nonsense.json"), "{\"evidence\":\"" + "00".repeat(32) + "\"}");
        Ran read = Ran.on(stack, "verify", "--dispute", nonsense.toString(), "--weights", model.toString());
        assertThat(read.code()).isEqualTo(1);
        assertThat(read.err()).contains("[json_field]");
        Ran unknown = Ran.on(stack, "verify", "--dispute", "00".repeat(32), "--weights", model.toString());
        assertThat(unknown.err()).contains("[dispute_unknown]");
        assertThat(Arrays.asList(read.code(), unknown.code())).containsOnly(1);
    }
}
