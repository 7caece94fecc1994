package network.nyxos.indexer.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.standing.BatchWork;
import network.nyxos.escrow.standing.Enrolment;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.standing.Standing;
import network.nyxos.indexer.store.Queries;

/// What a node has earned by work, pool by pool, as of the slot up to which the mirror is whole: counted from batches' contents, which are under roots on
/// chain, and from the registry, so that whoever has these comes to the same numbers.
final class StandingReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> TIERS = List.of("open", "verified", "confidential");

    private final Queries queries;

    StandingReport(Queries queries) {
        this.queries = queries;
    }

    /// A node's standing; empty when there is no such node.
    ///
    /// @param key  the node's key or its account's address
    /// @param slot up to which the mirror is whole
    Optional<ObjectNode> of(String key, long slot) {
        return queries.node(key).map(node -> report(node, slot));
    }

    private ObjectNode report(ObjectNode node, long slot) {
        SampleRule rule = SampleRule.DEFAULT;
        long registered = Long.parseLong(node.get("registeredSlot").textValue());
        var enrolment = new Enrolment(registered, node.get("state").textValue().equals("active"), node.get("openDisputes").longValue() > 0);
        ObjectNode report = JSON.createObjectNode().put("nodeKey", node.get("nodeKey").textValue()).put("asOfSlot", Long.toString(slot));
        for (String field : List.of("node", "state", "bond", "bondMint", "bondDecimals", "registeredSlot")) {
            report.set(field, node.get(field));
        }
        report.put("accused", enrolment.accused());
        report.set("punishments", queries.slashesOf(node.get("node").textValue()));
        report.putObject("rule").put("floorPpm", rule.floorPpm()).put("ramp", rule.ramp()).put("daySlots", Long.toString(Standing.DAY_SLOTS))
            .put("halfLifeDays", Standing.HALF_LIFE_DAYS).put("lifeDays", Standing.LIFE_DAYS);
        ArrayNode work = queries.workOf(node.get("nodeKey").textValue(), registered, slot);
        ArrayNode pools = report.putArray("pools");
        queries.poolsUnder(node.get("config").textValue(), registered, slot).forEach(pool -> pools.add(pool(rule, enrolment, (ObjectNode) pool, work, slot)));
        return report;
    }

    private static ObjectNode pool(SampleRule rule, Enrolment enrolment, ObjectNode pool, ArrayNode work, long slot) {
        var batches = new ArrayList<BatchWork>();
        var jobs = new long[TIERS.size()];
        for (JsonNode batch : work) {
            if (batch.get("pool").equals(pool.get("pool"))) {
                batches.add(new BatchWork(Long.parseLong(batch.get("postedSlot").textValue()), Long.parseLong(batch.get("finalSlot").textValue()), batch.get("verified").longValue()));
                for (int tier = 0; tier < jobs.length; tier++) {
                    jobs[tier] += batch.get(TIERS.get(tier)).longValue();
                }
            }
        }
        ObjectNode counts = pool.putObject("jobs");
        for (int tier = 0; tier < jobs.length; tier++) {
            counts.put(TIERS.get(tier), jobs[tier]);
        }
        Standing standing = Standing.of(enrolment, batches, slot);
        return pool.put("microJobs", Long.toString(standing.microJobs())).put("samplePpm", rule.rate(standing));
    }
}
