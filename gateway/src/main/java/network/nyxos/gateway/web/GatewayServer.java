package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.helidon.http.HeaderNames;
import io.helidon.http.NotFoundException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.websocket.WsRouting;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.gateway.account.SignIn;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.Offers;
import network.nyxos.gateway.facilitator.Facilitator;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.link.NodeLink;
import network.nyxos.gateway.link.NodePool;
import network.nyxos.gateway.link.Registry;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.store.EscrowStore;
import network.nyxos.gateway.store.JobStore;
import network.nyxos.gateway.store.ListingStore;
import network.nyxos.gateway.store.SignInStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// The HTTP and WebSocket server: routes, and what every answer has in common.
public final class GatewayServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);
    private static final Duration GRACE = Duration.ofSeconds(2);

    // Replies that may be asked for again: for about as long as a client tries.
    private static final long ANSWERS_BYTES = 64L * 1024 * 1024;
    private static final Duration ANSWERS_KEPT = Duration.ofMinutes(10);

    private final WebServer server;
    private final Neighbours neighbours;

    /// What the routes work with.
    ///
    /// @param key        signs offers and receipts
    /// @param instance   this gateway
    /// @param neighbours where the other gateways of the schema are
    /// @param publicUrl how clients reach the gateway
    /// @param links     makes a listener for each node that dials in
    /// @param healthy   whether chain and database answer
    /// @param deployment what was found on the chain at start
    public record Parts(Catalogue catalogue, Checkout checkout, JobRunner runner, JobStore jobs, EscrowMirror escrows, EscrowStore balances, NodePool nodes, Registry registry,
                        Facilitator facilitator, Offers offers, OfferReceipt signed, ListingStore listings, SignIn signIn, SignInStore signIns, PublicKey key, UUID instance, Function<UUID, Optional<URI>> neighbours, Optional<URI> publicUrl, Supplier<NodeLink> links, Supplier<Boolean> healthy, ChainReport deployment, InstantSource clock,
                        PrometheusMeterRegistry meters) {
    }

    /// Serves.
    ///
    /// @param port 0: any free one
    public GatewayServer(String host, int port, Parts parts) {
        neighbours = new Neighbours(parts.instance, parts.neighbours);
        server = WebServer.builder().host(host).port(port).shutdownHook(false).shutdownGracePeriod(GRACE)
            .addRouting(routes(parts, neighbours))
            .addRouting(WsRouting.builder().endpoint("/v1/node", parts.links::get))
            .build();
        server.start();
        // Helidon logs a port that is taken and goes on without it.
        if (!server.isRunning()) {
            throw new ProtocolException("port_taken", "port " + port + " of " + host + " is taken; end what listens there or choose another port");
        }
    }

    private static HttpRouting.Builder routes(Parts parts, Neighbours neighbours) {
        var origin = new Origin(parts.publicUrl);
        var answers = new Answers(ANSWERS_BYTES, ANSWERS_KEPT, parts.clock);
        var purchases = new PurchaseRoutes(parts.signIn, parts.signIns, parts.jobs, new JobView(parts.jobs), answers, neighbours, origin);
        var chat = new ChatRoute(parts.catalogue, parts.checkout, parts.runner, parts.jobs, answers, neighbours, origin, parts.signed, parts.clock, parts.meters);
        var discovery = new DiscoveryRoutes(parts.listings, parts.catalogue, parts.offers, origin, parts.key, parts.clock.instant());
        var info = new InfoRoutes(parts.catalogue, parts.nodes, parts.registry, parts.jobs, parts.escrows, parts.balances, parts.clock.millis() / 1_000);
        var facilitator = new FacilitatorRoutes(parts.facilitator);
        return HttpRouting.builder()
            .addFilter((chain, _, response) -> {
                Http.common(response);
                chain.proceed();
            })
            .options("/*", Http::preflight)
            .post("/v1/chat/completions", guarded(chat::chat))
            .post("/v1/completions", guarded(chat::completion))
            .get("/v1/models", guarded(info::models))
            .get("/v1/nodes", guarded(info::nodes))
            .get("/v1/models/{+name}", guarded(info::model))
            .get("/v1/jobs/{id}", guarded(info::job))
            .get("/v1/purchases", guarded(purchases::purchases))
            .get("/v1/purchases/{id}/reply", guarded(purchases::reply))
            .get("/v1/escrows/{address}", guarded(info::escrow))
            .get("/facilitator/supported", guarded(facilitator::supported))
            .post("/facilitator/verify", guarded(facilitator::verify))
            .post("/facilitator/settle", guarded(facilitator::settle))
            .get("/facilitator/discovery/resources", guarded(discovery::resources))
            .get("/discovery/resources", guarded(discovery::resources))
            .get("/.well-known/did.json", guarded(discovery::did))
            .get("/health", (_, response) -> health(parts, response))
            .get("/metrics", (_, response) -> response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .send(parts.meters.scrape().getBytes(StandardCharsets.UTF_8)))
            .error(NotFoundException.class, (_, response, _) -> Http.error(response, ApiException.refused(404, "not_found", "there is no such endpoint")));
    }

    private static void health(Parts parts, ServerResponse response) {
        boolean healthy = parts.healthy.get();
        Http.json(response, healthy ? 200 : 503, Json.bytes(JsonNodeFactory.instance.objectNode().put("status", healthy ? "ok" : "degraded")
            .put("nodes", parts.nodes.all().size()).put("escrows", parts.escrows.size()).set("deployment", parts.deployment.json())));
    }

    /// Turns whatever goes wrong into an answer that says so without saying more than the client may know.
    private static Handler guarded(Handler handler) {
        return (request, response) -> {
            try {
                handler.handle(request, response);
            } catch (ApiException e) {
                answer(response, e);
            } catch (DatabaseException e) {
                LOG.error("{} {}: {}", request.prologue().method().text(), request.path().rawPath(), e.getMessage());
                answer(response, ApiException.unavailable("storage_unavailable", "the gateway cannot reach its database; try the same request again", 5));
            } catch (RpcException e) {
                LOG.error("{} {}: {}", request.prologue().method().text(), request.path().rawPath(), e.getMessage());
                answer(response, ApiException.unavailable("chain_unavailable", "the gateway cannot reach the chain; try the same request again", 5));
            } catch (RuntimeException e) {
                LOG.error("{} {} failed", request.prologue().method().text(), request.path().rawPath(), e);
                answer(response, ApiException.failed(500, "internal_error", "the gateway failed; if you paid, the payment is served once or goes back"));
            }
        };
    }

    private static void answer(ServerResponse response, ApiException failure) {
        if (response.isSent()) {
            LOG.warn("an answer was cut off: {}", failure.code());
        } else {
            Http.error(response, failure);
        }
    }

    /// Where it serves.
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
        neighbours.close();
    }
}
