package network.nyxos.bench.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.bench.measure.Figure;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.job.ModelId;
import network.nyxos.gateway.payment.Network;
import network.nyxos.node.engine.ModelCard;
import network.nyxos.node.engine.OpenAiServerEngine;

/** The gateway and what others use in its place, all in front of the same model server, which thinks of nothing: {@code @x402/express} where it asks for payment, LiteLLM where it passes on. */
public final class BesidePeers {

    private static final String PRICE = "1000";
    private static final ModelCard CARD = new ModelCard(ModelId.of(Hash.sha256(new byte[] {3}), Hash.sha256(new byte[] {4}), "openai").hex(), StubServer.MODEL, "openai", 4096, false, false);

    private BesidePeers() {
    }

    /**
     * Measures on a ground.
     *
     * @throws IllegalStateException when one of the others cannot be installed or does not start
     */
    public static List<Figure> measure(LocalGround ground, Rounds.Plan plan) {
        try (var model = new StubServer(); var http = new HttpCalls();
                var ours = new PaidStack(ground, new OpenAiServerEngine(CARD, model.url().resolve("/v1"), StubServer.MODEL, Optional.empty()), 2 * plan.clients());
                Peer express = Peer.express(Map.of("FACILITATOR", ours.gateway().resolve("/facilitator").toString(), "NETWORK", Network.DEVNET.caip2(), "MINT", ground.ground().mint.toBase58(),
                        "PAY_TO", ground.ground().pool.pool().toBase58(), "AMOUNT", PRICE, "MODEL_SERVER", model.url().toString()));
                Peer litellm = Peer.litellm(model.url(), StubServer.MODEL, http)) {
            HttpRequest direct = HttpCalls.chat(model.url(), StubServer.MODEL, Map.of());
            HttpRequest challenge = HttpCalls.chat(ours.gateway(), StubServer.MODEL, Map.of());
            HttpRequest theirChallenge = HttpCalls.chat(express.url(), StubServer.MODEL, Map.of());
            HttpRequest passedOn = HttpCalls.chat(litellm.url(), StubServer.MODEL, Map.of("authorization", "Bearer " + Peer.LITELLM_KEY));
            var rounds = new Rounds(plan);
            Rounds.Kind stub = rounds.kind(client -> () -> http.expect(direct, 200));
            Rounds.Kind ourChallenges = rounds.kind(client -> () -> http.expect(challenge, 402));
            Rounds.Kind theirChallenges = rounds.kind(client -> () -> http.expect(theirChallenge, 402));
            Rounds.Kind paid = rounds.kind(client -> ours.payer(StubServer.MODEL));
            Rounds.Kind proxied = rounds.kind(client -> () -> http.expect(passedOn, 200));
            rounds.run();
            return List.of(
                    stub.figure("the model server itself", "asked directly"),
                    ourChallenges.figure("402 challenge", "two schemes, each mint, both versions of x402, bound to the request"),
                    theirChallenges.figure("402 challenge of @x402/express 2.27.0", "one scheme, one mint, version 2; a process of its own"),
                    Rounds.ratio("402 challenge / @x402/express", ourChallenges, theirChallenges),
                    paid.figure("voucher-paid completion", "through gateway and node, with assignment, receipt and three commits synced to disk; the client signs and checks in the same process"),
                    proxied.figure("completion through LiteLLM 1.106.2", "passed on with a key, one worker, no database: nothing is paid, kept or signed; a process of its own"),
                    Rounds.ratio("voucher-paid / LiteLLM, unpaid", paid, proxied));
        } catch (IOException e) {
            throw new UncheckedIOException("one of the others could not be started", e);
        } catch (AssertionError e) {
            // How an installation says that it failed.
            throw new IllegalStateException("one of the others could not be installed: " + e.getMessage(), e);
        }
    }
}
