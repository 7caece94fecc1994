package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.credit.BearerKey;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.EscrowFunds;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.store.EscrowStore;

/// `/credits`: what a bearer key has.
final class CreditRoutes {
    private static final int MOST_ACCOUNTS = 20;

    private final Optional<CreditTerms> offered;
    private final BearerPayment bearers;
    private final EscrowStore balances;

    CreditRoutes(Optional<CreditTerms> offered, BearerPayment bearers, EscrowStore balances) {
        this.offered = offered;
        this.bearers = bearers;
        this.balances = balances;
    }

    private CreditTerms terms() {
        return offered.orElseThrow(() -> ApiException.refused(404, "credits_not_offered", "this gateway sells no credits; see GET /v1/models for what it takes"));
    }

    private BearerKey key(ServerRequest request) {
        return bearers.key(request).orElseThrow(() -> ApiException.refused(401, Checkout.INVALID_KEY, "send the bearer key: Authorization: Bearer nyx_…")
            .withHeader("WWW-Authenticate", "Bearer"));
    }

    /// `GET /credits`: what is left, of all accounts of the key together and of each.
    void balance(ServerRequest request, ServerResponse response) {
        CreditTerms terms = terms();
        BearerKey key = key(request);
        List<EscrowFunds> accounts = balances.ofSessionKey(key.publicKey(), MOST_ACCOUNTS);
        List<EscrowFunds> dollars = accounts.stream().filter(each -> !each.closed() && each.escrow().mint().equals(terms.mint().mint())).toList();
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("key", key.publicKey().toBase58()).put("mint", terms.mint().mint().toBase58())
            .put("unit", Long.toString(terms.unit())).put("balance", terms.credits(sum(dollars, EscrowFunds::spendable)));
        amounts(root, sum(dollars, each -> each.balance().deposited()), sum(dollars, each -> each.balance().settled()), sum(dollars, each -> each.balance().used()),
            sum(dollars, each -> each.balance().reserved()), sum(dollars, EscrowFunds::spendable));
        ArrayNode list = root.putArray("accounts");
        accounts.forEach(each -> list.add(account(each)));
        response.header(HeaderNames.CACHE_CONTROL, "private, no-store");
        Http.json(response, 200, Json.bytes(root));
    }

    private static long sum(List<EscrowFunds> accounts, ToLongFunction<EscrowFunds> amount) {
        return accounts.stream().mapToLong(amount).reduce(0, Math::addExact);
    }

    private static ObjectNode account(EscrowFunds funds) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("escrow", funds.escrow().address().toBase58()).put("wallet", funds.escrow().payer().toBase58())
            .put("mint", funds.escrow().mint().toBase58()).put("state", funds.closed() ? "closed" : funds.escrow().exiting() ? "exiting" : "open");
        amounts(node, funds.balance().deposited(), funds.balance().settled(), funds.balance().used(), funds.balance().reserved(), funds.spendable());
        return node;
    }

    private static void amounts(ObjectNode node, long deposited, long settled, long used, long reserved, long spendable) {
        node.put("deposited", Long.toString(deposited)).put("settled", Long.toString(settled)).put("used", Long.toString(used)).put("reserved", Long.toString(reserved))
            .put("spendable", Long.toString(spendable));
    }
}
