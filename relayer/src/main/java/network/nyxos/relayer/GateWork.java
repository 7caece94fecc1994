package network.nyxos.relayer;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.gate.Gatekeeper;
import network.nyxos.relayer.gate.JobStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands jobs that are due to the gatekeeper, many at once and each by one thread at a time: one that waits for a replay does not keep the others waiting.
final class GateWork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GateWork.class);
    private static final int AT_ONCE = 64;

    private final JobStore store;
    private final MeterRegistry metrics;
    private final Duration pause;
    private final Set<Hash> inHand = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Optional<Worker> worker = Optional.empty();

    GateWork(JobStore store, MeterRegistry metrics, Duration pause) {
        this.store = store;
        this.metrics = metrics;
        this.pause = pause;
    }

    void start(Gatekeeper gatekeeper) {
        worker = Optional.of(Worker.start("gate", pause.compareTo(Duration.ofMillis(200)) < 0 ? pause : Duration.ofMillis(200), () -> round(gatekeeper)));
    }

    void wake() {
        worker.ifPresent(Worker::wake);
    }

    private void round(Gatekeeper gatekeeper) {
        int free = AT_ONCE - inHand.size();
        if (free <= 0) {
            return;
        }
        // Jobs in hand are still due, so they take places in the list.
        for (Hash job : store.due(System.currentTimeMillis(), AT_ONCE + inHand.size())) {
            if (inHand.size() < AT_ONCE && inHand.add(job)) {
                threads.execute(() -> examine(gatekeeper, job));
            }
        }
    }

    private void examine(Gatekeeper gatekeeper, Hash job) {
        boolean done = false;
        try {
            metrics.timer("nyxos_relayer_gate").record(() -> gatekeeper.examine(job));
            done = true;
        } catch (RuntimeException e) {
            // Nothing was decided; the job stays due and is looked at in a later round.
            LOG.warn("job {} could not be examined: {}", job, e.toString());
            LOG.debug("job {}", job, e);
        } finally {
            inHand.remove(job);
        }
        if (done) {
            wake();
        }
    }

    @Override
    public void close() {
        worker.ifPresent(Worker::close);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(Worker.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
