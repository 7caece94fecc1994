package network.nyxos.bench.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Times;
import network.nyxos.bench.programs.Ground;
import network.nyxos.chain.Commitment;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.IndexerConfig;

/** How long after a transaction its row is in PostgreSQL, while transactions come steadily. */
public final class IndexerLag {

    private static final String SCHEMA = "bench_indexer";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private IndexerLag() {
    }

    /**
     * Measures on a ground.
     *
     * @param deposits transactions, each with one event, at least 1
     * @param pause    between two of them
     */
    public static List<Figure> measure(LocalGround local, int deposits, Duration pause) {
        Ground ground = local.ground();
        LocalGround.Escrow escrow = local.escrow();
        IndexerConfig config = IndexerConfig.of(local.rpc().httpUrl(), local.jdbcUrl(), Ground.PROGRAMS).withSchema(SCHEMA).at(Commitment.CONFIRMED)
                .withSubscriptions(local.rpc().wsUrl());
        try (Indexer indexer = Indexer.start(config); var rows = new Rows(local.jdbcUrl())) {
            indexer.catchUp();
            long before = rows.skip();
            Map<Long, Long> sent = new ConcurrentHashMap<>();
            CompletableFuture<Void> sender = CompletableFuture.runAsync(() -> {
                for (int i = 1; i <= deposits; i++) {
                    ground.send(ground.pool.deposit(escrow.payer().publicKey(), escrow.address(), i), escrow.payer());
                    sent.put((long) i, System.nanoTime());
                    LockSupport.parkNanos(pause.toNanos());
                }
            }, task -> Thread.ofPlatform().name("bench-deposits").start(task));
            List<Long> arrived = rows.await(deposits, PATIENCE.plus(pause.multipliedBy(deposits)), sender);
            List<Long> lags = new ArrayList<>();
            for (int i = 0; i < deposits; i++) {
                lags.add(arrived.get(i) - sent.get(i + 1L));
            }
            Times times = Times.of(lags.stream().mapToLong(nanos -> Math.max(0, nanos)));
            JsonNode own = status(indexer).path("lag");
            int slot = ground.chain.options().slotMillis();
            return List.of(
                    new Figure("from sent to row", times.values(), deposits + " deposits " + pause.toMillis() + " ms apart, slots of " + slot
                            + " ms, commitment confirmed: from the chain's answer to the row's commit as another connection sees it (looked for every 2 ms); "
                            + before + " events were in before"),
                    new Figure("from slot to row, as the indexer reports", List.of(new Figure.Value("p50", own.path("p50Millis").asDouble(), "ms"),
                            new Figure.Value("p99", own.path("p99Millis").asDouble(), "ms")), "GET /v1/status, lag: from learning of the slot to the commit, same deposits"));
        }
    }

    private static JsonNode status(Indexer indexer) {
        try (var in = indexer.url().resolve("/v1/status").toURL().openStream()) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the indexer's status cannot be read", e);
        }
    }

    /** Watches the events table from a connection of its own. */
    private static final class Rows implements AutoCloseable {

        private final Connection connection;
        private final PreparedStatement newer;
        private long last;

        Rows(String jdbcUrl) {
            try {
                connection = DriverManager.getConnection(jdbcUrl);
                newer = connection.prepareStatement("select id from " + SCHEMA + ".event where id > ? order by id");
            } catch (SQLException e) {
                throw new IllegalStateException("the indexer's rows cannot be watched", e);
            }
        }

        /** Takes what is there for known, and says how many that is. */
        long skip() {
            return fresh();
        }

        /** When each of the next {@code count} rows was seen, in their order. */
        List<Long> await(int count, Duration patience, CompletableFuture<Void> sender) {
            List<Long> seen = new ArrayList<>();
            Waiting.until(count + " rows", patience, () -> {
                long rows = fresh();
                long now = System.nanoTime();
                for (long i = 0; i < rows; i++) {
                    seen.add(now);
                }
                return sender.isCompletedExceptionally() || seen.size() >= count && sender.isDone();
            });
            sender.join();
            return seen;
        }

        private long fresh() {
            try {
                newer.setLong(1, last);
                long rows = 0;
                try (ResultSet result = newer.executeQuery()) {
                    while (result.next()) {
                        last = result.getLong(1);
                        rows++;
                    }
                }
                return rows;
            } catch (SQLException e) {
                throw new IllegalStateException("the indexer's rows cannot be read", e);
            }
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException("the watching connection did not close", e);
            }
        }
    }
}
