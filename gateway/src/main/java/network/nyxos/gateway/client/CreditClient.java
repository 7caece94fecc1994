package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.gateway.credit.BearerKey;
import software.sava.core.accounts.PublicKey;

/// Buys credits and takes them out again, and believes the gateway nothing that it can find out: where the money goes is derived here, and what the wallet signs is made here
/// once more and compared.
public final class CreditClient {
    private static final String BUY = "/credits/buy";
    private static final String CASH_OUT = "/credits/cash-out";

    private final GatewayCalls calls;
    private final MarketCalls market;

    /// @param gateway its base URL
    /// @param market  of which the client knows that it is the one; from the chain or a configuration
    public CreditClient(URI gateway, MarketCalls market) {
        this.calls = new GatewayCalls(gateway);
        this.market = market;
    }

    /// The dollar mint.
    ///
    /// @param mint         that the client is ready to pay in
    /// @param tokenProgram its program
    /// @param decimals     2 to 9
    public record Dollars(PublicKey mint, PublicKey tokenProgram, int decimals) {
        /// Base units of credits, each a cent.
        long price(long credits) {
            return Math.multiplyExact(credits, Math.powExact(10L, decimals - 2));
        }
    }

    /// What was bought.
    ///
    /// @param escrow      the account, which the client has derived
    /// @param amount      base units that were paid
    /// @param balance     in credits, by the gateway's word
    /// @param transaction of the payment
    public record Bought(PublicKey escrow, long amount, String balance, String transaction) {
    }

    /// Buys credits for a wallet, to be spent by a key.
    ///
    /// @param payer   pays and signs; the wallet itself, or somebody for it
    /// @param wallet  whose they are
    /// @param key     public half of a bearer key
    /// @param credits 1 or more
    /// @throws AgentException the gateway's refusal, or `offer_other` when it asks for more than that or for money to go anywhere but to the wallet's own escrow
    public Bought buy(Keypair payer, PublicKey wallet, PublicKey key, long credits, Dollars dollars) {
        byte[] order = JsonNodeFactory.instance.objectNode().put("wallet", wallet.toBase58()).put("key", key.toBase58()).put("credits", credits).toString()
            .getBytes(StandardCharsets.UTF_8);
        return switch (calls.post(BUY, order, Optional.empty(), Optional.empty())) {
            case GatewayCalls.Paid.Done _ -> throw new AgentException(0, "gateway_malformed", "the gateway gave credits away for nothing", Optional.empty());
            case GatewayCalls.Paid.Required(JsonNode required, _) -> pay(payer, wallet, key, credits, dollars, order, required);
        };
    }

    private Bought pay(Keypair payer, PublicKey wallet, PublicKey key, long credits, Dollars dollars, byte[] order, JsonNode required) {
        ObjectNode offer = GatewayCalls.offer(required, "exact", dollars.mint.toBase58())
            .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway does not sell credits for mint " + dollars.mint + "; nothing was paid", Optional.empty()));
        PublicKey escrow = pool(dollars).prepaid().address(wallet, key, offer.path("extra").path("prepaid").path("openSlot").asLong());
        long amount = dollars.price(credits);
        if (!offer.path("payTo").asText().equals(escrow.toBase58()) || !offer.path("amount").asText().equals(Long.toString(amount))) {
            throw new AgentException(402, "offer_other", "the gateway asks for " + offer.path("amount").asText() + " base units to " + offer.path("payTo").asText() + ", " + credits
                + " credits are " + amount + " to this wallet's and key's own escrow, " + escrow + "; nothing was paid", Optional.empty());
        }
        WireTransaction transfer = Transfers.make(offer, amount, new Transfers.Terms(dollars.mint, dollars.tokenProgram, dollars.decimals), payer);
        Optional<ObjectNode> payment = Optional.of(Transfers.payment(offer, transfer));
        return Transfers.untilKnown(() -> switch (calls.post(BUY, order, payment, Optional.empty())) {
            case GatewayCalls.Paid.Done(JsonNode told) -> new Bought(escrow, amount, told.path("balance").asText(), told.path("transaction").asText());
            case GatewayCalls.Paid.Required(_, String code) -> throw new AgentException(402, code, "the payment was not accepted; nothing was paid", Optional.empty());
        });
    }

    private PoolCalls pool(Dollars dollars) {
        return market.pool(dollars.mint, dollars.tokenProgram);
    }

    /// What a key has left: `GET /credits`.
    public JsonNode balance(BearerKey key) {
        return calls.get("/credits", Optional.of(key.text()));
    }

    /// What happened to a key's credits, the newest first: `GET /credits/history`.
    ///
    /// @param limit 1 to 100
    /// @param after what the page before gave
    public JsonNode history(BearerKey key, int limit, Optional<String> after) {
        return calls.get("/credits/history?limit=" + limit + after.map(place -> "&after=" + place).orElse(""), Optional.of(key.text()));
    }

    /// An account on its way out.
    ///
    /// @param exitSlot from when on its rest is paid to the wallet
    public record Leaving(PublicKey escrow, long exitSlot) {
    }

    /// Starts taking unspent credits out. The gateway pays the fee, and later has the rest paid to the wallet.
    ///
    /// @param wallet whose the account is
    /// @param escrow which account; empty: the key's only one
    /// @throws AgentException the gateway's refusal, or `transaction_other` when it gives something else to sign
    public Leaving cashOut(BearerKey key, Keypair wallet, Optional<PublicKey> escrow) {
        ObjectNode order = JsonNodeFactory.instance.objectNode();
        escrow.ifPresent(address -> order.put("escrow", address.toBase58()));
        JsonNode told = done(key, order);
        PublicKey account = PublicKey.fromBase58Encoded(told.path("escrow").asText());
        if (told.path("state").asText().equals("exiting")) {
            return new Leaving(account, told.path("exitSlot").asLong());
        }
        order.put("escrow", account.toBase58()).put("transaction", Base64.getEncoder().encodeToString(signed(told.path("transaction").asText(), account, wallet).bytes()));
        return new Leaving(account, done(key, order).path("exitSlot").asLong());
    }

    private JsonNode done(BearerKey key, ObjectNode order) {
        return switch (calls.post(CASH_OUT, order.toString().getBytes(StandardCharsets.UTF_8), Optional.empty(), Optional.of(key.text()))) {
            case GatewayCalls.Paid.Done(JsonNode told) -> told;
            case GatewayCalls.Paid.Required _ -> throw new AgentException(402, "gateway_malformed", "the gateway asks for money to give money back", Optional.empty());
        };
    }

    private WireTransaction signed(String base64, PublicKey account, Keypair wallet) {
        WireTransaction given;
        try {
            given = WireTransaction.decodeBase64(base64);
        } catch (ProtocolException e) {
            throw new AgentException(0, "gateway_malformed", e.getMessage(), Optional.empty());
        }
        byte[] expected = TransactionBuilder.legacy(given.feePayer()).add(market.requestExit(wallet.publicKey(), account)).compile(given.blockhash()).message();
        if (given.feePayer().equals(wallet.publicKey()) || !Arrays.equals(given.message(), expected)) {
            throw new AgentException(0, "transaction_other", "the gateway gave a transaction that is not the wish of wallet " + wallet.publicKey() + " to leave account " + account
                + "; nothing was signed", Optional.empty());
        }
        return given.sign(wallet);
    }
}
