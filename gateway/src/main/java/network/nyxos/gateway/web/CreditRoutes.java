package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import network.nyxos.chain.RpcException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.transaction.WireTransaction;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.gateway.checkout.CashOut;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.CreditDesk;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.credit.Movement;
import network.nyxos.gateway.credit.OnChain;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.EscrowFunds;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.PaymentException;
import network.nyxos.gateway.store.EscrowStore;
import software.sava.core.accounts.PublicKey;

/// `/credits`: bought, shown, and taken out again.
final class CreditRoutes {
    private static final int MOST_ACCOUNTS = 20;
    private static final int USUAL = 20;
    private static final int MOST = 100;
    private static final String PRIVATE = "private, no-store";

    private final Optional<GatewayServer.Credits> sold;
    private final BearerPayment bearers;
    private final EscrowStore balances;
    private final Origin origin;

    CreditRoutes(Optional<GatewayServer.Credits> sold, BearerPayment bearers, EscrowStore balances, Origin origin) {
        this.sold = sold;
        this.bearers = bearers;
        this.balances = balances;
        this.origin = origin;
    }

    private GatewayServer.Credits sold() {
        return sold.orElseThrow(() -> ApiException.refused(404, "credits_not_offered", "this gateway sells no credits; see GET /v1/models for what it takes"));
    }

    private BearerKey key(ServerRequest request) {
        return bearers.key(request).orElseThrow(() -> ApiException.refused(401, Checkout.INVALID_KEY, "send the bearer key: Authorization: Bearer nyx_…")
            .withHeader("WWW-Authenticate", "Bearer"));
    }

    private static void answer(ServerResponse response, ObjectNode body) {
        response.header(HeaderNames.CACHE_CONTROL, PRIVATE);
        Http.json(response, 200, Json.bytes(body));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    // --- buying ------------------------------------------------------------------------------------------------------

    /// `POST /credits/buy`.
    void buy(ServerRequest request, ServerResponse response) {
        GatewayServer.Credits with = sold();
        byte[] body = Http.body(request);
        JsonNode asked = read(body, Set.of("wallet", "key", "credits"));
        JsonNode credits = asked.path("credits");
        if (!credits.isIntegralNumber() || !credits.canConvertToLong()) {
            throw ApiException.badRequest("invalid_type", "credits", "'credits' must be a whole number");
        }
        String path = request.path().rawPath() + (request.query().isEmpty() ? "" : "?" + request.query().rawValue());
        Hash requestHash = RequestBinding.requestHash("POST", path, body);
        var wanted = new CreditDesk.Wanted(address(asked, "wallet"), address(asked, "key"), credits.longValue(), requestHash, origin.of(request) + request.path().rawPath());
        switch (with.desk().sell(wanted, Paying.payment(request))) {
            case CreditDesk.Sale.Unpaid unpaid -> Paying.challenge(response, unpaid.required(), unpaid.refused());
            case CreditDesk.Sale.Bought bought -> {
                Paying.settled(response, bought.response(), bought.version());
                CreditAccount account = bought.account();
                ObjectNode told = object().put("escrow", account.escrow().toBase58()).put("wallet", account.wallet().toBase58()).put("key", account.key().toBase58())
                    .put("bought", with.terms().credits(bought.purchase().amount())).put("amount", Long.toString(bought.purchase().amount()))
                    .put("transaction", bought.purchase().transaction().base58());
                totals(told, with, account.key());
                answer(response, told);
            }
        }
    }

    private static JsonNode read(byte[] body, Set<String> members) {
        JsonNode asked;
        try {
            asked = Json.object(body);
        } catch (PaymentException e) {
            throw ApiException.badRequest("invalid_json", "the body must be one JSON object");
        }
        asked.fieldNames().forEachRemaining(name -> {
            if (!members.contains(name)) {
                throw ApiException.badRequest("unknown_parameter", "this takes " + String.join(", ", members.stream().sorted().toList()) + " and nothing else");
            }
        });
        return asked;
    }

    private static PublicKey address(JsonNode asked, String name) {
        if (asked.path(name).isMissingNode()) {
            throw ApiException.badRequest("missing_required_parameter", name, "Missing required parameter: '" + name + "'.");
        }
        return Json.key(asked, name).filter(key -> !key.equals(PublicKey.NONE))
            .orElseThrow(() -> ApiException.badRequest("invalid_value", name, "'" + name + "' must be a public key in base58; bearer keys stay with you"));
    }

    // --- showing -----------------------------------------------------------------------------------------------------

    /// `GET /credits`: what is left, of all accounts of the key together and of each.
    void balance(ServerRequest request, ServerResponse response) {
        GatewayServer.Credits with = sold();
        BearerKey key = key(request);
        ObjectNode root = object().put("key", key.publicKey().toBase58()).put("mint", with.terms().mint().mint().toBase58()).put("unit", Long.toString(with.terms().unit()));
        List<EscrowFunds> accounts = totals(root, with, key.publicKey());
        Map<PublicKey, Long> inboxes = inboxes(with, accounts);
        ArrayNode list = root.putArray("accounts");
        accounts.forEach(each -> list.add(account(each, Optional.ofNullable(inboxes.get(each.escrow().address())))));
        answer(response, root);
    }

    private List<EscrowFunds> totals(ObjectNode root, GatewayServer.Credits with, PublicKey key) {
        List<EscrowFunds> accounts = balances.ofSessionKey(key, MOST_ACCOUNTS);
        List<EscrowFunds> dollars = accounts.stream().filter(each -> !each.closed() && each.escrow().mint().equals(with.terms().mint().mint())).toList();
        root.put("balance", with.terms().credits(sum(dollars, EscrowFunds::spendable)));
        amounts(root, sum(dollars, each -> each.balance().deposited()), sum(dollars, each -> each.balance().settled()), sum(dollars, each -> each.balance().used()),
            sum(dollars, each -> each.balance().reserved()), sum(dollars, EscrowFunds::spendable));
        return accounts;
    }

    /// What was transferred and not counted yet; of accounts that the chain can be asked about now.
    private static Map<PublicKey, Long> inboxes(GatewayServer.Credits with, List<EscrowFunds> accounts) {
        List<PublicKey> open = accounts.stream().filter(each -> !each.closed() && each.escrow().mint().equals(with.terms().mint().mint())).map(each -> each.escrow().address()).toList();
        var found = new HashMap<PublicKey, Long>();
        try {
            List<Optional<OnChain>> there = with.prepaid().look(open);
            for (int i = 0; i < open.size(); i++) {
                PublicKey escrow = open.get(i);
                there.get(i).ifPresent(each -> found.put(escrow, each.inbox()));
            }
        } catch (RpcException e) {
            // What the database knows is told all the same.
            return Map.of();
        }
        return found;
    }

    private static long sum(List<EscrowFunds> accounts, ToLongFunction<EscrowFunds> amount) {
        return accounts.stream().mapToLong(amount).reduce(0, Math::addExact);
    }

    private static ObjectNode account(EscrowFunds funds, Optional<Long> inbox) {
        ObjectNode node = object().put("escrow", funds.escrow().address().toBase58()).put("wallet", funds.escrow().payer().toBase58())
            .put("mint", funds.escrow().mint().toBase58()).put("state", funds.closed() ? "closed" : funds.escrow().exiting() ? "exiting" : "open");
        amounts(node, funds.balance().deposited(), funds.balance().settled(), funds.balance().used(), funds.balance().reserved(), funds.spendable());
        inbox.ifPresent(amount -> node.put("inbox", Long.toString(amount)));
        return node;
    }

    private static void amounts(ObjectNode node, long deposited, long settled, long used, long reserved, long spendable) {
        node.put("deposited", Long.toString(deposited)).put("settled", Long.toString(settled)).put("used", Long.toString(used)).put("reserved", Long.toString(reserved))
            .put("spendable", Long.toString(spendable));
    }

    /// `GET /credits/history`.
    void history(ServerRequest request, ServerResponse response) {
        GatewayServer.Credits with = sold();
        BearerKey key = key(request);
        int limit = Http.number(request, "limit", USUAL, 1, MOST);
        Optional<Long> after = Http.parameter(request, "after").map(CreditRoutes::place);
        List<Movement> found = with.store().history(key.publicKey(), after, limit + 1);
        ObjectNode root = object().put("key", key.publicKey().toBase58());
        ArrayNode list = root.putArray("history");
        found.stream().limit(limit).forEach(each -> list.add(movement(each, with.terms())));
        if (found.size() > limit) {
            root.put("after", Long.toString(found.get(limit - 1).id()));
        }
        answer(response, root);
    }

    private static long place(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw ApiException.badRequest("invalid_value", "after", "'after' must be what the page before gave");
        }
        return Long.parseLong(text);
    }

