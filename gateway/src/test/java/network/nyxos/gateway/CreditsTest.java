package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import network.nyxos.chain.Database;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.store.CreditStore;
import network.nyxos.localnet.LocalChain;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.sava.core.accounts.PublicKey;

/// Credits from the first payment to the last unit back at the wallet: the money is on chain all the way, and the gateway's books agree with it.
@Timeout(180)
class CreditsTest {
    private static final String BUY = "/credits/buy";
    private static final String CHAT = "/v1/chat/completions";
    private static final long CREDIT = 10_000;
    private static final Duration SOON = Duration.ofSeconds(30);

    // One a test: a gateway keeps the books of every account of its market, whoever opened it.
    private Ground ground;
    private ScriptedNode.Keys keys;

    @BeforeEach
    void lay() {
        ground = new Ground();
        keys = ground.register(Tier.OPEN);
    }

    @AfterEach
    void clear() {
        ground.close();
    }

    /// A gateway that sells, with its own node and schema.
    private final class Seller implements AutoCloseable {
        private final String schema;
        private final Gateway gateway;
        private final ScriptedNode node;

        Seller() throws InterruptedException {
            this(ground.schema());
        }

        Seller(String schema) throws InterruptedException {
            this.schema = schema;
            this.gateway = Gateway.start(ground.config(schema, Ground.timing(), Optional.empty()).with(Ground.credits()));
            this.node = ScriptedNode.join(gateway, keys, ScriptedNode.Script.saying("Hel", "lo"), Tier.OPEN);
        }

        HttpResponse<String> ask(String body, String... headers) {
            return Posted.post(gateway, BUY, body, headers);
        }

        JsonNode credits(BearerKey key) {
            return Posted.json(Posted.get(gateway, "/credits", bearer(key)).body());
        }

        JsonNode history(BearerKey key, String query) {
            return Posted.json(Posted.get(gateway, "/credits/history" + query, bearer(key)).body());
        }

        JsonNode books() {
            return Posted.json(Posted.get(gateway, "/health").body()).path("credits");
        }

        HttpResponse<String> chat(BearerKey key) {
            return Posted.post(gateway, CHAT, Posted.chat("hi", false), bearer(key));
        }

