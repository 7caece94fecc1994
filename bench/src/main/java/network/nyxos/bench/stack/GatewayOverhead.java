package network.nyxos.bench.stack;

import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import network.nyxos.bench.measure.Figure;

/** What paying costs in time: the 402 challenge, and a request paid by voucher whose model answers at once, against an unpaid request of the same server. */
public final class GatewayOverhead {

    private GatewayOverhead() {
    }

    /** Measures on a ground. */
    public static List<Figure> measure(LocalGround ground, Rounds.Plan plan) {
        try (var stack = new PaidStack(ground, new InstantEngine(), 2 * plan.clients()); var http = new HttpCalls()) {
            HttpRequest health = HttpCalls.get(stack.gateway().resolve("/health"));
            HttpRequest unpaid = HttpCalls.chat(stack.gateway(), InstantEngine.MODEL, Map.of());
            var rounds = new Rounds(plan);
            Rounds.Kind free = rounds.kind(client -> () -> http.expect(health, 200));
            Rounds.Kind challenge = rounds.kind(client -> () -> http.expect(unpaid, 402));
            Rounds.Kind paid = rounds.kind(client -> stack.payer(InstantEngine.MODEL));
            rounds.run();
            return List.of(
                    free.figure("GET /health, unpaid", "it asks the database once"),
                    challenge.figure("402 challenge", "POST /v1/chat/completions without payment"),
                    paid.figure("voucher-paid completion, no model time", "signed by the client, checked, recorded, dispatched to a node that answers at once, its receipt checked, charged; the "
                            + "relayer takes record and receipt meanwhile; commits are synced to disk"),
                    Rounds.ratio("402 challenge / GET /health", challenge, free),
                    Rounds.ratio("voucher-paid / GET /health", paid, free));
        }
    }
}
