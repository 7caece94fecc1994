package network.nyxos.localnet;

import static network.nyxos.localnet.Transactions.signed;
import static network.nyxos.localnet.Transactions.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;

/** Subscriptions over WebSocket, with slots moved by hand. */
class PubSubTest {

    private static final long SOL = LocalChain.LAMPORTS_PER_SOL;
    private static final Map<String, Object> CONFIRMED = Map.of("commitment", "confirmed", "encoding", "base64");

    private final Signer alice = Transactions.newSigner();
    private final PublicKey bob = Transactions.newSigner().publicKey();
    private LocalChain chain;
    private LocalRpcServer server;
    private HttpClient http;

    @BeforeEach
    void start() {
        chain = LocalChain.start(ChainOptions.defaults().withManualSlots());
        server = LocalRpcServer.start(chain, 0);
        http = HttpClient.newHttpClient();
        chain.airdrop(alice.publicKey(), 10 * SOL);
    }

    @AfterEach
    void stop() {
        http.shutdownNow();
        server.close();
        chain.close();
    }

    @Test
    void anAccountIsFollowedUntilItsSubscriberLeaves() throws Exception {
        Client client = connect(server.wsUrl());
        long id = client.call("accountSubscribe", bob.toBase58(), CONFIRMED).longValue();

        chain.send(payBob(SOL));
        JsonNode told = client.notification("accountNotification", id);
        assertThat(told.at("/value/lamports").longValue()).isEqualTo(SOL);
        assertThat(told.at("/context/slot").longValue()).isEqualTo(chain.slot());

        assertThat(client.call("accountUnsubscribe", id).booleanValue()).isTrue();
        chain.send(payBob(2 * SOL));
        client.call("slotSubscribe");
        chain.advanceSlots(1);
        assertThat(client.next().get("method").textValue()).isEqualTo("slotNotification");
    }

    @Test
    void theHttpPortServesSubscriptionsToo() throws Exception {
        Client client = connect(URI.create(server.httpUrl().toString().replace("http", "ws")));
        long id = client.call("accountSubscribe", bob.toBase58(), CONFIRMED).longValue();

        chain.airdrop(bob, SOL);

        assertThat(client.notification("accountNotification", id).at("/value/lamports").longValue()).isEqualTo(SOL);
    }

    @Test
    void aFinalizedSubscriberHearsOnceTheSlotIsFinalized() throws Exception {
        Client client = connect(server.wsUrl());
        long id = client.call("accountSubscribe", bob.toBase58(), Map.of("commitment", "finalized", "encoding", "base64")).longValue();
        long slots = client.call("slotSubscribe").longValue();

        chain.airdrop(bob, SOL);
        chain.advanceSlots(1);
        assertThat(client.next().at("/params/subscription").longValue()).isEqualTo(slots);
        chain.advanceSlots(chain.options().finalitySlots() - 1);
        assertThat(client.next().at("/params/subscription").longValue()).isEqualTo(id);
    }

    @Test
    void aSignatureIsToldOnceWhetherItLandsBeforeOrAfter() throws Exception {
        Client client = connect(server.wsUrl());
        byte[] wire = payBob(SOL);
        String signature = WireTransaction.parse(wire).signature();
        long before = client.call("signatureSubscribe", signature, CONFIRMED).longValue();

        chain.send(wire);
        assertThat(client.notification("signatureNotification", before).at("/value/err").isNull()).isTrue();

        long after = client.call("signatureSubscribe", signature, CONFIRMED).longValue();
        assertThat(client.notification("signatureNotification", after).at("/value/err").isNull()).isTrue();
        assertThat(client.error("signatureUnsubscribe", after).get("code").intValue()).isEqualTo(-32602);
    }

    @Test
    void aSignatureThatFailedIsToldWithItsError() throws Exception {
        Client client = connect(server.wsUrl());
        String signature = chain.send(payBob(50 * SOL)).signature();
        long id = client.call("signatureSubscribe", signature, CONFIRMED).longValue();

        assertThat(client.notification("signatureNotification", id).at("/value/err").toString())
                .isEqualTo("{\"InstructionError\":[0,{\"Custom\":1}]}");
    }

    @Test
    void logsAreGivenToThoseWhoAskForAllAndForWhoIsMentioned() throws Exception {
        Client client = connect(server.wsUrl());
        long all = client.call("logsSubscribe", "all", CONFIRMED).longValue();
        long bobs = client.call("logsSubscribe", Map.of("mentions", List.of(bob.toBase58())), CONFIRMED).longValue();

        String toSomebody = chain.airdrop(Transactions.newSigner().publicKey(), SOL).signature();
        assertThat(client.notification("logsNotification", all).at("/value/signature").textValue()).isEqualTo(toSomebody);
        String toBob = chain.send(payBob(SOL)).signature();
        List<JsonNode> both = List.of(client.next(), client.next());
        assertThat(both).allMatch(told -> told.at("/params/result/value/signature").textValue().equals(toBob));
        assertThat(both).extracting(told -> told.at("/params/subscription").longValue()).containsExactlyInAnyOrder(all, bobs);
        assertThat(both.getFirst().at("/params/result/value/logs").toString()).contains("invoke [1]");
    }

