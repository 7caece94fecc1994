package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.wire.EscrowPayload;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.credit.BearerKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/// Whoever holds a bearer key spends the deposit of its session key's escrow, and nothing else.
@Timeout(120)
class BearerKeyTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final long CEILING = Ground.PRICE.ceiling(List.of("hi"), 32);
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo", " world");

    private static Ground ground;
    private static String schema;
    private static Gateway gateway;
    private static ScriptedNode node;

    @BeforeAll
    static void start() throws InterruptedException {
        ground = new Ground();
        ScriptedNode.Keys keys = ground.register(Tier.OPEN);
        schema = ground.schema();
        gateway = selling(schema);
        node = ScriptedNode.join(gateway, keys, HELLO, Tier.OPEN);
    }

    private static Gateway selling(String schema) {
        return Gateway.start(ground.config(schema, Ground.timing(), Optional.empty()).with(Ground.credits()));
    }

    @AfterAll
    static void stop() {
        node.close();
        gateway.close();
        ground.close();
    }

    /// A key with a deposit that every given gateway knows of.
    private static BearerKey funded(long deposit, Gateway... gateways) {
        BearerKey key = BearerKey.generate();
        ground.escrow(ground.wallet(deposit), deposit, key.session());
        for (Gateway each : gateways) {
            await().atMost(SOON).until(() -> !credits(each, key).path("accounts").isEmpty());
        }
        return key;
    }

    private static JsonNode credits(Gateway at, BearerKey key) {
        return Posted.json(Posted.get(at, "/credits", "Authorization", "Bearer " + key.text()).body());
    }

    private static HttpResponse<String> ask(Gateway at, BearerKey key) {
        return Posted.post(at, CHAT, Posted.chat("hi", false), "Authorization", "Bearer " + key.text());
    }

    @Test
    void aBearerKeyPaysByAVoucherThatItsHolderCouldHaveSigned() {
        BearerKey key = funded(3 * CEILING, gateway);

        HttpResponse<String> answer = ask(gateway, key);

        JsonNode told = Posted.json(answer.body()).path("nyxos");
        long charge = told.path("charge").asLong();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(charge).isPositive().isLessThan(CEILING);
        assertThat(Posted.header(answer, "PAYMENT-RESPONSE").path("extra").path("ceiling").asLong()).isEqualTo(CEILING);
        Hash job = Hash.fromHex(told.path("job").asText());
        await().atMost(SOON).until(() -> !ground.told(job).isEmpty());
        JobRecord record = ground.told(job).getFirst();
        var voucher = (PaymentRecord.ByVoucher) record.payment();
        assertThat(voucher.voucher().cumulative()).as("no more than this request may cost").isEqualTo(CEILING);
        assertThat(new EscrowPayload(voucher.voucher(), voucher.signature(), voucher.nonce(), voucher.requestSignature())
            .verify(key.publicKey(), RequestBinding.requestHash("POST", CHAT, Posted.chat("hi", false).getBytes()))).isTrue();
        JsonNode left = credits(gateway, key);
        assertThat(left.path("used").asLong()).isEqualTo(charge);
        assertThat(left.path("spendable").asLong()).isEqualTo(3 * CEILING - charge);
        assertThat(left.path("reserved").asLong()).isZero();
        assertThat(left.path("balance").asText()).as("a credit is 10 000 base units").isEqualTo(Ground.credits().credits(3 * CEILING - charge));
    }

    @Test
    void whatIsNotEnoughIsRefusedAsOpenAisClientsKnowIt() {
        BearerKey key = funded(CEILING - 1, gateway);

        HttpResponse<String> answer = ask(gateway, key);

        JsonNode error = Posted.json(answer.body()).path("error");
        assertThat(answer.statusCode()).isEqualTo(402);
        assertThat(error.path("code").asText()).isEqualTo("insufficient_quota");
        assertThat(error.path("type").asText()).isEqualTo("insufficient_quota");
        assertThat(error.path("balance").asText()).isEqualTo(Ground.credits().credits(CEILING - 1));
        assertThat(error.path("needed").asText()).isEqualTo(Ground.credits().credits(CEILING));
        assertThat(error.path("buy").asText()).isEqualTo(Ground.url(gateway) + "/credits/buy");
        assertThat(credits(gateway, key).path("reserved").asLong()).isZero();
    }

    @Test
    void aKeyThatNobodyKnowsOrThatIsNoneIsRefusedAndKeysOfOthersAreIgnored() {
        HttpResponse<String> unknown = ask(gateway, BearerKey.generate());
        HttpResponse<String> malformed = Posted.post(gateway, CHAT, Posted.chat("hi", false), "Authorization", "Bearer nyx_notakey");
        HttpResponse<String> foreign = Posted.post(gateway, CHAT, Posted.chat("hi", false), "Authorization", "Bearer sk-something");

        assertThat(unknown.statusCode()).isEqualTo(401);
        assertThat(Posted.code(unknown)).isEqualTo("invalid_api_key");
        assertThat(malformed.statusCode()).isEqualTo(401);
        assertThat(malformed.body()).doesNotContain("notakey");
        assertThat(foreign.statusCode()).as("as without any key").isEqualTo(402);
        assertThat(foreign.headers().firstValue("PAYMENT-REQUIRED")).isPresent();
        assertThat(Posted.get(gateway, "/credits").statusCode()).isEqualTo(401);
    }

    @Test
    void aJobThatFailedCostsNothing() throws InterruptedException {
        try (var own = new Own(HELLO.rejecting("model_missing"))) {
            BearerKey key = funded(CEILING, own.gateway);

            HttpResponse<String> answer = ask(own.gateway, key);

            assertThat(answer.statusCode()).isGreaterThanOrEqualTo(500);
            assertThat(answer.body()).contains("nothing was charged");
            assertThat(credits(own.gateway, key).path("spendable").asLong()).isEqualTo(CEILING);
        }
    }

    /// A gateway with a node of its own, on a schema of its own unless told otherwise.
    private static final class Own implements AutoCloseable {
        private final Gateway gateway;
        private final ScriptedNode node;

        Own(ScriptedNode.Script script) throws InterruptedException {
            this(script, ground.schema());
        }

        Own(ScriptedNode.Script script, String schema) throws InterruptedException {
            ScriptedNode.Keys keys = ground.register(Tier.OPEN);
            gateway = selling(schema);
            node = ScriptedNode.join(gateway, keys, script, Tier.OPEN);
        }

        @Override
        public void close() {
            node.close();
            gateway.close();
        }
    }

    @Test
    void twoGatewaysOfOneSchemaTogetherSpendNoMoreThanIsThere() throws Exception {
        var hold = new CountDownLatch(1);
        String shared = ground.schema();
        try (var one = new Own(HELLO.heldBy(hold), shared); var two = new Own(HELLO.heldBy(hold), shared); ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            BearerKey key = funded(3 * CEILING + 1, one.gateway, two.gateway);
            var answers = new ArrayList<Future<HttpResponse<String>>>();
            for (int i = 0; i < 10; i++) {
                Gateway at = i % 2 == 0 ? one.gateway : two.gateway;
                answers.add(clients.submit(() -> ask(at, key)));
            }
            await().atMost(SOON).until(() -> answers.stream().filter(Future::isDone).count() == 7);

            assertThat(one.node.assigned().size() + two.node.assigned().size()).as("jobs that run").isLessThanOrEqualTo(3);
            assertThat(credits(one.gateway, key).path("reserved").asLong()).isEqualTo(3 * CEILING);
            assertThat(credits(two.gateway, key).path("spendable").asLong()).isEqualTo(1);
            hold.countDown();
            long charges = 0;
            int served = 0;
            for (Future<HttpResponse<String>> each : answers) {
                JsonNode body = Posted.json(each.get().body());
                if (each.get().statusCode() == 200) {
                    served++;
                    charges += body.path("nyxos").path("charge").asLong();
                } else {
                    assertThat(body.path("error").path("code").asText()).isEqualTo("insufficient_quota");
                }
            }
            assertThat(served).isEqualTo(3);
            JsonNode left = credits(two.gateway, key);
            assertThat(left.path("used").asLong()).isEqualTo(charges);
            assertThat(left.path("reserved").asLong()).isZero();
        }
    }

    @Test
    void aBearerKeyIsInNoTableAndNoLog() throws Exception {
        var appender = new ListAppender<ILoggingEvent>();
        var log = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        Level before = log.getLevel();
        appender.start();
        log.addAppender(appender);
        log.setLevel(Level.TRACE);
        BearerKey key;
        try {
            key = funded(3 * CEILING, gateway);
            assertThat(ask(gateway, key).statusCode()).isEqualTo(200);
            assertThat(Posted.get(gateway, "/no/such/path", "Authorization", "Bearer " + key.text()).statusCode()).isEqualTo(404);
            assertThat(Posted.post(gateway, CHAT, "{", "Authorization", "Bearer " + key.text()).statusCode()).isEqualTo(400);
        } finally {
            log.setLevel(before);
            log.detachAppender(appender);
        }
        String secret = key.text().substring(BearerKey.PREFIX.length());
        String hex = Hash.fromBase58(secret).hex();
        String seed = Hash.of(key.session().seed()).hex();
        Predicate<String> tells = text -> text.contains(secret) || text.contains(hex) || text.contains(seed);

        List<String> rows = ground.rows(schema);
        assertThat(rows).anyMatch(row -> row.contains(key.publicKey().toBase58())).noneMatch(tells);
        // The JDK's own client, which this test asks with, writes its headers; the gateway's side is what is looked at.
        assertThat(new ArrayList<>(appender.list).stream().filter(event -> !event.getLoggerName().startsWith("jdk.")).map(ILoggingEvent::getFormattedMessage)).noneMatch(tells);
    }

    @Test
    void aBearerKeyIsReadAsItIsWrittenAndAlwaysSignsWithTheSameKey() {
        BearerKey key = BearerKey.generate();

        assertThat(BearerKey.parse(key.text()).publicKey()).isEqualTo(key.publicKey());
        assertThat(BearerKey.parse("nyx_" + Hash.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}).base58())
            .session().seed()).isEqualTo(Hash.sha256("nyxos:bearer:v1".getBytes(), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                27, 28, 29, 30, 31, 32}).bytes());
        assertThat(key).hasToString(key.publicKey().toBase58());
        assertThat(BearerKey.ofAuthorization("bearer  " + key.text()).orElseThrow().publicKey()).isEqualTo(key.publicKey());
        assertThat(BearerKey.ofAuthorization("Basic " + key.text())).isEmpty();
    }
}
