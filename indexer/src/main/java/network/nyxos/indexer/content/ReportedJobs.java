package network.nyxos.indexer.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/// Jobs that the relayer reports and no batch on chain has yet. They are its word, passed on and marked as such; only fields and values of the expected
/// form are passed on. What the relayer said is kept for a second, so that many readers make one question.
public final class ReportedJobs {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAGE = 100;
    private static final Duration FRESH = Duration.ofSeconds(1);
    // The states in which a job is on its way, farthest first.
    private static final List<String> ON_THE_WAY = List.of("verified", "verifying", "executed", "reserved", "refunding");
    private static final Pattern JOB = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern PLAIN = Pattern.compile("[\\p{Alnum}_:;,.()/ '+-]{1,300}");

    private final Relayer relayer;
    private ArrayNode last = JSON.createArrayNode();
    private long readAt;
    private boolean readOnce;

    /// @param relayer who reports
    public ReportedJobs(Relayer relayer) {
        this.relayer = relayer;
    }

    /// The relayer's jobs that are on their way to a batch or back to their payer, the first of each state.
    ///
    /// @throws Relayer.UnavailableException when the relayer does not answer
    public synchronized ArrayNode list() throws Relayer.UnavailableException {
        if (!readOnce || System.nanoTime() - readAt > FRESH.toNanos()) {
            ArrayNode read = JSON.createArrayNode();
            for (String state : ON_THE_WAY) {
                for (JsonNode entry : relayer.jobs(state, PAGE).path("jobs")) {
                    ObjectNode job = clean(entry);
                    if (job.has("job") && job.path("state").asText().equals(state)) {
                        read.add(job);
                    }
                }
            }
            last = read;
            readAt = System.nanoTime();
            readOnce = true;
        }
        return last.deepCopy();
    }

    /// One job as the relayer has it.
    ///
    /// @throws Relayer.UnavailableException when the relayer does not answer or does not know it
    public ObjectNode job(String id) throws Relayer.UnavailableException {
        ObjectNode job = clean(relayer.job(id));
        if (!job.path("job").asText().equals(id)) {
            throw new Relayer.UnavailableException("the relayer answered with another job");
        }
        return job;
    }

    private static ObjectNode clean(JsonNode entry) {
        ObjectNode job = JSON.createObjectNode();
        String id = entry.path("job").asText();
        if (JOB.matcher(id).matches()) {
            job.put("job", id);
        }
        for (String field : List.of("state", "reason", "tier", "node", "mint", "charge", "amount", "transaction")) {
            String text = entry.path(field).asText("");
            if (PLAIN.matcher(text).matches()) {
                job.put(field, text);
            }
        }
        return job.put("source", "relayer");
    }
}
