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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Service;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.RunningStack;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.node.NodeService;
import network.nyxos.node.outbox.UnsettledJobs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** A whole stack whose relayer goes away and comes back, and a node that helps itself meanwhile. */
class DirectOnAStackTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int FEE_BPS = 200;
    private static final int ROYALTY_BPS = 500;
    private static final AtomicInteger WALLETS = new AtomicInteger();

    @TempDir
    private static Path work;

    private static RunningStack stack;

    /** A request that a voucher paid. */
    private record Paid(String job, long charge) {
    }

    @BeforeAll
    static void start() {
        stack = RunningStack.start(work.resolve("data"), 100, "--challenge-slots", "120", "--direct-slots", "600");
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    @AfterEach
    void comeBack() {
        stack.startRelayer();
    }

    private static Ran run(String... arguments) {
        return Ran.on(stack, arguments);
    }

    private static Ran done(String... arguments) {
        return run(arguments).done();
    }

    private static void refused(String code, String... arguments) {
        Ran ran = run(arguments);
        assertThat(ran.code()).as(ran.out() + ran.err()).isEqualTo(1);
        assertThat(ran.err().strip()).endsWith("[" + code + "]");
    }

    private static String field(String screen, String name) {
        return Ran.field(screen, name);
    }

    private static long units(String amount) {
        return Long.parseLong(amount.split(" ")[0].replace(".", ""));
    }

    private static Paid pay(String wallet, String escrow, String... more) {
        Ran ran = done(Stream.concat(Stream.of("pay", "--wallet", wallet, "--escrow", escrow, "--max-tokens", "4", "Say hello."), Stream.of(more)).toArray(String[]::new));
        return new Paid(field(ran.err(), "job"), units(field(ran.err(), "cost")));
    }

    private static String[] settle(String node, String... more) {
        List<String> words = new ArrayList<>(List.of("node", "settle", "--keys", stack.keys().node(node).toString(), "--data", stack.nodeData("open").toString(), "--operator",
                stack.keys().path("operator-" + node).toString()));
        words.addAll(Arrays.asList(more));
        return words.toArray(String[]::new);
    }

    private static JsonNode relayer(String path) {
        try (Service relayer = new Service("relayer", URI.create(JSON.readTree(stack.file().toFile()).path("relayer").asText()))) {
            return relayer.json(path).orElse(JSON.nullNode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFinal(Paid paid) {
        return relayer("/v1/jobs/" + paid.job()).path("state").asText().equals("final");
    }

    private static long debited(String escrow) {
        return units(field(done("escrow", "show", escrow).out(), "settled"));
    }

    /** What the node has of a job that it settled by itself. */
    private static long direct(Paid job) {
        return Split.of(job.charge(), FEE_BPS, 0).net();
    }

    /** What the node has of a job that a batch pays. */
    private static long credited(Paid job) {
        return Split.of(job.charge(), FEE_BPS, ROYALTY_BPS).net();
    }

    private static void claim() {
        done("claim", "--kind", "node", "--payee", stack.node("open").toBase58());
    }

    private static String wallet() {
        return stack.wallet(work.resolve("wallet-" + WALLETS.incrementAndGet() + ".json"), Mint.USDC, 1_000_000).toString();
    }

    /** The newest batch as the relayer keeps it, saved before the relayer goes. */
    private static Path newestBatch() throws IOException {
        String seq = field(done("batch", "show").out(), "batch");
        JsonNode document = relayer("/v1/batches/" + Mint.USDC.address() + "/" + seq);
        return Files.writeString(work.resolve("batch-" + seq + ".json"), document.toString());
    }

    @Test
    void a_node_is_paid_what_the_voucher_owes_while_the_relayer_is_gone_and_nothing_more_when_it_is_back() throws IOException {
        String wallet = wallet();
        String escrow = done("escrow", "open", "0.5", "--wallet", wallet).out().strip();
        Paid first = pay(wallet, escrow);
        await().atMost(PATIENCE).until(() -> isFinal(first));
        await().atMost(PATIENCE).until(() -> run(settle("open")).out().contains("keeps no job that is unsettled"));
        claim();
        String batch = newestBatch().toString();
        stack.stopRelayer();

        // Several choices are one job here, too: the program knows of none, and charges what their one receipt does.
        Paid job = pay(wallet, escrow, "--choices", "3");
        Ran early = done(settle("open", "--batch", batch));
        assertThat(early.out()).contains(job.job() + "  can be settled directly from slot ", "unless a batch is posted before");
        assertThat(done(settle("verified")).out()).as("another node's keys").contains("keeps no job that is unsettled");
        refused("data_missing", settle("open", "--data", work.resolve("nowhere").toString()));
        assertThat(debited(escrow)).isEqualTo(first.charge());

        await().atMost(PATIENCE).until(() -> run(settle("open", "--batch", batch)).out().contains("can be settled directly now"));
        refused("yes_missing", settle("open", "--batch", batch));
        long before = stack.earned("open", Mint.USDC);
        assertThat(done(settle("open", "--batch", batch, "--yes")).out()).contains("settled directly, paid out from slot ", "transaction ");
        assertThat(debited(escrow)).as("counted at once, within the voucher").isEqualTo(first.charge() + job.charge());
        Ran shown = done("direct", "show", "--node", stack.node("open").toBase58());
        assertThat(field(shown.out(), "state")).isEqualTo("open");
        assertThat(field(shown.out(), "job")).isEqualTo(job.job());
        refused("direct_too_early", "direct", "finish", field(shown.out(), "record"), "--wallet", wallet);
        assertThat(stack.earned("open", Mint.USDC)).as("paid at its window's end").isEqualTo(before);

        await().atMost(PATIENCE).until(() -> run(settle("open")).out().contains("can be paid out now"));
        assertThat(done(settle("open", "--yes")).out()).contains("paid out, fee ");
        assertThat(stack.earned("open", Mint.USDC)).as("exactly what the voucher owes, less the fee").isEqualTo(before + direct(job));
        assertThat(done(settle("open")).out()).contains("keeps no job that is unsettled");

        stack.startRelayer();
        await().atMost(PATIENCE).until(() -> relayer("/v1/jobs/" + job.job()).path("state").asText().equals("released"));
        assertThat(relayer("/v1/jobs/" + job.job()).toString()).contains("settled_directly");
        Paid last = pay(wallet, escrow);
        await().atMost(PATIENCE).until(() -> isFinal(last));
        assertThat(debited(escrow)).as("each job once").isEqualTo(first.charge() + job.charge() + last.charge());
        claim();
        assertThat(stack.earned("open", Mint.USDC)).as("each job once").isEqualTo(before + direct(job) + credited(last));
    }

    @Test
    void what_the_verifiers_void_goes_back_and_can_be_credited() throws IOException {
        String wallet = wallet();
        String escrow = done("escrow", "open", "0.5", "--wallet", wallet).out().strip();
        Optional<Path> batch = run("batch", "show").code() == 0 ? Optional.of(newestBatch()) : Optional.empty();
        String[] known = batch.map(file -> new String[] {"--batch", file.toString()}).orElse(new String[0]);
        stack.stopRelayer();
        Paid job = pay(wallet, escrow);
        await().atMost(PATIENCE).until(() -> run(settle("open", known)).out().contains("can be settled directly now"));
        done(settle("open", Stream.concat(Arrays.stream(known), Stream.of("--yes")).toArray(String[]::new)));
        String record = field(done("direct", "show", "--escrow", escrow).out(), "record");
        String one = stack.keys().path("verifier-1").toString();
        String two = stack.keys().path("verifier-2").toString();

        Ran alone = done("direct", "void", record, "--reason", "7", "--verifier", one, "--wallet", wallet);
        assertThat(alone.out()).contains("1 of 2 signatures, nothing was sent");
        String signature = alone.out().lines().findFirst().orElseThrow();
        refused("signature_wrong", "direct", "void", record, "--reason", "8", "--verifier", two, "--signature", signature, "--wallet", wallet);
        refused("verifier_unknown", "direct", "void", record, "--reason", "7", "--verifier", wallet, "--verifier", two, "--wallet", wallet);
        refused("direct_unknown", "direct", "void", escrow, "--reason", "7", "--verifier", one, "--wallet", wallet);
        refused("direct_state", "direct", "return", record, "--wallet", wallet);
        refused("yes_missing", "direct", "void", record, "--reason", "7", "--verifier", two, "--signature", signature, "--wallet", wallet);
        assertThat(done("direct", "void", record, "--reason", "7", "--verifier", two, "--signature", signature, "--wallet", wallet, "--yes").err()).contains("is void, transaction ");
        refused("direct_state", "direct", "finish", record, "--wallet", wallet);
        assertThat(debited(escrow)).isEqualTo(job.charge());
        assertThat(done("direct", "return", record, "--wallet", wallet).err()).contains("back in escrow " + escrow);
        assertThat(debited(escrow)).isZero();
        refused("rent_payer_other", "direct", "close", record, "--wallet", wallet);

        stack.startRelayer();
        await().atMost(PATIENCE).until(() -> isFinal(job));
        assertThat(debited(escrow)).as("by the batch, once").isEqualTo(job.charge());
    }

    @Test
    void a_job_that_a_batch_pays_is_not_settled_by_an_honest_node_and_anybody_disproves_a_dishonest_one() throws IOException {
        String wallet = wallet();
        String escrow = done("escrow", "open", "0.5", "--wallet", wallet).out().strip();
        Paid job = pay(wallet, escrow);
        Path folder = stack.nodeData("open").resolve(NodeService.UNSETTLED);
        UnsettledJobs.Entry kept = UnsettledJobs.in(folder).stream().filter(entry -> entry.job().hex().equals(job.job())).findFirst().orElseThrow();
        byte[] file = Files.readAllBytes(folder.resolve(job.job() + ".job.json"));
        await().atMost(PATIENCE).until(() -> isFinal(job));
        Path batch = newestBatch();
        String seq = field(done("batch", "show").out(), "batch");
        stack.stopRelayer();
        await().atMost(PATIENCE).until(() -> Files.notExists(folder.resolve(job.job() + ".job.json")));

        // As if the relayer had gone before it could tell: the node finds the job in the batch, and settles nothing.
        Files.write(folder.resolve(job.job() + ".job.json"), file);
        assertThat(done(settle("open")).out()).as("without the document it does not guess").contains("give the batch's document with --batch");
        assertThat(done(settle("open", "--batch", batch.toString(), "--yes")).out()).contains("batch " + seq + " has credited it");
        assertThat(folder.resolve(job.job() + ".job.json")).doesNotExist();

        String record;
        try (ChainSession chain = stack.market()) {
            PublicKey session = Escrow.decode(chain.rpc().account(PublicKey.fromBase58Encoded(escrow), Commitment.CONFIRMED).orElseThrow().data()).sessionKey();
            Keypair operator = stack.keys().key("operator-open");
            Keypair node = Keypair.read(stack.keys().node("open").resolve("node.json"));
            var settling = chain.pool(Mint.USDC).settleDirect(operator.publicKey(), kept.payment().direct(session, kept.assignment(), kept.receipt()));
            await().atMost(PATIENCE).ignoreExceptionsInstanceOf(StackException.class).until(() -> !chain.send("settle", settling, operator, node).isEmpty());
            record = chain.programs().direct(PublicKey.fromBase58Encoded(escrow), kept.job()).toBase58();
        }
        assertThat(debited(escrow)).isEqualTo(2 * job.charge());
        refused("batch_unknown", "direct", "disprove", record, "999", "--batch", batch.toString(), "--wallet", wallet);
        assertThat(done("direct", "disprove", record, seq, "--batch", batch.toString(), "--wallet", wallet).err()).contains("batch " + seq + " pays job " + job.job());
        refused("direct_state", "direct", "disprove", record, seq, "--batch", batch.toString(), "--wallet", wallet);
        done("direct", "return", record, "--wallet", wallet);
        assertThat(debited(escrow)).as("once").isEqualTo(job.charge());
    }
}
