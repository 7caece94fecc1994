package network.nyxos.indexer.follow;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import network.nyxos.chain.DatabaseException;
import network.nyxos.escrow.program.Programs;
import network.nyxos.indexer.decode.EventFinder;
import network.nyxos.indexer.decode.Program;
import network.nyxos.indexer.decode.RawEvent;
import network.nyxos.indexer.follow.Chain.Fetched;
import network.nyxos.indexer.follow.Chain.Mention;
import network.nyxos.indexer.store.ForeignMirrorException;
import network.nyxos.indexer.store.Frontier;
import network.nyxos.indexer.store.MirrorStore;
import network.nyxos.indexer.store.StoreException;
import network.nyxos.indexer.store.StoredEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the mirror to the chain and keeps it there. Polling is the truth; {@link #wake()} only shortens the wait. Each program has its own frontier,
/// since the order of transactions is known per program.
public final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final long NOT_WOKEN = Long.MIN_VALUE;
    private static final int FETCHES_AT_ONCE = 8;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Chain chain;
    private final MirrorStore store;
    private final Map<Program, EventFinder> finders = new EnumMap<>(Program.class);
    private final Programs programs;
    private final Lag lag;
    private final Duration pollInterval;
    private final Bounds bounds;
    private final Consumer<List<StoredEvent>> listener;
    private final ExecutorService fetchers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore fetching = new Semaphore(FETCHES_AT_ONCE);
    private final Semaphore wakeUps = new Semaphore(0);
    private final AtomicLong wokenAt = new AtomicLong(NOT_WOKEN);
    private final ReentrantLock passing = new ReentrantLock();
    private volatile OptionalLong syncedSlot = OptionalLong.empty();
    private volatile OptionalLong chainSlot = OptionalLong.empty();
    private volatile Optional<Problem> problem = Optional.empty();
    private volatile boolean closed;
    private Optional<Thread> thread = Optional.empty();

    /// Why the mirror does not move.
    ///
    /// @param code stable code: `chain_unavailable`, `database_unavailable`, `foreign_mirror`, `failed`
    /// @param message for people
    public record Problem(String code, String message) {
    }

    /// How much is done at once.
    ///
    /// @param page transactions listed by one question, 1 to 1000
    /// @param commit transactions committed together, at least 1
    public record Bounds(int page, int commit) {
        /// 1000 listed, 64 committed.
        public static final Bounds DEFAULT = new Bounds(1_000, 64);

        /// @throws IllegalArgumentException when a bound is out of its range
        public Bounds {
            if (page < 1 || page > 1_000 || commit < 1) {
                throw new IllegalArgumentException("page must be 1 to 1000 and commit at least 1, they are " + page + " and " + commit);
            }
        }
    }

    /// @param chain the cluster
    /// @param store the mirror, already claimed for this cluster
    /// @param programs the programs to follow
    /// @param lag where slot-to-row times go
    /// @param pollInterval longest wait between looks at the chain
    /// @param bounds how much is done at once
    /// @param listener told of new events after they are committed, in their order
    public Follower(Chain chain, MirrorStore store, Programs programs, Lag lag, Duration pollInterval, Bounds bounds, Consumer<List<StoredEvent>> listener) {
        this.bounds = bounds;
        this.chain = chain;
        this.store = store;
        this.programs = programs;
        this.lag = lag;
        this.pollInterval = pollInterval;
        this.listener = listener;
        for (Program program : Program.values()) {
            finders.put(program, new EventFinder(program, programs));
        }
    }

    /// Starts following in a thread of its own.
    public synchronized void start() {
        thread = Optional.of(Thread.ofPlatform().name("nyxos-indexer-follower").daemon().start(this::run));
    }

    /// Says that there may be something new.
    public void wake() {
        wokenAt.compareAndSet(NOT_WOKEN, System.nanoTime());
        wakeUps.release();
    }

    /// The slot up to which everything is in; empty before the first pass.
    public OptionalLong syncedSlot() {
        return syncedSlot;
    }

    /// The chain's slot when last asked.
    public OptionalLong chainSlot() {
        return chainSlot;
    }

    /// What holds the mirror up; empty when nothing does.
    public Optional<Problem> problem() {
        return problem;
    }

    private void run() {
        Duration pause = pollInterval;
        while (!closed) {
            try {
                pass();
                problem = Optional.empty();
                pause = pollInterval;
            } catch (ChainUnavailableException e) {
                pause = stalled("chain_unavailable", e, pause);
            } catch (DatabaseException | StoreException e) {
                pause = stalled("database_unavailable", e, pause);
            } catch (ForeignMirrorException e) {
                stalled("foreign_mirror", e, pause);
                return;
            } catch (RuntimeException e) {
                LOG.error("following the chain failed", e);
                pause = stalled("failed", e, pause);
            }
            try {
                if (wakeUps.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    wakeUps.drainPermits();
                }
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private Duration stalled(String code, RuntimeException why, Duration pause) {
        if (closed) {
            return pause;
        }
        LOG.warn("the mirror waits ({}): {}", code, why.getMessage());
        problem = Optional.of(new Problem(code, why.getMessage()));
        Duration longer = pause.multipliedBy(2);
        return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }

    /// Brings the mirror to where the chain is now.
    ///
    /// @return the slot that the chain had when the pass began; everything up to it is in
    /// @throws ChainUnavailableException when the chain does not answer; what was committed stays
    /// @throws DatabaseException when the database does not; likewise
    public long pass() {
        passing.lock();
        try {
            long woken = wokenAt.getAndSet(NOT_WOKEN);
            long slot = chain.slot();
            chainSlot = OptionalLong.of(slot);
            lag.slotSeen(slot, woken == NOT_WOKEN ? System.nanoTime() : woken);
            for (Program program : Program.values()) {
                catchUp(program, slot);
            }
            syncedSlot = OptionalLong.of(slot);
            return slot;
        } finally {
            passing.unlock();
        }
    }

    /// Pages back to the frontier, then forward from it. Between the two only the pages' borders are kept, so that a history of any length fits; the newest
    /// page has no border above it and is kept whole.
    private void catchUp(Program program, long slot) {
        Optional<Frontier> frontier = store.frontier(program);
        Optional<String> until = frontier.map(Frontier::signature);
        List<Mention> newest = chain.mentions(program.id(programs), Optional.empty(), until, bounds.page(), slot);
        Deque<String> borders = new ArrayDeque<>();
        List<Mention> page = newest;
        while (page.size() == bounds.page()) {
            String border = page.getLast().signature();
            page = chain.mentions(program.id(programs), Optional.of(border), until, bounds.page(), slot);
            if (!page.isEmpty()) {
                borders.push(border);
            }
        }
        for (String border : borders) {
            List<Mention> older = chain.mentions(program.id(programs), Optional.of(border), frontier.map(Frontier::signature), bounds.page(), slot);
            frontier = take(program, frontier, older.reversed());
        }
        take(program, frontier, newest.reversed());
    }

    private Optional<Frontier> take(Program program, Optional<Frontier> from, List<Mention> mentions) {
        Optional<Frontier> frontier = from;
        for (int start = 0; start < mentions.size() && !closed; start += bounds.commit()) {
            frontier = Optional.of(commit(program, frontier, mentions.subList(start, Math.min(start + bounds.commit(), mentions.size()))));
        }
        return frontier;
    }

    private Frontier commit(Program program, Optional<Frontier> from, List<Mention> mentions) {
        // Failed transactions changed nothing; they only move the frontier.
        List<Optional<Future<Fetched>>> fetched = mentions.stream()
            .map(mention -> mention.failed() ? Optional.<Future<Fetched>>empty() : Optional.of(fetchers.submit(() -> fetch(mention)))).toList();
        long ordinal = from.map(Frontier::ordinal).orElse(0L);
        var events = new ArrayList<RawEvent>();
        for (int at = 0; at < mentions.size(); at++) {
            ordinal++;
            if (fetched.get(at).isPresent()) {
                Fetched transaction = await(fetched.get(at).get());
                events.addAll(finders.get(program).find(mentions.get(at).signature(), ordinal, transaction.slot(), transaction.blockTime(),
                    transaction.calls()));
            }
        }
        var to = new Frontier(mentions.getLast().signature(), mentions.getLast().slot(), ordinal);
        List<StoredEvent> stored = store.advance(program, from, to, events);
        long now = System.nanoTime();
        stored.forEach(event -> lag.stored(event.raw().slot(), now));
        if (!stored.isEmpty()) {
            listener.accept(stored);
        }
        return to;
    }

    private Fetched fetch(Mention mention) throws InterruptedException {
        fetching.acquire();
        try {
            return chain.transaction(mention.signature()).orElseThrow(() ->
                new ChainUnavailableException("the cluster lists transaction " + mention.signature() + " and does not serve it (yet)"));
        } finally {
            fetching.release();
        }
    }

    private static Fetched await(Future<Fetched> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new ChainUnavailableException("a transaction could not be fetched", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChainUnavailableException("interrupted while fetching transactions", e);
        }
    }

    /// Stops following; what is committed stays.
    @Override
    public synchronized void close() {
        closed = true;
        wake();
        thread.ifPresent(running -> {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(10));
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        fetchers.shutdownNow();
    }
}