    @Test
    void aProgramsAccountsAreFollowedThroughFilters() throws Exception {
        PublicKey mint = Transactions.newSigner().publicKey();
        chain.createMint(mint, LocalChain.TOKEN_PROGRAM, alice.publicKey(), 6);
        Client client = connect(server.wsUrl());
        long id = client.call("programSubscribe", LocalChain.TOKEN_PROGRAM.toBase58(), Map.of("commitment", "confirmed",
                "encoding", "jsonParsed", "filters", List.of(Map.of("memcmp", Map.of("offset", 32, "bytes", bob.toBase58()))))).longValue();

        chain.mintTo(mint, alice.publicKey(), 5);
        PublicKey account = chain.mintTo(mint, bob, 7);

        JsonNode told = client.notification("programNotification", id).get("value");
        assertThat(told.get("pubkey").textValue()).isEqualTo(account.toBase58());
        assertThat(told.at("/account/data/parsed/info/tokenAmount/amount").textValue()).isEqualTo("7");
    }

    @Test
    void slotsAndRootsAreToldAsTheyCome() throws Exception {
        Client client = connect(server.wsUrl());
        long slots = client.call("slotSubscribe").longValue();
        long roots = client.call("rootSubscribe").longValue();

        chain.advanceSlots(5);

        Map<Long, JsonNode> told = Map.of(slots, client.notification("slotNotification", slots), roots, client.notification("rootNotification", roots));
        assertThat(told.get(slots).toString()).isEqualTo("{\"slot\":6,\"parent\":5,\"root\":4}");
        assertThat(told.get(roots).longValue()).isEqualTo(4);
    }

    @Test
    void wrongRequestsAreAnsweredWithTheReason() throws Exception {
        Client client = connect(server.wsUrl());

        assertThat(client.error("accountSubscribe", "nobody").get("code").intValue()).isEqualTo(-32602);
        assertThat(client.error("noSuchSubscribe").get("code").intValue()).isEqualTo(-32601);
        assertThat(client.error("accountUnsubscribe", 999).get("code").intValue()).isEqualTo(-32602);
    }

    @Test
    void aLeavingClientLeavesNoSubscriptionBehind() throws Exception {
        Client leaving = connect(server.wsUrl());
        leaving.call("slotSubscribe");
        leaving.socket.abort();

        Client staying = connect(server.wsUrl());
        long id = staying.call("slotSubscribe").longValue();
        chain.advanceSlots(1);
        chain.advanceSlots(1);
        staying.notification("slotNotification", id);
        staying.notification("slotNotification", id);
    }

    private byte[] payBob(long lamports) {
        return signed(chain.latestBlockhash(), alice, transfer(alice.publicKey(), bob, lamports));
    }

    private Client connect(URI url) {
        Client client = new Client();
        client.socket = http.newWebSocketBuilder().buildAsync(url, client).join();
        return client;
    }

    /** One connection; answers and notifications come in the order they were sent. */
    private static final class Client implements WebSocket.Listener {

        private static final ObjectMapper MAPPER = new ObjectMapper();

        private final BlockingQueue<JsonNode> arrived = new LinkedBlockingQueue<>();
        private final Deque<JsonNode> waiting = new ArrayDeque<>();
        private final StringBuilder parts = new StringBuilder();
        private WebSocket socket;
        private int requests;

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                arrived.add(RpcProbe.parse(parts.toString()));
                parts.setLength(0);
            }
            from.request(1);
            return null;
        }

        JsonNode call(String method, Object... params) throws InterruptedException {
            JsonNode answer = answer(method, params);
            assertThat(answer.has("result")).as("%s answered %s", method, answer).isTrue();
            return answer.get("result");
        }

        JsonNode error(String method, Object... params) throws InterruptedException {
            return answer(method, params).get("error");
        }

        private JsonNode answer(String method, Object... params) throws InterruptedException {
            int id = ++requests;
            socket.sendText(MAPPER.valueToTree(Map.of("jsonrpc", "2.0", "id", id, "method", method, "params", List.of(params))).toString(), true).join();
            while (true) {
                JsonNode message = take();
                if (message.path("id").intValue() == id) {
                    return message;
                }
                waiting.add(message);
            }
        }

        JsonNode next() throws InterruptedException {
            return waiting.isEmpty() ? take() : waiting.removeFirst();
        }

        JsonNode notification(String method, long subscription) throws InterruptedException {
            JsonNode message = next();
            while (message.at("/params/subscription").longValue() != subscription) {
                waiting.add(message);
                message = take();
            }
            assertThat(message.get("method").textValue()).isEqualTo(method);
            return message.at("/params/result");
        }

        private JsonNode take() throws InterruptedException {
            JsonNode message = arrived.poll(30, TimeUnit.SECONDS);
            assertThat(message).as("a message within 30 seconds").isNotNull();
            return message;
        }
    }
}
