package network.nyxos.indexer.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Carries new rows to readers that stay. Every reader has a bounded queue; one that is too slow loses what does not fit and is told so, and never holds up
/// the mirror or another reader. Thread-safe.
public final class LiveHub {
    private static final int MOST_READERS = 256;
    private static final int QUEUE = 256;

    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// A message to readers.
    ///
    /// @param type `event`: a new event; `content`: a batch whose content became known or changed; `missed`: something was lost, read again
    /// @param id of an event, its place in the order of arrival
    /// @param data JSON
    public record Message(String type, OptionalLong id, ObjectNode data) {
    }

    /// One reader's queue.
    public final class Reader implements AutoCloseable {
        private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(QUEUE);
        private final AtomicBoolean lost = new AtomicBoolean();

        /// The next message; empty when there is none in time.
        ///
        /// @throws InterruptedException when the thread is asked to stop
        public Optional<Message> next(Duration patience) throws InterruptedException {
            return Optional.ofNullable(queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS));
        }

        /// Whether messages were lost since this was asked last.
        public boolean lostSome() {
            return lost.getAndSet(false);
        }

        private void offer(Message message) {
            if (!queue.offer(message)) {
                lost.set(true);
            }
        }

        @Override
        public void close() {
            readers.remove(this);
        }
    }

    /// A new reader; empty when there are too many or the hub is closed.
    public synchronized Optional<Reader> join() {
        if (closed || readers.size() >= MOST_READERS) {
            return Optional.empty();
        }
        var reader = new Reader();
        readers.add(reader);
        return Optional.of(reader);
    }

    /// Gives a message to every reader.
    public void publish(Message message) {
        readers.forEach(reader -> reader.offer(message));
    }

    /// How many readers there are.
    public int readers() {
        return readers.size();
    }

    /// Whether readers should go.
    public boolean isClosed() {
        return closed;
    }

    /// Sends readers away.
    public synchronized void close() {
        closed = true;
    }
}
