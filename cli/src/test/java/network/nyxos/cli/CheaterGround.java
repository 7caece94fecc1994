package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.RunningStack;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.TinyModel;
import software.sava.core.accounts.PublicKey;

/** A whole stack on a small model, nodes in it that cheat, and payers whose every unit is known. */
final class CheaterGround implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(4);
    static final long BOND = Mint.NYXOS.units(1_000);
    static final int ACTIVE = 1;
    static final int SLASHED = 4;
    private static final ObjectMapper JSON = new ObjectMapper();

    final Path work;
    final Path model;
    final RunningStack stack;
    private final AtomicInteger wallets = new AtomicInteger();

    /** @param answerSlots for each move of a dispute before the registry's program; 0: there are none */
    CheaterGround(Path work, long answerSlots) {
        this.work = work;
        model = TinyModel.write(work, 42);
        stack = RunningStack.start(work.resolve("data"), 100, "--model", model.toString(), "--answer-slots", Long.toString(answerSlots));
    }

    JsonNode get(String service, String path) {
        try (Service asked = new Service(service, URI.create(JSON.readTree(stack.file().toFile()).path(service).asText()))) {
            return asked.json(path).orElse(JSON.nullNode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode job(String id) {
        return get("relayer", "/v1/jobs/" + id);
    }

    Node account(PublicKey node) {
        try (ChainSession chain = stack.market()) {
            return chain.node(node);
        }
    }

    void becomes(String job, String state, String code) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(job(job).path("state").asText() + " " + job(job).path("code").asText()).as(job(job).toPrettyString())
                .isEqualTo(state + " " + code));
    }

    /** What the relayer shows of a job's dispute. */
    JsonNode dispute(String job) {
        return StreamSupport.stream(get("relayer", "/v1/disputes?limit=500").path("disputes").spliterator(), false)
                .filter(item -> item.path("job").asText().equals(job)).findFirst().orElse(JSON.nullNode());
    }

    /** Events of a type that the indexer shows. */
    Stream<JsonNode> events(String type) {
        return StreamSupport.stream(get("indexer", "/v1/events?type=" + type + "&limit=100").path("items").spliterator(), false);
    }

    /** A payer with nothing but this, so that a refund is seen to the unit. */
    final class Payer {
        static final long MONEY = 1_000_000;

        private final Path file = stack.wallet(work.resolve("payer-" + wallets.incrementAndGet() + ".json"), Mint.USDC, MONEY);

        /** Pays for a job of the verified tier. */
        String asks() {
            // Greedy, which this model goes on with to the last token: a reply that ends by itself within the first half cannot be cut short.
            Ran ran = Ran.on(stack, "pay", "--wallet", file.toString(), "--tier", "verified", "--temperature", "0", "--max-tokens", "16", "Tell me about lighthouses.").done();
            return Ran.field(ran.err(), "job");
        }

        /** Asks where nobody is left to serve. */
        void findsNobody() {
            Ran again = Ran.on(stack, "pay", "--wallet", file.toString(), "--tier", "verified", "--max-tokens", "16", "Once more.");
            assertThat(again.code()).as("a slashed node gets no work: " + again.out()).isEqualTo(1);
            assertThat(again.err()).contains("[no_node]");
        }

        long has() {
            return stack.balance(Keypair.readOrCreate(file).publicKey(), Mint.USDC);
        }
    }

    /**
     * One cheat's whole way, from its bond to what everybody can check afterwards.
     *
     * @param meanwhile is done once it was caught, with the job
     * @return the job
     */
    String caught(String name, UnaryOperator<Engine> engine, Consumer<String> meanwhile) {
        stack.stop("verified");
        stack.stop("confidential");
        PublicKey cheat = stack.join(name, engine);
        long rewards = stack.earned("verified", Mint.NYXOS);
        Payer payer = new Payer();
        String job = payer.asks();
        assertThat(payer.has()).isLessThan(Payer.MONEY);
        stack.start("verified");
        meanwhile.accept(job);
        becomes(job, "slashed", "slashed");
        await().atMost(PATIENCE).until(() -> payer.has() == Payer.MONEY);
        assertThat(account(cheat).state()).isEqualTo(SLASHED);
        assertThat(account(cheat).bond()).isZero();
        assertThat(account(cheat).slashedTotal()).as("one bond for one cheat").isEqualTo(BOND);
        assertThat(account(stack.node("verified")).state()).isEqualTo(ACTIVE);
        assertThat(account(stack.node("verified")).bond()).isEqualTo(BOND);
        assertThat(stack.earned("verified", Mint.NYXOS) - rewards).as("half to whose replay found it").isEqualTo(BOND / 2);
        stack.stop("verified");
        payer.findsNobody();
        assertThat(payer.has()).isEqualTo(Payer.MONEY);
        stack.stop(name);
        checked(job, cheat);
        stack.start("verified");
        stack.start("confidential");
        return job;
    }

    /** What anybody with the model finds out. */
    void checked(String job, PublicKey liar) {
        String evidence = dispute(job).path("evidence").asText();
        Ran right = Ran.on(stack, "verify", "--dispute", evidence, "--weights", model.toString(), "--save", work.toString()).done();
        assertThat(right.out()).contains("slashed rightly").contains(liar.toBase58());
        Path kept = work.resolve("dispute-" + evidence + ".json");
        assertThat(Ran.on(stack, "verify", "--dispute", kept.toString(), "--weights", model.toString()).code()).isZero();
    }

    @Override
    public void close() {
        stack.close();
    }
}
