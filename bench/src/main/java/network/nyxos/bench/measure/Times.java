package network.nyxos.bench.measure;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** How long each of many repetitions took. Immutable. */
public final class Times {

    private static final double NANOS_PER_MILLI = 1e6;

    private final long[] sorted;

    private Times(long[] sorted) {
        this.sorted = sorted;
    }

    /** @param nanos at least one duration, in any order */
    public static Times of(LongStream nanos) {
        long[] sorted = nanos.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was timed");
        }
        return new Times(sorted);
    }

    /** All of these together. */
    public static Times all(List<Times> parts) {
        return of(parts.stream().flatMapToLong(part -> Arrays.stream(part.sorted)));
    }

    /** Times each of {@code count} runs. */
    public static Times each(int count, Runnable work) {
        return of(LongStream.range(0, count).map(ignored -> nanos(work)));
    }

    /** How long one run takes, in nanoseconds. */
    public static long nanos(Runnable work) {
        long began = System.nanoTime();
        work.run();
        return System.nanoTime() - began;
    }

    /** How many there are. */
    public int count() {
        return sorted.length;
    }

    /**
     * The nearest-rank percentile, in milliseconds.
     *
     * @param percent above 0, at most 100
     */
    public double percentile(double percent) {
        if (!(percent > 0 && percent <= 100)) {
            throw new IllegalArgumentException("percent must be above 0 and at most 100, is " + percent);
        }
        int rank = (int) Math.ceil(sorted.length * percent / 100);
        return sorted[Math.max(1, rank) - 1] / NANOS_PER_MILLI;
    }

    /** The median, in milliseconds. */
    public double median() {
        return percentile(50);
    }

    /** All of them together. */
    public Duration sum() {
        return Duration.ofNanos(LongStream.of(sorted).sum());
    }

    /** p50 and p99 in milliseconds, as a figure shows them. */
    public List<Figure.Value> values() {
        return List.of(new Figure.Value("p50", median(), "ms"), new Figure.Value("p99", percentile(99), "ms"));
    }
}