        HttpResponse<String> buy(Keypair wallet, BearerKey key, int credits) {
            String body = wanting(wallet, key, credits);
            ObjectNode offer = Posted.exactOffer(ask(body));
            return ask(body, "PAYMENT-SIGNATURE", Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true)));
        }

        void awaitBalanced(int accounts) {
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(books().path("books").asText()).isEqualTo("balanced");
                assertThat(books().path("balanced").asInt()).isEqualTo(accounts);
            });
        }

        @Override
        public void close() {
            node.close();
            gateway.close();
        }
    }

    private static String[] bearer(BearerKey key) {
        return new String[] {"Authorization", "Bearer " + key.text()};
    }

    private static String wanting(Keypair wallet, BearerKey key, int credits) {
        return "{\"wallet\":\"" + wallet.publicKey() + "\",\"key\":\"" + key.publicKey() + "\",\"credits\":" + credits + "}";
    }

    @Test
    void whatIsBoughtLiesInTheWalletsOwnEscrowAndIsSpentByTheKey() throws Exception {
        try (var seller = new Seller()) {
            Keypair wallet = ground.wallet(100 * CREDIT);
            BearerKey key = BearerKey.generate();
            String body = wanting(wallet, key, 30);

            HttpResponse<String> challenge = seller.ask(body);
            ObjectNode offer = Posted.exactOffer(challenge);
            JsonNode prepaid = offer.path("extra").path("prepaid");
            PublicKey escrow = ground.pool.prepaid().address(wallet.publicKey(), key.publicKey(), prepaid.path("openSlot").asLong());
            String payment = Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true));
            HttpResponse<String> bought = seller.ask(body, "PAYMENT-SIGNATURE", payment);
            HttpResponse<String> again = seller.ask(body, "PAYMENT-SIGNATURE", payment);
            HttpResponse<String> reply = seller.chat(key);

            assertThat(challenge.statusCode()).isEqualTo(402);
            assertThat(offer.path("payTo").asText()).as("an address that the buyer derives alone").isEqualTo(escrow.toBase58());
            assertThat(offer.path("amount").asLong()).isEqualTo(30 * CREDIT);
            assertThat(bought.statusCode()).as(bought.body()).isEqualTo(200);
            assertThat(Posted.header(bought, "PAYMENT-RESPONSE").path("success").asBoolean()).isTrue();
            JsonNode told = Posted.json(bought.body());
            assertThat(told.path("escrow").asText()).isEqualTo(escrow.toBase58());
            assertThat(told.path("bought").asText()).isEqualTo("30");
            assertThat(told.path("balance").asText()).isEqualTo("30");
            assertThat(again.statusCode()).as("the same payment is told of again, and bought once").isEqualTo(200);
            assertThat(Posted.json(again.body()).path("balance").asText()).isEqualTo("30");
            assertThat(reply.statusCode()).isEqualTo(200);
            long charge = Posted.json(reply.body()).path("nyxos").path("charge").asLong();
            JsonNode left = seller.credits(key);
            assertThat(left.path("spendable").asLong()).isEqualTo(30 * CREDIT - charge);
            assertThat(left.path("balance").asText()).isEqualTo(Ground.credits().credits(30 * CREDIT - charge));
            assertThat(left.path("accounts").get(0).path("wallet").asText()).isEqualTo(wallet.publicKey().toBase58());
            assertThat(left.path("accounts").get(0).path("inbox").asLong()).isZero();
            assertThat(ground.holds(wallet.publicKey())).isEqualTo(70 * CREDIT);

            seller.buy(wallet, key, 20);
            JsonNode history = seller.history(key, "");
            assertThat(seller.credits(key).path("accounts")).as("topped up, not opened anew").hasSize(1);
            assertThat(history.path("history")).extracting(each -> each.path("kind").asText() + " " + each.path("amount").asLong())
                .containsExactly("bought " + 20 * CREDIT, "spent " + charge, "bought " + 30 * CREDIT);
            assertThat(history.path("history").get(1).path("receipt").asText()).isEqualTo(Posted.json(reply.body()).path("nyxos").path("receipt").asText());
            assertThat(history.path("history").get(1).path("job").asText()).isEqualTo(Posted.json(reply.body()).path("nyxos").path("job").asText());
            JsonNode page = seller.history(key, "?limit=1");
            assertThat(seller.history(key, "?limit=1&after=" + page.path("after").asText()).path("history").get(0)).isEqualTo(history.path("history").get(1));
            await().atMost(SOON).until(() -> seller.books().path("deposited").asLong() == 50 * CREDIT);
            seller.awaitBalanced(1);
            assertThat(seller.books().path("unsettled").asLong()).isEqualTo(charge);

            Hash job = Hash.fromHex(Posted.json(reply.body()).path("nyxos").path("job").asText());
            await().atMost(SOON).until(() -> !ground.told(job).isEmpty());
            ground.settle(key.publicKey(), (PaymentRecord.ByVoucher) ground.told(job).getFirst().payment(), charge);
            await().atMost(SOON).until(() -> seller.books().path("unsettled").asLong() == 0);
            seller.awaitBalanced(1);
        }
    }

    @Test
    void whatCannotBeSoldIsRefusedBeforeAnythingIsOpenedOrPaid() throws Exception {
        try (var seller = new Seller()) {
            Keypair poor = ground.wallet(CREDIT - 1);
            Keypair wallet = ground.wallet(10 * CREDIT);
            BearerKey key = BearerKey.generate();

            assertThat(Posted.code(seller.ask(wanting(poor, key, 1)))).isEqualTo("insufficient_funds");
            assertThat(Posted.code(seller.ask(wanting(wallet, key, 0)))).isEqualTo("invalid_value");
            assertThat(Posted.code(seller.ask(wanting(wallet, key, 1_001)))).isEqualTo("invalid_value");
            assertThat(Posted.code(seller.ask("{\"wallet\":\"" + wallet.publicKey() + "\",\"key\":\"" + key.text() + "\",\"credits\":1}"))).isEqualTo("invalid_value");
            assertThat(Posted.code(seller.ask("{\"wallet\":\"" + wallet.publicKey() + "\",\"credits\":1}"))).isEqualTo("missing_required_parameter");
            assertThat(Posted.code(seller.ask("{"))).isEqualTo("invalid_json");
            assertThat(Posted.code(seller.ask("{\"more\":1}"))).isEqualTo("unknown_parameter");
            assertThat(ground.rows(seller.schema)).noneMatch(row -> row.startsWith("credit_account"));

            ObjectNode offer = Posted.exactOffer(seller.ask(wanting(wallet, key, 2)));
            HttpResponse<String> second = seller.ask(wanting(wallet, BearerKey.generate(), 2));
            assertThat(Posted.code(second)).as("one account a wallet waits for its first payment").isEqualTo("account_unfunded");
            String swapped = Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true));
            HttpResponse<String> other = seller.ask(wanting(wallet, key, 3), "PAYMENT-SIGNATURE", swapped);
            assertThat(other.statusCode()).as("made for another number of credits").isEqualTo(402);
            assertThat(Posted.header(other, "PAYMENT-RESPONSE").path("success").asBoolean()).isFalse();
            assertThat(ground.holds(wallet.publicKey())).isEqualTo(10 * CREDIT);
        }
    }

    @Test
    void aTransferThatNobodyBroughtHereIsCountedAllTheSame() throws Exception {
        try (var seller = new Seller()) {
            Keypair wallet = ground.wallet(10 * CREDIT);
            BearerKey key = BearerKey.generate();
            seller.buy(wallet, key, 2);
            PublicKey escrow = PublicKey.fromBase58Encoded(seller.credits(key).path("accounts").get(0).path("escrow").asText());

            ground.transfer(wallet, escrow, 3 * CREDIT + 7);

            await().atMost(SOON).until(() -> seller.credits(key).path("deposited").asLong() == 5 * CREDIT + 7);
            assertThat(seller.history(key, "").path("history").get(0).path("kind").asText()).isEqualTo("received");
            seller.awaitBalanced(1);
        }
    }

    @Test
    void aGatewayThatStartsAnewTakesTheBooksUpFromTheChain() throws Exception {
        BearerKey key = BearerKey.generate();
        try (var seller = new Seller()) {
            seller.buy(ground.wallet(10 * CREDIT), key, 5);
            JsonNode reply = Posted.json(seller.chat(key).body()).path("nyxos");
            Hash job = Hash.fromHex(reply.path("job").asText());
            await().atMost(SOON).until(() -> !ground.told(job).isEmpty());
            ground.settle(key.publicKey(), (PaymentRecord.ByVoucher) ground.told(job).getFirst().payment(), reply.path("charge").asLong());
        }
        try (var other = new Seller()) {
            other.awaitBalanced(1);
            assertThat(other.chat(key).statusCode()).isEqualTo(200);
            other.awaitBalanced(1);
            assertThat(other.books().path("deposited").asLong()).isEqualTo(5 * CREDIT);
        }
    }

    @Test
    void anAccountThatAnotherGatewayHasJustOpenedIsOfferedAsIfThisOneHad() throws Exception {
        String schema = ground.schema();
        try (var seller = new Seller(schema); var database = Database.open(ground.jdbcUrl(), schema, "classpath:network/nyxos/gateway/migration")) {
            Keypair wallet = ground.wallet(10 * CREDIT);
            BearerKey key = BearerKey.generate();
            long slot = ground.chain.slot();
            PublicKey escrow = ground.pool.prepaid().address(wallet.publicKey(), key.publicKey(), slot);
            new CreditStore(database).begin(new CreditAccount(escrow, wallet.publicKey(), key.publicKey(), Ground.USDC, slot, CreditAccount.State.OPENING, true, false), 10);
            ground.chain.airdrop(wallet.publicKey(), LocalChain.LAMPORTS_PER_SOL);
            ground.send(ground.pool.prepaid().open(wallet.publicKey(), wallet.publicKey(), key.publicKey(), slot), wallet);

            ObjectNode offer = Posted.exactOffer(seller.ask(wanting(wallet, key, 4)));

            assertThat(offer.path("payTo").asText()).isEqualTo(escrow.toBase58());
        }
    }

    @Test
    void thePaymentThatTwoGatewaysAreBroughtAtOnceBuysOnce() throws Exception {
        String schema = ground.schema();
        try (var one = new Seller(schema); var two = new Seller(schema); ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Keypair wallet = ground.wallet(10 * CREDIT);
            BearerKey key = BearerKey.generate();
            String body = wanting(wallet, key, 4);
            var challenges = new ArrayList<Future<HttpResponse<String>>>();
            for (Seller each : List.of(one, two, one, two)) {
                challenges.add(clients.submit(() -> each.ask(body)));
            }
            String payTo = null;
            for (Future<HttpResponse<String>> each : challenges) {
                String here = Posted.exactOffer(each.get()).path("payTo").asText();
                assertThat(here).as("one account, however many ask for it").isEqualTo(payTo == null ? here : payTo);
                payTo = here;
            }
            ObjectNode offer = Posted.exactOffer(one.ask(body));
            String payment = Posted.v2(offer, Posted.transaction(offer, wallet, ground.blockhash(), true));
            var answers = new ArrayList<Future<HttpResponse<String>>>();
            for (Seller each : List.of(one, two, one, two)) {
                answers.add(clients.submit(() -> each.ask(body, "PAYMENT-SIGNATURE", payment)));
            }
            for (Future<HttpResponse<String>> each : answers) {
                assertThat(each.get().statusCode()).isIn(200, 503);
            }

            await().atMost(SOON).until(() -> two.ask(body, "PAYMENT-SIGNATURE", payment).statusCode() == 200);
            await().atMost(SOON).until(() -> two.credits(key).path("deposited").asLong() == 4 * CREDIT);
            assertThat(ground.holds(wallet.publicKey())).isEqualTo(6 * CREDIT);
            assertThat(one.history(key, "").path("history")).hasSize(1);
            one.awaitBalanced(1);
            two.awaitBalanced(1);
        }
    }

    @Test
    void unspentCreditsGoBackToTheWalletToTheLastUnitAndNobodyElseCanTakeThem() throws Exception {
        try (var seller = new Seller()) {
            Keypair wallet = ground.wallet(10 * CREDIT);
            BearerKey key = BearerKey.generate();
            seller.buy(wallet, key, 10);
            JsonNode reply = Posted.json(seller.chat(key).body()).path("nyxos");
            long charge = reply.path("charge").asLong();
            Hash job = Hash.fromHex(reply.path("job").asText());
            await().atMost(SOON).until(() -> !ground.told(job).isEmpty());

            JsonNode toSign = Posted.json(Posted.post(seller.gateway, "/credits/cash-out", "", bearer(key)).body());
            WireTransaction unsigned = WireTransaction.decodeBase64(toSign.path("transaction").asText());
            HttpResponse<String> halfSigned = Posted.post(seller.gateway, "/credits/cash-out", "{\"transaction\":\"" + toSign.path("transaction").asText() + "\"}", bearer(key));
            HttpResponse<String> sent = Posted.post(seller.gateway, "/credits/cash-out", "{\"transaction\":\"" + base64(unsigned.sign(wallet)) + "\"}", bearer(key));

            assertThat(toSign.path("wallet").asText()).isEqualTo(wallet.publicKey().toBase58());
            assertThat(Posted.code(halfSigned)).as("the key alone takes nothing out").isEqualTo("transaction_other");
            assertThat(sent.statusCode()).as(sent.body()).isEqualTo(200);
            assertThat(Posted.json(sent.body()).path("state").asText()).isEqualTo("exiting");
            assertThat(Posted.code(seller.chat(key))).as("on its way out nothing is spent").isEqualTo("insufficient_quota");
            ground.settle(key.publicKey(), (PaymentRecord.ByVoucher) ground.told(job).getFirst().payment(), charge);
            await().atMost(Duration.ofSeconds(90)).until(() -> ground.holds(wallet.publicKey()) == 10 * CREDIT - charge);
            await().atMost(SOON).until(() -> seller.books().path("accounts").asInt() == 0);
            assertThat(seller.history(key, "").path("history").get(0).path("kind").asText()).isEqualTo("exited");
            assertThat(seller.history(key, "").path("history").get(0).path("amount").asLong()).isEqualTo(10 * CREDIT - charge);
            assertThat(seller.credits(key).path("accounts").get(0).path("state").asText()).isEqualTo("closed");
            assertThat(seller.books().path("books").asText()).isEqualTo("balanced");
        }
    }

    private static String base64(WireTransaction transaction) {
        return Base64.getEncoder().encodeToString(transaction.bytes());
    }

    @Test
    void anAccountThatNobodyPaysForIsClosedForItsRent() throws Exception {
        try (var seller = new Seller()) {
            Keypair wallet = ground.wallet(10 * CREDIT);
            BearerKey key = BearerKey.generate();
            long before = ground.chain.balance(ground.sponsor.publicKey());
            seller.ask(wanting(wallet, key, 2));
            long laidOut = before - ground.chain.balance(ground.sponsor.publicKey());

            ground.chain.advanceSlots(9_001);

            await().atMost(SOON).until(() -> seller.books().path("accounts").asInt() == 0 && ground.rows(seller.schema).stream().anyMatch(row -> row.contains("\"CLOSED\"")));
            assertThat(laidOut).isGreaterThan(1_000_000);
            assertThat(before - ground.chain.balance(ground.sponsor.publicKey())).as("fees alone are gone").isLessThan(100_000);
            assertThat(seller.buy(wallet, key, 2).statusCode()).as("and it may be opened anew").isEqualTo(200);
        }
    }

    @Test
    void aUnitThatIsChangedByHandRaisesTheAlarm() throws Exception {
        try (var seller = new Seller()) {
            Keypair wallet = ground.wallet(10 * CREDIT);
            seller.buy(wallet, BearerKey.generate(), 5);
            seller.awaitBalanced(1);
            for (String by : List.of("credit_account set available = available %s 1, spent = spent %s -1", "escrow_account set deposited = deposited %s 1",
                "escrow_account set used = used %s 1")) {
                ground.change(seller.schema, "update " + by.replace("%s", "+"));

                await().atMost(SOON).untilAsserted(() -> assertThat(seller.books().path("books").asText()).as(by).isEqualTo("different"));
                assertThat(seller.books().path("difference").asLong()).as(by).isPositive();
                assertThat(Posted.get(seller.gateway, "/metrics").body()).as(by).containsPattern("nyxos_gateway_credits_difference_base_units [1-9]");

                ground.change(seller.schema, "update " + by.replace("%s", "-"));
                seller.awaitBalanced(1);
            }
        }
    }
}
