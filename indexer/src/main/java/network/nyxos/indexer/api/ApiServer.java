package network.nyxos.indexer.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.indexer.content.Relayer;
import network.nyxos.indexer.content.ReportedJobs;
import network.nyxos.indexer.project.AccountState;
import network.nyxos.indexer.project.BatchState;
import network.nyxos.indexer.project.BondState;
import network.nyxos.indexer.project.EscrowState;
import network.nyxos.indexer.project.DirectState;
import network.nyxos.indexer.project.DisputeState;
import network.nyxos.indexer.project.LockedJobState;
import network.nyxos.indexer.project.ModelState;
import network.nyxos.indexer.store.Queries;
import network.nyxos.indexer.store.StoreException;
import network.nyxos.indexer.web.WebPage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves the mirror: JSON under `/v1`, live events, metrics, and the page. Reads only; open to every origin.
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final HeaderName POLICY = HeaderNames.create("Content-Security-Policy");
    private static final HeaderName SNIFFING = HeaderNames.create("X-Content-Type-Options");
    private static final Duration STATUS_EVERY = Duration.ofSeconds(1);
    private static final int MOST_REPLAYED = 1_000;
    private static final int SHOWN_OF_BATCH = 100;
    private static final int SHOWN_OF_NODE = 100;
    private static final Set<String> PAGE = Set.of("limit", "after");

    private final WebServer server;
    private final StatusReport status;
    private final Queries queries;
    private final StandingReport standings;
    private final Rows rows;
    private final LiveHub hub;
    private final Optional<ReportedJobs> reported;
    private final PrometheusMeterRegistry metrics;
    private final WebPage page = new WebPage();
    private final byte[] openApi;

    /// Starts listening.
    ///
    /// @param host address to listen on
    /// @param port port to listen on; 0 for a free one
    /// @param status how the indexer is
    /// @param queries what is in the mirror
    /// @param rows how rows are shown
    /// @param hub where new rows come from
    /// @param reported what the relayer reports; empty without a relayer
    /// @param metrics what `/metrics` shows
    public ApiServer(String host, int port, StatusReport status, Queries queries, Rows rows, LiveHub hub, Optional<ReportedJobs> reported,
        PrometheusMeterRegistry metrics) {
        this.status = status;
        this.queries = queries;
        this.standings = new StandingReport(queries);
        this.rows = rows;
        this.hub = hub;
        this.reported = reported;
        this.metrics = metrics;
        try (var in = ApiServer.class.getResourceAsStream("/network/nyxos/indexer/api/openapi.json")) {
            this.openApi = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.json cannot be read", e);
        }
        this.server = WebServer.builder().host(host).port(port).shutdownHook(false).routing(this::route).build().start();
        // Helidon logs a port that is taken and goes on without it.
        if (!server.isRunning()) {
            throw new ProtocolException("port_taken", "port " + port + " of " + host + " is taken; end what listens there or choose another port");
        }
    }

    /// The port it listens on.
    public int port() {
        return server.port();
    }

    private void route(HttpRouting.Builder routing) {
        routing.addFilter((chain, _, response) -> {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
            response.header(SNIFFING, "nosniff");
            chain.proceed();
        });
        routing.get("/v1/status", json(Set.of(), _ -> status.report()))
            .get("/v1/markets", json(PAGE, p -> list(queries.markets(p.after(), p.limit()))))
            .get("/v1/pools", json(with("market"), p -> list(queries.pools(p.key("market"), p.after(), p.limit()))))
            .get("/v1/nodes", json(with("state"), p -> list(queries.nodes(p.oneOf("state", AccountState.wireNames(BondState.class)), p.after(),
                p.limit()))))
            .get("/v1/validators", json(with("state"), p -> list(queries.validators(p.oneOf("state", AccountState.wireNames(BondState.class)), p.after(),
                p.limit()))))
            .get("/v1/registries", json(PAGE, p -> list(queries.registries(p.after(), p.limit()))))
            .get("/v1/models", json(with("state"), p -> list(queries.models(p.oneOf("state", AccountState.wireNames(ModelState.class)), p.after(),
                p.limit()))))
            .get("/v1/nodes/{key}", json(Set.of(), this::node))
            .get("/v1/nodes/{key}/standing", json(Set.of(), this::standing))
            .get("/v1/escrows", json(with("payer", "state"), p -> list(queries.escrows(p.key("payer"), p.oneOf("state", AccountState.wireNames(EscrowState.class)),
                p.after(), p.limit()))))
            .get("/v1/direct-settlements", json(with("payer", "node", "job", "state"), p -> list(queries.directSettlements(p.key("payer"), p.key("node"),
                p.hash("job"), p.oneOf("state", AccountState.wireNames(DirectState.class)), p.after(), p.limit()))))
            .get("/v1/disputes", json(with("node", "accuser", "state"), p -> list(queries.disputes(p.key("node"), p.key("accuser"),
                p.oneOf("state", AccountState.wireNames(DisputeState.class)), p.after(), p.limit()))))
            .get("/v1/locked-jobs", json(with("payer", "node", "state"), p -> list(queries.lockedJobs(p.key("payer"), p.key("node"),
                p.oneOf("state", AccountState.wireNames(LockedJobState.class)), p.after(), p.limit()))))
            .get("/v1/payments", json(with("payer", "reference"), p -> list(queries.payments(p.key("payer"), p.hash("reference"), p.after(), p.limit()))))
            .get("/v1/batches", json(with("mint", "state"), p -> list(queries.batches(p.key("mint"), p.oneOf("state", AccountState.wireNames(BatchState.class)),
                p.after(), p.limit()))))
            .get("/v1/batches/{mint}/{seq}", json(Set.of("market"), this::batch))
            .get("/v1/jobs", json(with("node", "tier", "source"), this::jobs))
            .get("/v1/jobs/{id}", json(Set.of(), this::job))
            .get("/v1/claims", json(with("payee"), p -> list(queries.claims(p.key("payee"), p.after(), p.limit()))))
            .get("/v1/events", json(with("type", "account"), p -> list(queries.events(p.name("type"), p.key("account"), p.after(), p.limit()))))
            .get("/v1/balances/{wallet}", json(Set.of(), this::balances))
            .get("/v1/live", this::live)
            .get("/health", this::health)
            .get("/metrics", (_, response) -> bytes(response, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape().getBytes(StandardCharsets.UTF_8)))
            .get("/openapi.json", (_, response) -> bytes(response, "application/json", openApi))
            .get("/", (_, response) -> file(response, "index.html"))
            .get("/web/{name}", (request, response) -> file(response, request.path().pathParameters().get("name")))
            .options("/*", (_, response) -> {
                response.header("Access-Control-Allow-Methods", "GET, OPTIONS").header("Access-Control-Allow-Headers", "Last-Event-ID")
                    .header("Access-Control-Max-Age", "86400").status(204);
                response.send();
            })
            .any((_, response) -> refuse(response, ApiException.notFound("There is nothing here. /openapi.json describes what there is.")));
    }

    private static Set<String> with(String... names) {
        var all = new HashSet<>(PAGE);
        all.addAll(Set.of(names));
        return all;
    }

    // --- answers -------------------------------------------------------------------------------------------------------

    private interface Answer {
        JsonNode of(Parameters parameters);
    }

    private static Handler json(Set<String> parameters, Answer answer) {
        return (request, response) -> {
            try {
                bytes(response, "application/json", JSON.writeValueAsBytes(answer.of(new Parameters(request, parameters))));
            } catch (ApiException e) {
                refuse(response, e);
            } catch (StoreException e) {
                LOG.warn("{} cannot be answered: {}: {}", request.path().path(), e.getMessage(), e.getCause().getMessage());
                refuse(response, new ApiException(503, "database_unavailable", "The mirror cannot be read at the moment. Try again."));
            } catch (RuntimeException e) {
                LOG.error("{} failed", request.path().path(), e);
                refuse(response, new ApiException(500, "internal", "The indexer failed to answer. Its log says why."));
            }
        };
    }

    private static void refuse(ServerResponse response, ApiException why) {
        ObjectNode body = JSON.createObjectNode();
        body.putObject("error").put("code", why.code()).put("message", why.getMessage());
        response.status(why.status());
        bytes(response, "application/json", body.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(ServerResponse response, String type, byte[] content) {
        response.header(HeaderNames.CONTENT_TYPE, type).header(HeaderNames.CACHE_CONTROL, "no-cache");
        response.send(content);
    }

    private void file(ServerResponse response, String name) {
        Optional<WebPage.File> file = page.file(name);
        if (file.isEmpty()) {
            refuse(response, ApiException.notFound("The page has no file of that name."));
            return;
        }
        response.header(POLICY, WebPage.POLICY);
        bytes(response, file.get().type(), file.get().content());
    }

    private void health(ServerRequest request, ServerResponse response) {
        boolean healthy = status.isHealthy();
        response.status(healthy ? 200 : 503);
        bytes(response, "application/json", JSON.createObjectNode().put("status", healthy ? "ok" : "unavailable").toString().getBytes(StandardCharsets.UTF_8));
    }

    // --- documents -----------------------------------------------------------------------------------------------------

    private ObjectNode list(Queries.Page found) {
        ObjectNode list = JSON.createObjectNode();
        list.set("items", rows.each(found.items()));
        found.next().ifPresentOrElse(next -> list.put("next", next.toString()), () -> list.putNull("next"));
        return list;
    }

    private ObjectNode node(Parameters parameters) {
        String key = parameters.pathKey("key");
        ObjectNode node = rows.one(queries.node(key).orElseThrow(() -> ApiException.notFound("No node is registered under " + key + ".")));
        node.set("earnings", rows.each(queries.earnings(node.get("nodeKey").textValue())));
        node.set("disputes", rows.each(queries.openDisputesOf(node.get("nodeKey").textValue(), SHOWN_OF_NODE)));
        return node;
    }

    private ObjectNode standing(Parameters parameters) {
        String key = parameters.pathKey("key");
        long slot = status.syncedSlot().orElseThrow(() -> new ApiException(503, "mirror_empty", "The mirror has not caught up with the chain yet. Try again."));
        ObjectNode standing = rows.one(standings.of(key, slot).orElseThrow(() -> ApiException.notFound("No node is registered under " + key + ".")));
        standing.get("pools").forEach(pool -> rows.one((ObjectNode) pool));
        return standing;
    }

    private ObjectNode batch(Parameters parameters) {
        String mint = parameters.pathKey("mint");
        String seq = parameters.pathSeq("seq");
        ObjectNode batch = rows.one(queries.batch(parameters.key("market"), mint, seq)
            .orElseThrow(() -> ApiException.notFound("No batch " + seq + " of mint " + mint + " has been posted.")));
        String address = batch.get("batch").textValue();
        batch.set("jobs", chainJobs(queries.jobsOf(address, SHOWN_OF_BATCH)));
        batch.set("credits", rows.each(queries.creditsOf(address, SHOWN_OF_BATCH)));
        return batch;
    }

    private ArrayNode chainJobs(ArrayNode jobs) {
        jobs.forEach(job -> ((ObjectNode) job).put("source", "chain"));
        return rows.each(jobs);
    }

    private ObjectNode jobs(Parameters parameters) {
        if (parameters.oneOf("source", Set.of("chain", "relayer")).orElse("chain").equals("relayer")) {
            return reportedJobs(parameters.limit());
        }
        Queries.Page found = queries.jobs(parameters.key("node"), parameters.oneOf("tier", Set.of("open", "verified", "confidential")), parameters.after(),
            parameters.limit());
        chainJobs(found.items());
        return list(found);
    }

    private ObjectNode reportedJobs(int limit) {
        ObjectNode list = JSON.createObjectNode();
        ArrayNode items = list.putArray("items");
        for (JsonNode job : ask(ReportedJobs::list)) {
            if (items.size() < limit && queries.job(job.path("job").asText()).isEmpty()) {
                items.add(withDecimals((ObjectNode) job));
            }
        }
        return list.putNull("next");
    }

    private ObjectNode withDecimals(ObjectNode job) {
        queries.decimals(job.path("mint").asText()).ifPresent(decimals -> job.put("decimals", decimals));
        return rows.one(job);
    }

    private ObjectNode job(Parameters parameters) {
        String id = parameters.pathJob("id");
        Optional<ObjectNode> onChain = queries.job(id);
        if (onChain.isPresent()) {
            return rows.one(onChain.get().put("source", "chain"));
        }
        if (reported.isPresent()) {
            try {
                return withDecimals(reported.get().job(id));
            } catch (Relayer.UnavailableException e) {
                throw ApiException.notFound("No batch on chain holds job " + id + ", and " + e.getMessage() + ".");
            }
        }
        throw ApiException.notFound("No batch on chain holds job " + id + ".");
    }

    private interface Question<T> {
        T ask(ReportedJobs jobs) throws Relayer.UnavailableException;
    }

    private <T> T ask(Question<T> question) {
        try {
            return question.ask(reported.orElseThrow(() -> new ApiException(503, "relayer_unavailable", "This indexer knows no relayer.")));
        } catch (Relayer.UnavailableException e) {
            throw new ApiException(503, "relayer_unavailable", "The relayer's report cannot be had: " + e.getMessage() + ".");
        }
    }

    private ObjectNode balances(Parameters parameters) {
        String wallet = parameters.pathKey("wallet");
        ObjectNode balances = JSON.createObjectNode().put("wallet", wallet);
        balances.set("deposits", rows.each(queries.depositsOf(wallet)));
        ArrayNode earned = balances.putArray("earned");
        ArrayNode refunds = balances.putArray("refunds");
        for (JsonNode credit : rows.each(queries.creditsOfWallet(wallet))) {
            (credit.get("kind").textValue().equals("refund") ? refunds : earned).add(credit);
        }
        balances.set("escrows", rows.each(queries.escrowsOf(wallet, Parameters.MAX_LIMIT)));
        return balances;
    }

    // --- live events ---------------------------------------------------------------------------------------------------

    /// Server-Sent Events: `status` at once and every second, `event` and `content` as they come, `missed` when the reader must read again. A reader that
    /// comes back with `Last-Event-ID` first gets the events since then.
    private void live(ServerRequest request, ServerResponse response) {
        Optional<LiveHub.Reader> joined = hub.join();
        if (joined.isEmpty()) {
            refuse(response, new ApiException(503, "live_full", "There are too many live readers. Try again later, or poll."));
            return;
        }
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream").header(HeaderNames.CACHE_CONTROL, "no-store").header("X-Accel-Buffering", "no");
        try (LiveHub.Reader reader = joined.get(); OutputStream out = response.outputStream()) {
            write(out, new LiveHub.Message("status", OptionalLong.empty(), status.report()));
            long seen = replay(request, out);
            while (!hub.isClosed()) {
                Optional<LiveHub.Message> next = reader.next(STATUS_EVERY);
                if (reader.lostSome()) {
                    write(out, new LiveHub.Message("missed", OptionalLong.empty(), JSON.createObjectNode()));
                }
                if (next.isEmpty()) {
                    write(out, new LiveHub.Message("status", OptionalLong.empty(), status.report()));
                } else if (next.get().id().orElse(Long.MAX_VALUE) > seen) {
                    write(out, next.get());
                }
            }
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            throw new CloseConnectionException("a live reader left", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        // A stream ends with its connection; there is no next request on it.
        throw new CloseConnectionException("the live stream has ended");
    }

    private long replay(ServerRequest request, OutputStream out) throws IOException {
        Optional<Long> last = request.headers().first(LAST_EVENT_ID).filter(text -> text.matches("[0-9]{1,18}")).map(Long::parseLong);
        long seen = 0;
        if (last.isPresent()) {
            Queries.Page since = queries.eventsSince(last.get(), MOST_REPLAYED);
            if (since.next().isPresent()) {
                write(out, new LiveHub.Message("missed", OptionalLong.empty(), JSON.createObjectNode()));
            } else {
                for (JsonNode event : since.items()) {
                    seen = event.get("id").longValue();
                    write(out, new LiveHub.Message("event", OptionalLong.of(seen), (ObjectNode) event));
                }
            }
        }
        return seen;
    }

    private static void write(OutputStream out, LiveHub.Message message) throws IOException {
        var text = new StringBuilder();
        message.id().ifPresent(id -> text.append("id: ").append(id).append('\n'));
        text.append("event: ").append(message.type()).append("\ndata: ").append(message.data()).append("\n\n");
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /// Stops listening and sends live readers away.
    @Override
    public void close() {
        hub.close();
        server.stop();
    }
}
