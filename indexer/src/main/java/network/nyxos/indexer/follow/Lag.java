package network.nyxos.indexer.follow;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// How long it takes from a slot to its rows: from the moment this process learned of the slot (by a wake-up, or by looking) to the commit of the rows
/// of its events. Keeps the last
/// {@value #SAMPLES} measurements. Thread-safe.
public final class Lag {
    private static final int SAMPLES = 1_024;
    private static final int SLOTS = 4_096;

    private final Timer timer;
    private final long[] samples = new long[SAMPLES];
    private long measured;
    private final NavigableMap<Long, Long> seen = new TreeMap<>();
    private OptionalLong first = OptionalLong.empty();

    /// @param registry where the measurements are also published
    public Lag(MeterRegistry registry) {
        this.timer = Timer.builder("nyxos.indexer.slot.to.row").description("From learning of a slot to the commit of its rows")
            .publishPercentiles(0.5, 0.99).register(registry);
    }

    /// The last, the median and the 99th percentile of what was measured.
    public record Measured(Duration last, Duration median, Duration p99) {
    }

    /// This process learned that the chain is at this slot.
    public synchronized void slotSeen(long slot, long nanoTime) {
        if (first.isEmpty()) {
            first = OptionalLong.of(slot);
        }
        seen.putIfAbsent(slot, nanoTime);
        if (seen.size() > SLOTS) {
            seen.pollFirstEntry();
        }
    }

    /// Rows of this slot were committed. Slots from before this process learned of any are history, not lag, and are not measured.
    public synchronized void stored(long slot, long nanoTime) {
        if (first.isEmpty() || slot <= first.getAsLong()) {
            return;
        }
        // The first look at the chain that showed this slot, or, when it came to be after the last look, that look.
        Map.Entry<Long, Long> look = Optional.ofNullable(seen.ceilingEntry(slot)).orElseGet(seen::lastEntry);
        long nanos = Math.max(0, nanoTime - look.getValue());
        samples[(int) (measured++ % SAMPLES)] = nanos;
        timer.record(Duration.ofNanos(nanos));
    }

    /// What was measured so far; empty before the first.
    public synchronized Optional<Measured> measured() {
        if (measured == 0) {
            return Optional.empty();
        }
        long[] sorted = Arrays.copyOf(samples, (int) Math.min(measured, SAMPLES));
        long last = samples[(int) ((measured - 1) % SAMPLES)];
        Arrays.sort(sorted);
        return Optional.of(new Measured(Duration.ofNanos(last), Duration.ofNanos(sorted[sorted.length / 2]),
            Duration.ofNanos(sorted[(int) Math.min(sorted.length - 1L, sorted.length * 99L / 100)])));
    }
}
