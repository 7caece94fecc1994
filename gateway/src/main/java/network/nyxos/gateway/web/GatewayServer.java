package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.gateway.GatewayConfig;
import network.nyxos.gateway.account.SignIn;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.chain.PrepaidEscrows;
import network.nyxos.gateway.checkout.CashOut;
import network.nyxos.gateway.checkout.Checkout;
import network.nyxos.gateway.checkout.CreditDesk;
import network.nyxos.gateway.checkout.CreditKeeper;
import network.nyxos.gateway.checkout.Offers;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.facilitator.Facilitator;
import network.nyxos.gateway.job.JobRunner;
import network.nyxos.gateway.link.NodeLink;
import network.nyxos.gateway.link.NodePool;
import network.nyxos.gateway.link.Registry;
import network.nyxos.gateway.offer.Catalogue;
import network.nyxos.gateway.openai.ApiException;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.OfferReceipt;
import network.nyxos.gateway.store.CreditStore;
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
    private static final int SHOWN_OF_PATH = 120;

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
    /// @param limits    how much is taken on at once
    /// @param credits   how credits are sold; empty: not at all
    public record Parts(Catalogue catalogue, Checkout checkout, JobRunner runner, JobStore jobs, EscrowMirror escrows, EscrowStore balances, NodePool nodes, Registry registry,
                        Facilitator facilitator, Offers offers, OfferReceipt signed, ListingStore listings, SignIn signIn, SignInStore signIns, PublicKey key, UUID instance, Function<UUID, Optional<URI>> neighbours, Optional<URI> publicUrl, Supplier<NodeLink> links, Supplier<Boolean> healthy, ChainReport deployment, GatewayConfig.Limits limits, Optional<Credits> credits, InstantSource clock,
                        PrometheusMeterRegistry meters) {
    }

    /// What credits are sold, shown and taken out with.
    ///
    /// @param keeper looks after them
    public record Credits(CreditTerms terms, CreditDesk desk, CashOut cashOut, CreditStore store, PrepaidEscrows prepaid, CreditKeeper keeper) {
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
        var serving = new Serving(parts.runner, parts.jobs, answers, parts.signed, parts.clock, parts.meters);
        var bearers = new BearerPayment(parts.credits.map(Credits::terms), parts.checkout, origin);
        var credits = new CreditRoutes(parts.credits, bearers, parts.balances, origin);
        var inference = new InferenceRoute(parts.catalogue, parts.checkout, bearers, serving, answers, neighbours, origin, parts.meters);
        var discovery = new DiscoveryRoutes(parts.listings, parts.catalogue, parts.offers, origin, parts.key, parts.clock.instant());
        var info = new InfoRoutes(parts.catalogue, parts.nodes, parts.registry, parts.jobs, parts.escrows, parts.balances, parts.clock.millis() / 1_000);
        var facilitator = new FacilitatorRoutes(parts.facilitator);
        var failures = new Failures(parts.meters);
        var document = new ApiDocument(origin);
        var tools = new AgentTools(parts.catalogue, parts.checkout, bearers, serving, answers, neighbours, info, parts.registry, parts.jobs, document, failures);
        var agents = new AgentRoute(tools);
        var completions = new Bound(parts.limits.requests(), "gateway_busy", "this gateway has as many requests under way as it takes");
        var settlements = new Bound(parts.limits.settlements(), "facilitator_busy", "this facilitator has as many payments under way as it takes");
        List<Endpoint> endpoints = List.of(
            Endpoint.post("/v1/chat/completions", completions.of(inference::chat)),
            Endpoint.post("/v1/completions", completions.of(inference::completion)),
            Endpoint.post("/v1/embeddings", completions.of(inference::embeddings)),
            Endpoint.post("/v1/services/{name}", completions.of(inference::service)),
            Endpoint.get("/v1/models", info::models),
            Endpoint.get("/v1/nodes", info::nodes),
            Endpoint.get("/v1/models/{+name}", info::model),
            Endpoint.get("/v1/jobs/{id}", info::job),
            Endpoint.get("/v1/purchases", purchases::purchases),
            Endpoint.get("/v1/purchases/{id}/reply", purchases::reply),
            Endpoint.get("/v1/escrows/{address}", info::escrow),
            Endpoint.post("/credits/buy", settlements.of(credits::buy)),
            Endpoint.get("/credits", settlements.of(credits::balance)),
            Endpoint.get("/credits/history", credits::history),
            Endpoint.post("/credits/cash-out", settlements.of(credits::cashOut)),
            Endpoint.get("/facilitator/supported", facilitator::supported),
            Endpoint.post("/facilitator/verify", settlements.of(facilitator::verify)),
            Endpoint.post("/facilitator/settle", settlements.of(facilitator::settle)),
            Endpoint.get("/facilitator/discovery/resources", discovery::resources),
            Endpoint.get("/discovery/resources", discovery::resources),
            Endpoint.get("/.well-known/did.json", discovery::did),
            Endpoint.post("/mcp", completions.of(agents::post)),
            Endpoint.get("/openapi.json", document::get),
            Endpoint.get("/health", (_, response) -> health(parts, response)),
            Endpoint.get("/metrics", (_, response) -> response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .send(parts.meters.scrape().getBytes(StandardCharsets.UTF_8))));
        document.mustDescribe(endpoints);
        return routing(failures, endpoints);
    }

    private static HttpRouting.Builder routing(Failures failures, List<Endpoint> endpoints) {
        HttpRouting.Builder routing = HttpRouting.builder()
            .addFilter((chain, _, response) -> {
                Http.common(response);
                chain.proceed();
            })
            .options("/*", Http::preflight);
        endpoints.forEach(each -> routing.route(each.method(), each.path(), guarded(failures, each.handler())));
        endpoints.stream().collect(Collectors.groupingBy(Endpoint::path, LinkedHashMap::new, Collectors.mapping(each -> each.method().text(), Collectors.joining(", "))))
            .forEach((path, allowed) -> routing.any(path, (request, response) -> Http.error(response,
                ApiException.refused(405, "method_not_allowed", "Not allowed: " + asked(request) + "; this takes " + allowed).withHeader("Allow", allowed))));
        return routing.any((request, response) -> Http.error(response, ApiException.refused(404, "not_found", "Invalid URL (" + asked(request) + ")")));
    }

    /// Method and path of a request, shortened.
    private static String asked(ServerRequest request) {
        String path = request.path().rawPath();
        return request.prologue().method().text() + " " + (path.length() > SHOWN_OF_PATH ? path.substring(0, SHOWN_OF_PATH) + "…" : path);
    }

    private static void health(Parts parts, ServerResponse response) {
        boolean healthy = parts.healthy.get();
        ObjectNode told = JsonNodeFactory.instance.objectNode().put("status", healthy ? "ok" : "degraded").put("nodes", parts.nodes.all().size()).put("escrows", parts.escrows.size());
        parts.credits.map(each -> each.keeper.report()).ifPresent(report -> books(told.putObject("credits"), report));
        Http.json(response, healthy ? 200 : 503, Json.bytes(told.set("deployment", parts.deployment.json())));
    }

    /// Whether the books of credits and the chain agree, and what is only a matter of time.
    private static void books(ObjectNode told, CreditKeeper.Report report) {
        told.put("books", report.differences().isEmpty() ? "balanced" : "different").put("accounts", report.accounts()).put("balanced", report.balanced()).put("behind", report.behind())
            .put("deposited", Long.toString(report.deposited())).put("unsettled", Long.toString(report.unsettled())).put("arriving", Long.toString(report.arriving()))
            .put("difference", Long.toString(report.units()));
    }

    private static Handler guarded(Failures failures, Handler handler) {
        return (request, response) -> {
            try {
                handler.handle(request, response);
            } catch (RuntimeException e) {
                answer(response, failures.told(e, Http.id(response), asked(request)));
            }
        };
    }

    private static void answer(ServerResponse response, ApiException failure) {
        if (response.isSent()) {
            LOG.warn("{} was cut off: {}", Http.id(response), failure.code());
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
