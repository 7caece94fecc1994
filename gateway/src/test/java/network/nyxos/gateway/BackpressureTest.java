package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.client.AgentException;
import network.nyxos.gateway.client.ChatCall;
import network.nyxos.gateway.client.EscrowClient;
import network.nyxos.gateway.client.VoucherBook;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// More work than there is room for: what is beyond a bound is refused at once, with the reason, `Retry-After`, and no charge; what is within is served.
@Timeout(120)
class BackpressureTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final long USDC = 1_000_000;
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final ScriptedNode.Script HELLO = ScriptedNode.Script.saying("Hel", "lo");
    private static final GatewayConfig.Limits WIDE = GatewayConfig.Limits.DEFAULT;

    private static Ground ground;
    private final CountDownLatch hold = new CountDownLatch(1);
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService side = Executors.newVirtualThreadPerTaskExecutor();
    private Gateway gateway;
    private ScriptedNode node;

    @BeforeAll
    static void lay() {
        ground = new Ground();
    }

    @AfterAll
    static void clear() {
        if (ground != null) {
            ground.close();
        }
    }

    /// A gateway within limits, with a node of 16 places that holds every job until it is let go.
    private void start(GatewayConfig.Limits limits) throws InterruptedException {
        ScriptedNode.Keys keys = ground.register(Tier.OPEN);
        gateway = Gateway.start(ground.config(ground.schema(), Ground.timing(), Optional.empty()).with(limits));
        open.add(gateway);
        node = ScriptedNode.join(gateway, keys, HELLO.heldBy(hold), Tier.OPEN);
        open.add(node);
    }

    @AfterEach
    void stop() throws Exception {
        hold.countDown();
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        side.close();
    }

    private EscrowClient client(Keypair payer) {
        Ground.Escrow escrow = ground.escrow(payer, USDC);
        return EscrowClient.open(Ground.url(gateway), escrow.address(), Ground.USDC, escrow.session(), VoucherBook.inMemory(), USDC, SOON);
    }

    /// What became of a request: its text, or status and code.
    private static Callable<String> asking(EscrowClient client) {
        return () -> {
            try {
                return client.complete(ChatCall.of(Ground.MODEL, "hi", 32).greedy()).text();
            } catch (AgentException e) {
                return e.status() + " " + e.code();
            }
        };
    }

    private List<String> over(List<Future<String>> requests) {
        return requests.stream().filter(Future::isDone).map(Future::resultNow).toList();
    }

    @Test
    void aPayerTakesNoMoreThanItsShareAndTheOthersAreServed() throws Exception {
        start(new GatewayConfig.Limits(2, WIDE.perNode(), WIDE.requests(), WIDE.settlements()));
        Keypair greedy = ground.wallet(2 * USDC);
        EscrowClient one = client(greedy);
        long opened = ground.chain.slot();
        await().atMost(SOON).until(() -> ground.chain.slot() > opened);
        EscrowClient two = client(greedy);
        EscrowClient modest = client(ground.wallet(USDC));

        List<Future<String>> requests = Collections.nCopies(3, List.of(one, two)).stream().flatMap(List::stream).map(each -> side.submit(asking(each))).toList();

        await().atMost(SOON).until(() -> over(requests).size() == 4 && node.assigned().size() == 2);
        assertThat(over(requests)).as("over both of its escrows together").containsOnly("429 rate_limit_exceeded");
        Future<String> other = side.submit(asking(modest));
        await().atMost(SOON).until(() -> node.assigned().size() == 3);
        hold.countDown();
        assertThat(other.get()).isEqualTo("Hello");
        await().atMost(SOON).until(() -> requests.stream().allMatch(Future::isDone));
        assertThat(over(requests).stream().filter("Hello"::equals)).hasSize(2);
        assertThat(one.balance().used() + two.balance().used()).isEqualTo(2 * Ground.PRICE.charge(5, 2));
        assertThat(one.balance().reserved() + two.balance().reserved()).isZero();
        assertThat(asking(one).call()).as("there is room again").isEqualTo("Hello");
    }

    @Test
    void aTransferBeyondThePayersShareIsNotTaken() throws Exception {
        start(new GatewayConfig.Limits(1, WIDE.perNode(), WIDE.requests(), WIDE.settlements()));
        Keypair wallet = ground.wallet(2 * USDC);
        Future<String> first = side.submit(asking(client(wallet)));
        await().atMost(SOON).until(() -> node.assigned().size() == 1);
        String body = Posted.chat("hi", false);
        ObjectNode offer = Posted.exactOffer(Posted.post(gateway, CHAT, body));
        String payment = Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true));
        long vault = ground.vault();

        HttpResponse<String> refused = Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(Posted.code(refused)).isEqualTo("rate_limit_exceeded");
        assertThat(Posted.json(refused.body()).path("error").path("type").asText()).isEqualTo("requests");
        assertThat(Posted.json(refused.body()).path("error").path("message").asText()).contains("nothing was charged");
        assertThat(refused.headers().firstValueAsLong("Retry-After")).hasValue(2);
        assertThat(ground.vault()).isEqualTo(vault);
        assertThat(Posted.get(gateway, "/metrics").body()).contains("nyxos_gateway_refusals_total{code=\"rate_limit_exceeded\"} 1");
        hold.countDown();
        assertThat(first.get()).isEqualTo("Hello");
        assertThat(Posted.post(gateway, CHAT, body, "PAYMENT-SIGNATURE", payment).statusCode()).as("the same payment is good once there is room").isEqualTo(200);
    }

    @Test
    void aNodeIsGivenNoMoreThanTheGatewaysBoundWhateverItSaysOfItself() throws Exception {
        start(new GatewayConfig.Limits(WIDE.perPayer(), 3, WIDE.requests(), WIDE.settlements()));
        List<EscrowClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(client(ground.wallet(USDC)));
        }

        List<Future<String>> requests = clients.stream().map(each -> side.submit(asking(each))).toList();

        await().atMost(SOON).until(() -> over(requests).size() == 5 && node.assigned().size() == 3);
        assertThat(over(requests)).containsOnly("503 no_capacity");
        HttpResponse<String> unpaid = Posted.post(gateway, CHAT, Posted.chat("hi", false));
        assertThat(unpaid.statusCode()).as("nobody is asked to pay for what has no place").isEqualTo(503);
        assertThat(unpaid.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 30L);
        var capacity = Posted.json(Posted.get(gateway, "/v1/models/" + Ground.MODEL).body()).path("tiers").path("open").path("capacity");
        assertThat(capacity.path("jobs").asInt()).isEqualTo(3);
        assertThat(capacity.path("busy").asInt()).isEqualTo(3);
        hold.countDown();
        await().atMost(SOON).until(() -> requests.stream().allMatch(Future::isDone));
        assertThat(over(requests).stream().filter("Hello"::equals)).hasSize(3);
        assertThat(clients.stream().mapToLong(each -> each.balance().used()).sum()).isEqualTo(3 * Ground.PRICE.charge(5, 2));
    }

    @Test
    void aGatewayTakesOnNoMoreRequestsThanItsBoundAndStillTellsHowItIs() throws Exception {
        start(new GatewayConfig.Limits(WIDE.perPayer(), WIDE.perNode(), 1, WIDE.settlements()));
        Future<String> first = side.submit(asking(client(ground.wallet(USDC))));
        await().atMost(SOON).until(() -> node.assigned().size() == 1);

        HttpResponse<String> refused = Posted.post(gateway, CHAT, Posted.chat("hi", false));

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(Posted.code(refused)).isEqualTo("gateway_busy");
        assertThat(refused.headers().firstValueAsLong("Retry-After")).hasValue(1);
        assertThat(Posted.get(gateway, "/v1/models").statusCode()).isEqualTo(200);
        assertThat(Posted.get(gateway, "/health").statusCode()).isEqualTo(200);
        hold.countDown();
        assertThat(first.get()).isEqualTo("Hello");
        // A request's place is free a moment after its client has read the last byte.
        await().atMost(SOON).until(() -> Posted.post(gateway, CHAT, Posted.chat("hi", false)).statusCode() == 402);
    }

    @Test
    void aJobThatFailsGivesItsShareBack() throws Exception {
        start(new GatewayConfig.Limits(1, WIDE.perNode(), WIDE.requests(), WIDE.settlements()));
        node.close();
        ScriptedNode.Keys keys = ground.register(Tier.OPEN);
        await().atMost(SOON).until(() -> {
            ScriptedNode refusing = ScriptedNode.dial(gateway, keys, HELLO.rejecting("context_length_exceeded"), 4, Optional.empty(), Tier.OPEN);
            open.add(refusing);
            await().atMost(SOON).until(() -> refusing.welcomed() || !refusing.refused().isEmpty());
            return refusing.welcomed();
        });
        EscrowClient client = client(ground.wallet(USDC));

        for (int i = 0; i < 3; i++) {
            assertThat(asking(client).call()).isEqualTo("400 context_length_exceeded");
        }

        assertThat(client.balance().used()).isZero();
    }

    @Test
    void aLimitBelowOneIsRefused() {
        assertThatThrownBy(() -> new GatewayConfig.Limits(1, 0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
