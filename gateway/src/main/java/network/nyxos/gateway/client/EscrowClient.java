package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.EscrowPayload;
import software.sava.core.accounts.PublicKey;

/// Pays for chats with vouchers against an escrow that is open on chain: no transaction and no question to the chain per request, and no more is ever signed
/// for than what was used, what runs, and the request at hand. Thread-safe; requests may run side by side.
public final class EscrowClient {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Set<String> STALE = Set.of("invalid_payment_requirements", "voucher_insufficient");

    private final GatewayCalls calls;
    private final PublicKey escrow;
    private final PublicKey mint;
    private final Keypair session;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Price> prices = new ConcurrentHashMap<>();
    private volatile Optional<ObjectNode> terms = Optional.empty();
    private long used;
    private long open;

    private EscrowClient(GatewayCalls calls, PublicKey escrow, PublicKey mint, Keypair session) {
        this.calls = calls;
        this.escrow = escrow;
        this.mint = mint;
        this.session = session;
    }

    /// Begins to pay from an escrow.
    ///
    /// @param gateway its base URL
    /// @param escrow  the escrow's address
    /// @param mint    what it holds
    /// @param session its session key
    /// @param wait    how long to wait for a gateway that has not heard of the escrow yet
    /// @throws AgentException `escrow_unknown` when it has not heard of it by then
    public static EscrowClient open(URI gateway, PublicKey escrow, PublicKey mint, Keypair session, Duration wait) {
        var client = new EscrowClient(new GatewayCalls(gateway), escrow, mint, session);
        long deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            try {
                client.refresh();
                return client;
            } catch (AgentException e) {
                if (e.status() != 404 || System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException(0, "interrupted", "the call was interrupted", Optional.empty());
        }
    }

    /// The amounts of the escrow as the gateway has them.
    public Balance balance() {
        JsonNode node = calls.get("/v1/escrows/" + escrow.toBase58());
        return new Balance(node.path("deposited").asLong(), node.path("settled").asLong(), node.path("used").asLong(), node.path("reserved").asLong(),
            node.path("spendable").asLong());
    }

    /// An escrow's amounts, base units.
    public record Balance(long deposited, long settled, long used, long reserved, long spendable) {
    }

    private void refresh() {
        Balance balance = balance();
        synchronized (this) {
            used = balance.used();
            open = balance.reserved();
        }
    }

    /// Completes a chat.
    ///
    /// @throws AgentException when it was not served; nothing is charged then
    public ChatReply complete(ChatCall call) {
        return send(call, false, _ -> { });
    }

    /// Completes a chat, handing on the text as it comes.
    ///
    /// @throws AgentException when it was not served to its end; nothing is charged then
    public ChatReply stream(ChatCall call, Consumer<String> text) {
        return send(call, true, text);
    }

    private ChatReply send(ChatCall call, boolean stream, Consumer<String> text) {
        byte[] body = call.body(stream);
        if (terms.isEmpty()) {
            learn(body, stream);
        }
        GatewayCalls.Answer answer = pay(call, body, stream, text);
        if (answer instanceof GatewayCalls.Answer.PaymentRequired required && STALE.contains(required.code())) {
            // Prices have changed, or somebody else pays from the same escrow: look again, once.
            prices.clear();
            refresh();
            learn(body, stream);
            answer = pay(call, body, stream, text);
        }
        return switch (answer) {
            case GatewayCalls.Answer.Replied replied -> replied.reply();
            case GatewayCalls.Answer.PaymentRequired required -> throw new AgentException(402, required.code(), "the voucher was not accepted", Optional.empty());
        };
    }

    private void learn(byte[] body, boolean stream) {
        if (calls.chat(body, stream, Optional.empty(), _ -> { }) instanceof GatewayCalls.Answer.PaymentRequired required) {
            terms = Optional.of(GatewayCalls.offer(required.required(), "escrow", mint.toBase58())
                .orElseThrow(() -> new AgentException(402, "not_offered", "the gateway takes no vouchers in mint " + mint, Optional.empty())));
        }
    }

    private GatewayCalls.Answer pay(ChatCall call, byte[] body, boolean stream, Consumer<String> text) {
        long ceiling = price(call).ceiling(call.contents(), call.maxTokens());
        byte[] nonce = new byte[Hash.LENGTH];
        random.nextBytes(nonce);
        long cumulative = reserve(ceiling);
        long charge = 0;
        try {
            EscrowPayload payload = EscrowPayload.sign(new Voucher(escrow, cumulative, 0), Hash.of(nonce), RequestBinding.requestHash("POST", GatewayCalls.CHAT, body), session);
            ObjectNode accepted = terms.orElseThrow().deepCopy().put("amount", Long.toString(ceiling));
            GatewayCalls.Answer answer = calls.chat(body, stream, Optional.of(GatewayCalls.payment(accepted, GatewayCalls.parse(payload.encode()))), text);
            charge = answer instanceof GatewayCalls.Answer.Replied replied ? replied.reply().charge() : 0;
            return answer;
        } finally {
            release(ceiling, charge);
        }
    }

    private synchronized long reserve(long ceiling) {
        open = Math.addExact(open, ceiling);
        return Math.addExact(used, open);
    }

    private synchronized void release(long ceiling, long charge) {
        open -= ceiling;
        used = Math.addExact(used, charge);
    }

    private Price price(ChatCall call) {
        return prices.computeIfAbsent(call.model() + "/" + call.tier().wireName(), _ -> ask(call.model(), call.tier()));
    }

    private Price ask(String model, Tier tier) {
        for (JsonNode each : calls.get("/v1/models/" + model).path("tiers").path(tier.wireName()).path("pricing")) {
            if (each.path("mint").asText().equals(mint.toBase58())) {
                return new Price(each.path("per_million_in").asLong(), each.path("per_million_out").asLong());
            }
        }
        throw new AgentException(402, "not_offered", "model " + model + " with tier " + tier.wireName() + " has no price in mint " + mint, Optional.empty());
    }
}
