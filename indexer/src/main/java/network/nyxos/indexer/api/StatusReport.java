package network.nyxos.indexer.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.chain.program.ChainReport;
import network.nyxos.indexer.follow.Follower;
import network.nyxos.indexer.follow.Lag;
import network.nyxos.indexer.follow.Reconciler;
import network.nyxos.indexer.store.Queries;
import network.nyxos.indexer.store.StoreException;

/// How the indexer is, as JSON.
public final class StatusReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN_DIFFERENCES = 20;
    private static final int SLOTS_BEHIND = 150;

    private final ChainReport deployment;
    private final boolean developmentAttestation;
    private final Follower follower;
    private final Reconciler reconciler;
    private final Lag lag;
    private final Queries queries;
    private final Map<String, String> symbols;

    /// @param deployment what was found on the chain at start: the cluster and the programs that are mirrored
    /// @param developmentAttestation whether attestations here are under a development root
    /// @param symbols by mint
    public StatusReport(ChainReport deployment, boolean developmentAttestation, Map<String, String> symbols, Follower follower,
        Reconciler reconciler, Lag lag, Queries queries) {
        this.deployment = deployment;
        this.developmentAttestation = developmentAttestation;
        this.symbols = Map.copyOf(symbols);
        this.follower = follower;
        this.reconciler = reconciler;
        this.lag = lag;
        this.queries = queries;
    }

    /// Whether the mirror moves with the chain.
    public boolean isHealthy() {
        return follower.problem().isEmpty() && follower.syncedSlot().isPresent();
    }

    /// The slot up to which the mirror is whole; empty before the first look at the chain.
    OptionalLong syncedSlot() {
        return follower.syncedSlot();
    }

    /// The whole report. It is given even when the database is away, and then says so.
    public ObjectNode report() {
        ObjectNode report = JSON.createObjectNode();
        OptionalLong chain = follower.chainSlot();
        OptionalLong synced = follower.syncedSlot();
        Optional<Follower.Problem> problem = follower.problem();
        long behind = chain.orElse(0) - synced.orElse(0);
        report.put("state", problem.isPresent() ? "stalled" : synced.isEmpty() || behind > SLOTS_BEHIND ? "catching_up" : "following");
        report.put("cluster", deployment.cluster().base58()).put("attestation", developmentAttestation ? "development" : "production");
        report.putObject("programs").put("registry", deployment.registry().id().toBase58()).put("escrow", deployment.escrow().id().toBase58());
        report.set("deployment", deployment.json());
        ObjectNode names = report.putObject("symbols");
        symbols.forEach(names::put);
        put(report.putObject("chain"), "slot", chain);
        ObjectNode indexed = report.putObject("indexed");
        put(indexed, "slot", synced);
        put(indexed, "lagSlots", synced.isPresent() ? OptionalLong.of(behind) : OptionalLong.empty());
        try {
            indexed.setAll(queries.eventCount());
            indexed.set("frontiers", queries.frontiers());
        } catch (StoreException e) {
            problem = problem.or(() -> Optional.of(new Follower.Problem("database_unavailable", e.getMessage())));
            indexed.putNull("events").putNull("lastSlot").putNull("lastId").put("decodeFailures", 0).putArray("frontiers");
        }
        ObjectNode measured = report.putObject("lag");
        lag.measured().ifPresentOrElse(times -> measured.put("lastMillis", times.last().toNanos() / 1e6).put("p50Millis", times.median().toNanos() / 1e6)
            .put("p99Millis", times.p99().toNanos() / 1e6), () -> measured.putNull("lastMillis").putNull("p50Millis").putNull("p99Millis"));
        reconciler(report.putObject("reconciler"));
        problem.ifPresentOrElse(found -> report.putObject("error").put("code", found.code()).put("message", found.message()), () -> report.putNull("error"));
        return report;
    }

    private void reconciler(ObjectNode json) {
        Optional<Reconciler.Report> last = reconciler.last();
        if (last.isEmpty()) {
            json.putNull("checkedAt").putNull("slot").put("accounts", 0).put("moving", 0).put("suspected", 0).put("differences", 0).putArray("examples");
            return;
        }
        Reconciler.Report found = last.get();
        json.put("checkedAt", found.checkedAt().toString()).put("slot", found.slot()).put("accounts", found.accounts()).put("moving", found.moving())
            .put("suspected", found.suspected().size()).put("differences", found.differences().size());
        var examples = json.putArray("examples");
        found.differences().stream().limit(SHOWN_DIFFERENCES).forEach(one -> examples.addObject().put("account", one.account()).put("table", one.table())
            .put("field", one.field()).put("projected", one.projected()).put("onChain", one.onChain()));
    }

    private static void put(ObjectNode node, String name, OptionalLong value) {
        if (value.isPresent()) {
            node.put(name, value.getAsLong());
        } else {
            node.putNull(name);
        }
    }
}
