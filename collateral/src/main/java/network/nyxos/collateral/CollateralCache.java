package network.nyxos.collateral;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.Devices;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.chain.Database;
import network.nyxos.chain.DatabaseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collateral from the makers' services, kept in PostgreSQL and fetched anew before it expires.
///
/// - What is kept and has not expired is given out without asking anybody.
/// - What is not kept is fetched while the caller waits, once for all callers of a platform.
/// - What is due is fetched in the background, by one of the services that share the schema.
/// - What has expired while the service does not answer is given out only for `maximumStale`, with a warning.
/// - A service that failed for a platform is not asked again for `retry`.
///
/// It judges nothing: who signed it, and whether that is good enough, is found out with the evidence.
public final class CollateralCache implements CollateralSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CollateralCache.class);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    /// Platforms whose failures are remembered; when there are more, all are forgotten.
    private static final int MAX_REMEMBERED = 10_000;

    private record Failure(CollateralException why, Instant until) {
    }

    private final Database database;
    private final CollateralStore store;
    private final Downloads downloads = new Downloads();
    private final PccsOrigin intel;
    private final KdsOrigin amd;
    private final RimOrigin nvidia;
    private final CollateralSettings.Timing timing;
    private final List<TrustAnchor> roots;
    private final InstantSource clock;
    private final Map<String, ReentrantLock> fetching = new ConcurrentHashMap<>();
    private final Map<String, Failure> failures = new ConcurrentHashMap<>();
    private final Deque<Instant> asked = new ArrayDeque<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("collateral").factory());

    private CollateralCache(String jdbcUrl, CollateralSettings settings, List<TrustAnchor> roots, InstantSource clock) {
        this.database = Database.open(jdbcUrl, settings.schema(), "classpath:network/nyxos/collateral/migration");
        this.store = new CollateralStore(database);
        this.intel = new PccsOrigin(downloads, settings.pccs(), settings.rootCrl());
        this.amd = new KdsOrigin(downloads, settings.kds());
        this.nvidia = new RimOrigin(downloads, settings.rims());
        this.timing = settings.timing();
        this.roots = List.copyOf(roots);
        this.clock = clock;
        timer.scheduleWithFixedDelay(this::refresh, 0, timing.look().toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Opens the cache.
    ///
    /// @param jdbcUrl `jdbc:postgresql:…` with user and password
    /// @param roots   that the verifiers trust; quotes that hang on none of them are asked about nowhere
    /// @throws network.nyxos.chain.DatabaseException when the schema cannot be opened
    public static CollateralCache start(String jdbcUrl, CollateralSettings settings, List<TrustAnchor> roots) {
        return start(jdbcUrl, settings, roots, InstantSource.system());
    }

    static CollateralCache start(String jdbcUrl, CollateralSettings settings, List<TrustAnchor> roots, InstantSource clock) {
        return new CollateralCache(jdbcUrl, settings, roots, clock);
    }

    @Override
    public String collateral(String kind, Bytes evidence, Optional<String> brought) {
        try {
            Platform platform = Platform.of(kind, evidence, brought, roots);
            String kept = of(platform);
            return platform instanceof Platform.AmdCloud ? CloudAuthorities.fromJson(kept).endorse(brought.orElseThrow()) : kept;
        } catch (DatabaseException e) {
            throw unavailable(e);
        }
    }

    @Override
    public List<Bytes> manifests(Devices devices) {
        try {
            return devices.manifestIds().stream().limit(GpuEvidence.MAX_PARTS).map(id -> RimOrigin.xml(of(new Platform.Nvidia(id)))).toList();
        } catch (DatabaseException e) {
            throw unavailable(e);
        }
    }

    private static CollateralException unavailable(DatabaseException e) {
        return new CollateralException(CollateralException.Kind.UNAVAILABLE, "collateral cannot be looked up: " + e.getMessage(), e);
    }

    private String of(Platform platform) {
        Optional<String> fresh = fresh(platform);
        if (fresh.isPresent()) {
            return fresh.get();
        }
        ReentrantLock turn = fetching.computeIfAbsent(platform.name(), _ -> new ReentrantLock());
        turn.lock();
        try {
            // Another caller may have fetched it meanwhile.
            return fresh(platform).orElseGet(() -> fetchOrStale(platform));
        } finally {
            turn.unlock();
            fetching.remove(platform.name(), turn);
        }
    }

    private Optional<String> fresh(Platform platform) {
        Instant now = clock.instant();
        return store.use(platform, now).filter(kept -> kept.expires().isAfter(now)).map(CollateralStore.Kept::document);
    }

    private String fetchOrStale(Platform platform) {
        Instant now = clock.instant();
        try {
            Failure failed = failures.get(platform.name());
            if (failed != null && failed.until().isAfter(now)) {
                throw failed.why();
            }
            return fetch(platform, now);
        } catch (CollateralException e) {
            return store.use(platform, now).filter(kept -> kept.expires().plus(timing.maximumStale()).isAfter(now)).map(kept -> {
                LOG.warn("collateral of {} has expired at {} and is given out all the same: {}", platform.name(), kept.expires(), e.getMessage());
                return kept.document();
            }).orElseThrow(() -> e);
        }
    }

    private String fetch(Platform platform, Instant now) {
        throttle(now);
        try {
            Fetched fetched = switch (platform) {
                case Platform.Intel of -> intel.fetch(of, now);
                case Platform.Amd of -> amd.fetch(of, now);
                case Platform.AmdCloud of -> amd.fetch(of, now);
                case Platform.Nvidia of -> nvidia.fetch(of, now);
            };
            Duration early = Duration.between(now, fetched.expires()).dividedBy(2);
            Instant refreshAt = fetched.expires().minus(early.compareTo(timing.refreshBefore()) < 0 ? early : timing.refreshBefore());
            if (!store.keep(platform, fetched, refreshAt, now)) {
                throw new CollateralException(CollateralException.Kind.UNAVAILABLE, "the service gives older collateral of " + platform.name() + " than it gave before");
            }
            failures.remove(platform.name());
            LOG.info("collateral of {} fetched, good until {}", platform.name(), fetched.expires());
            return fetched.document();
        } catch (CollateralException e) {
            if (failures.size() >= MAX_REMEMBERED) {
                failures.clear();
            }
            failures.put(platform.name(), new Failure(e, now.plus(timing.retry())));
            throw e;
        }
    }

    private synchronized void throttle(Instant now) {
        while (!asked.isEmpty() && !asked.peekFirst().plus(MINUTE).isAfter(now)) {
            asked.removeFirst();
        }
        if (asked.size() >= timing.perMinute()) {
            throw new CollateralException(CollateralException.Kind.BUSY, "collateral of " + asked.size() + " platforms was asked for within a minute; this one waits");
        }
        asked.addLast(now);
    }

    /// Fetches everything that is due.
    private void refresh() {
        try {
            Instant now = clock.instant();
            for (Optional<Platform> due = takeDue(now); due.isPresent(); due = takeDue(now)) {
                refresh(due.get(), now);
            }
        } catch (RuntimeException e) {
            // The next look comes anyway.
            LOG.warn("collateral that is due could not be looked for: {}", e.getMessage());
        }
    }

    private Optional<Platform> takeDue(Instant now) {
        // At least a moment ahead, so that one that fails is not taken again at once.
        return store.takeDue(now, now.minus(timing.unused()), now.plus(timing.retry()).plusMillis(1));
    }

    private void refresh(Platform platform, Instant now) {
        try {
            fetch(platform, now);
        } catch (CollateralException e) {
            LOG.warn("collateral of {} could not be refreshed, it is asked for again in {}: {}", platform.name(), timing.retry(), e.getMessage());
        }
    }

    /// Ends the background work and closes the connections.
    @Override
    public void close() {
        timer.shutdownNow();
        downloads.close();
        database.close();
    }
}
