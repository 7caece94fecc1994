package network.nyxos.node.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How patient a link is.
 *
 * @param ping         how often a ping goes out
 * @param silence      how long nothing may come in before the link is given up
 * @param firstBackoff how long the first wait before dialling again is at most
 * @param maxBackoff   how long any is at most
 */
public record LinkTiming(Duration ping, Duration silence, Duration firstBackoff, Duration maxBackoff) {
    /** What docs/protocol.md §7 says. */
    public static final LinkTiming STANDARD = new LinkTiming(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMillis(250), Duration.ofSeconds(30));

    /** The wait before the given attempt (from 1): exponential, at random between half of it and all, so that nodes do not come back in step. */
    Duration backoff(int attempt, RandomGenerator random) {
        long bound = firstBackoff.toMillis() << Math.min(attempt - 1, 20);
        long capped = Math.min(bound, maxBackoff.toMillis());
        return Duration.ofMillis(capped / 2 + random.nextLong(capped / 2 + 1));
    }
}