    private static ObjectNode movement(Movement each, CreditTerms terms) {
        ObjectNode node = object().put("id", Long.toString(each.id())).put("kind", each.kind()).put("escrow", each.escrow().toBase58()).put("amount", Long.toString(each.amount()))
            .put("credits", terms.credits(each.amount())).put("atMs", each.at().toEpochMilli());
        each.transaction().ifPresent(transaction -> node.put("transaction", transaction.base58()));
        each.job().ifPresent(job -> node.put("job", job.hex()));
        each.model().ifPresent(model -> node.put("model", model));
        each.receipt().ifPresent(receipt -> node.put("receipt", Base64.getEncoder().encodeToString(receipt.receipt().encode())).put("receiptSignature", receipt.signature().base64()));
        return node;
    }

    // --- taking out --------------------------------------------------------------------------------------------------

    /// `POST /credits/cash-out`.
    void cashOut(ServerRequest request, ServerResponse response) {
        GatewayServer.Credits with = sold();
        BearerKey key = key(request);
        byte[] body = Http.body(request);
        JsonNode asked = body.length == 0 ? object() : read(body, Set.of("escrow", "transaction"));
        Optional<PublicKey> escrow = asked.has("escrow") ? Optional.of(address(asked, "escrow")) : Optional.empty();
        CashOut.Step step = asked.has("transaction") ? with.cashOut().send(key.publicKey(), escrow, transaction(asked)) : with.cashOut().next(key.publicKey(), escrow);
        answer(response, switch (step) {
            case CashOut.Step.Sign sign -> about(sign.account(), "open").put("transaction", Base64.getEncoder().encodeToString(sign.transaction().transaction().bytes()))
                .put("blockhash", sign.transaction().blockhash().blockhash().base58())
                .put("lastValidBlockHeight", Long.toString(sign.transaction().blockhash().lastValidBlockHeight()));
            case CashOut.Step.Leaving leaving -> {
                ObjectNode told = about(leaving.account(), "exiting").put("exitSlot", Long.toString(leaving.exitSlot()));
                leaving.transaction().ifPresent(sent -> told.put("signature", sent.base58()));
                yield told;
            }
        });
    }

    private static ObjectNode about(CreditAccount account, String state) {
        return object().put("escrow", account.escrow().toBase58()).put("wallet", account.wallet().toBase58()).put("state", state);
    }

    private static WireTransaction transaction(JsonNode asked) {
        try {
            return WireTransaction.decodeBase64(asked.path("transaction").asText());
        } catch (ProtocolException e) {
            throw ApiException.badRequest(e.code(), "transaction", e.getMessage());
        }
    }
}
