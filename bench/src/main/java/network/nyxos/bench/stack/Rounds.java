package network.nyxos.bench.stack;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import network.nyxos.bench.measure.Figure;
import network.nyxos.bench.measure.Times;

/** Requests of several kinds, asked in turn, round by round, so that a busy machine strikes all kinds alike. */
public final class Rounds {

    /**
     * How much to ask.
     *
     * @param clients  that ask side by side, each one request at a time
     * @param requests of each client, kind and round
     * @param rounds   that count; one more goes before them to warm up
     */
    public record Plan(int clients, int requests, int rounds) {

        public Plan {
            if (clients < 1 || requests < 1 || rounds < 1) {
                throw new IllegalArgumentException("a plan needs a client, a request and a round at least");
            }
        }

        @Override
        public String toString() {
            return clients * requests * rounds + " requests by " + clients + " clients in " + rounds + " rounds after one to warm up, kinds in turn, clients in the same process";
        }
    }

    /** A kind of request, and what was measured of it. */
    final class Kind {

        private final List<Runnable> clients;
        private final List<Times> rounds = new ArrayList<>();
        private final List<Duration> walls = new ArrayList<>();

        private Kind(List<Runnable> clients) {
            this.clients = clients;
        }

        private void round(ExecutorService threads, boolean counts) {
            long began = System.nanoTime();
            List<CompletableFuture<Times>> running = clients.stream().map(client -> CompletableFuture.supplyAsync(() -> Times.each(plan.requests, client), threads)).toList();
            List<Times> times = running.stream().map(CompletableFuture::join).toList();
            if (counts) {
                walls.add(Duration.ofNanos(System.nanoTime() - began));
                rounds.addAll(times);
            }
        }

        /** Median, in milliseconds. */
        double median() {
            return Times.all(rounds).median();
        }

        /** Percentiles and throughput. */
        Figure figure(String name, String method) {
            Times times = Times.all(rounds);
            List<Figure.Value> values = new ArrayList<>(times.values());
            values.add(new Figure.Value("throughput", times.count() / (walls.stream().mapToLong(Duration::toNanos).sum() / 1e9), "requests/s"));
            return new Figure(name, values, method + "; " + plan);
        }
    }

    private final Plan plan;
    private final List<Kind> kinds = new ArrayList<>();

    Rounds(Plan plan) {
        this.plan = plan;
    }

    /** @param client how client number so-and-so makes one */
    Kind kind(IntFunction<Runnable> client) {
        var kind = new Kind(IntStream.range(0, plan.clients).mapToObj(client).toList());
        kinds.add(kind);
        return kind;
    }

    /** Asks all that the plan says. */
    void run() {
        try (ExecutorService threads = Executors.newFixedThreadPool(plan.clients)) {
            for (int round = 0; round <= plan.rounds; round++) {
                for (Kind kind : kinds) {
                    kind.round(threads, round > 0);
                }
            }
        }
    }

    /** The ratio of two kinds' medians. */
    static Figure ratio(String name, Kind of, Kind to) {
        return Figure.of(name, of.median() / to.median(), "×", "ratio of the medians of this run");
    }
}
