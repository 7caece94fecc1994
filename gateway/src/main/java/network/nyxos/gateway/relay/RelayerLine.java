package network.nyxos.gateway.relay;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.wire.JobRecord;
import network.nyxos.gateway.store.OutboxStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the relayer what has become of jobs, until it has taken note. Nothing is ever dropped: what it refuses is logged and told again, ever more slowly.
public final class RelayerLine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayerLine.class);
    private static final int BATCH = 64;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    // Longer than a whole batch may take, so that no other gateway sends the same entries meanwhile.
    private static final Duration KEEP = TIMEOUT.multipliedBy(3);
    private static final Duration FIRST_DELAY = Duration.ofMillis(500);
    private static final int MOST_DOUBLINGS = 7;

    private final OutboxStore outbox;
    private final URI jobs;
    private final Keypair gateway;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

    /// @param relayer its base URL
    /// @param gateway signs what is told
    public RelayerLine(OutboxStore outbox, URI relayer, Keypair gateway) {
        this.outbox = outbox;
        this.jobs = URI.create(relayer.toString().replaceAll("/+$", "") + "/v1/jobs");
        this.gateway = gateway;
    }

    /// Tells everything that is due.
    public void send() {
        for (var entries = outbox.take(BATCH, KEEP); !entries.isEmpty(); entries = outbox.take(BATCH, KEEP)) {
            boolean reached = true;
            for (OutboxStore.Entry entry : entries) {
                reached = deliver(entry);
                if (!reached) {
                    break;
                }
            }
            if (!reached) {
                return;
            }
        }
    }

    /// @return whether the relayer answered at all; when it did not, the others wait until their turn comes again
    private boolean deliver(OutboxStore.Entry entry) {
        byte[] body = entry.body();
        HttpRequest request = HttpRequest.newBuilder(jobs).timeout(TIMEOUT).header("Content-Type", "application/json")
            .header(JobRecord.SIGNATURE_HEADER, JobRecord.signatureHeader(body, gateway)).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        Optional<HttpResponse<String>> answer = Optional.empty();
        String problem = "";
        try {
            answer = Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            problem = "not reached: " + e.getClass().getSimpleName();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        if (answer.filter(each -> each.statusCode() / 100 == 2).isPresent()) {
            outbox.delivered(entry.id());
            return true;
        }
        problem = answer.map(each -> "status " + each.statusCode() + ": " + each.body()).orElse(problem);
        Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(entry.attempts(), MOST_DOUBLINGS));
        outbox.delay(entry.id(), delay, problem);
        if (answer.filter(each -> each.statusCode() / 100 == 4).isPresent()) {
            LOG.error("the relayer refuses the record of job {}: {}", entry.job(), problem);
        } else {
            LOG.warn("the relayer was not told of job {}, tried again in {} ms: {}", entry.job(), delay.toMillis(), problem);
        }
        return answer.isPresent();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
