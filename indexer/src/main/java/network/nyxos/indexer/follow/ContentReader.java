package network.nyxos.indexer.follow;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import network.nyxos.chain.DatabaseException;
import network.nyxos.indexer.content.BatchContent;
import network.nyxos.indexer.content.ContentRefusedException;
import network.nyxos.indexer.content.Relayer;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.store.ContentStore;
import network.nyxos.indexer.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches what posted batches hold, in a thread of its own, and stores what the chain confirms. A document that is refused or missing is noted and asked
/// for again, ever more seldom.
public final class ContentReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContentReader.class);
    private static final int AT_ONCE = 16;

    private final Relayer relayer;
    private final ContentStore store;
    private final Duration interval;
    private final Consumer<BatchRow> listener;
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean closed;
    private final Thread thread;

    /// @param relayer where documents come from
    /// @param store what is wanted and what is known
    /// @param interval longest wait between looks at what is wanted
    /// @param listener told of a batch whose content became known or changed
    public ContentReader(Relayer relayer, ContentStore store, Duration interval, Consumer<BatchRow> listener) {
        this.relayer = relayer;
        this.store = store;
        this.interval = interval;
        this.listener = listener;
        this.thread = Thread.ofPlatform().name("nyxos-indexer-content").daemon().unstarted(this::run);
    }

    /// Starts reading.
    public void start() {
        thread.start();
    }

    /// Says that there may be a new batch.
    public void wake() {
        wakeUps.release();
    }

    private void run() {
        while (!closed) {
            try {
                read();
            } catch (DatabaseException | StoreException e) {
                LOG.warn("batch contents wait for the database: {}", e.getMessage());
            } catch (RuntimeException e) {
                LOG.error("reading batch contents failed", e);
            }
            try {
                if (wakeUps.tryAcquire(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                    wakeUps.drainPermits();
                }
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void read() {
        for (ContentStore.Wanted wanted : store.wanted(AT_ONCE)) {
            if (closed) {
                return;
            }
            try {
                JsonNode document = relayer.batch(wanted.pool().mint(), wanted.batch().seq());
                store.verified(wanted.batch().address(), BatchContent.check(document, wanted.batch(), wanted.pool(), store::receiptKeys));
            } catch (Relayer.UnavailableException e) {
                store.failed(wanted.batch().address(), "unavailable", "unavailable", e.getMessage());
            } catch (ContentRefusedException e) {
                LOG.error("the relayer's content of batch {} is refused ({}): {}", wanted.batch().address(), e.code(), e.getMessage());
                store.failed(wanted.batch().address(), "refused", e.code(), e.getMessage());
            }
            listener.accept(wanted.batch());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        relayer.close();
    }
}
