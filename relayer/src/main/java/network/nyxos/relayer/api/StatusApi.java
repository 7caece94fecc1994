package network.nyxos.relayer.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.IntSupplier;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.RpcException;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.relayer.batch.BatchStore;
import network.nyxos.relayer.gate.ChainFacts;
import network.nyxos.relayer.gate.JobStore;
import network.nyxos.relayer.job.JobState;
import network.nyxos.relayer.wire.Fields;
import software.sava.core.accounts.PublicKey;

/// How the relayer is.
public final class StatusApi {
    private final JobStore jobs;
    private final BatchStore batches;
    private final ChainFacts chain;
    private final List<PublicKey> mints;
    private final IntSupplier links;
    private final boolean development;
    private final PublicKey operator;
    private final ChainReport deployment;
    private final PrometheusMeterRegistry metrics;

    /// @param links       how many nodes are connected
    /// @param development whether evidence without hardware behind it counts
    /// @param deployment  what was found on the chain at start
    public StatusApi(JobStore jobs, BatchStore batches, ChainFacts chain, List<PublicKey> mints, IntSupplier links, boolean development, PublicKey operator,
                     ChainReport deployment, PrometheusMeterRegistry metrics) {
        this.jobs = jobs;
        this.batches = batches;
        this.chain = chain;
        this.mints = List.copyOf(mints);
        this.links = links;
        this.development = development;
        this.operator = operator;
        this.deployment = deployment;
        this.metrics = metrics;
    }

    /// Adds the routes.
    public void route(HttpRouting.Builder routing) {
        routing.get("/v1/status", this::status).get("/health", this::health)
            .get("/metrics", (request, response) -> response.header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4").send(metrics.scrape()));
    }

    private void status(ServerRequest request, ServerResponse response) {
        ObjectNode json = Fields.object().put("operator", operator.toBase58()).put("nodes", links.getAsInt()).put("developmentEvidence", development);
        json.set("deployment", deployment.json());
        ObjectNode counts = json.putObject("jobs");
        var byState = jobs.counts();
        for (JobState state : JobState.values()) {
            counts.put(state.wireName(), byState.getOrDefault(state, 0L));
        }
        ObjectNode pools = json.putObject("pools");
        for (PublicKey mint : mints) {
            ObjectNode pool = pools.putObject(mint.toBase58()).put("finalSeq", batches.finalSeq(mint));
            batches.underWay(mint).ifPresent(batch -> pool.putObject("underWay").put("seq", batch.seq()).put("state", batch.state().wireName())
                .put("code", batch.reason().code()).put("reason", batch.reason().message()));
        }
        JobsApi.json(response, json);
    }

    private void health(ServerRequest request, ServerResponse response) {
        String database = "ok";
        String rpc = "ok";
        try {
            batches.finalSeq(mints.getFirst());
        } catch (DatabaseException e) {
            database = e.code();
        }
        try {
            chain.slot();
        } catch (RpcException e) {
            rpc = e.code();
        }
        boolean well = database.equals("ok") && rpc.equals("ok");
        response.status(well ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
        JobsApi.json(response, Fields.object().put("status", well ? "ok" : "degraded").put("database", database).put("chain", rpc));
    }
}
