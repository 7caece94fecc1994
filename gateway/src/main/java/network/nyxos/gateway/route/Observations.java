package network.nyxos.gateway.route;

/// What this gateway has seen of one node. Immutable.
///
/// @param success      moving average of 1 for a job done and 0 for one failed
/// @param firstTokenMs moving average of the time to the first token
/// @param tokensPerSec moving average of the output rate after it
/// @param observedMs   unix milliseconds of the last observation; 0: never
/// @param failures     jobs failed in a row, up to now
public record Observations(double success, double firstTokenMs, double tokensPerSec, long observedMs, int failures) {
    /// Of a node that was never seen: good enough to be tried, not so good that it outranks a proven one.
    public static final Observations NONE = new Observations(0.9, 1_000, 10, 0, 0);
    private static final double WEIGHT = 0.2;
    // A node that failed is given another chance after a while: its failures count half after this long.
    private static final double HALF_LIFE_MS = 10 * 60_000.0;
    // A circuit breaker: after so many failures in a row a node rests, twice as long each time it fails its trial, and then has one job at a time until it does one.
    private static final int BREAKS_AT = 3;
    private static final long FIRST_REST_MS = 5_000;
    private static final int MOST_DOUBLINGS = 6;

    /// After a job done.
    ///
    /// @param firstToken milliseconds to the first token
    /// @param rate       tokens per second; 0 where there were too few to tell
    public Observations done(long firstToken, double rate, long nowMs) {
        double better = moved(successAt(nowMs), 1);
        return observedMs == 0 ? new Observations(better, firstToken, rate > 0 ? rate : tokensPerSec, nowMs, 0)
            : new Observations(better, moved(firstTokenMs, firstToken), rate > 0 ? moved(tokensPerSec, rate) : tokensPerSec, nowMs, 0);
    }

    /// After a job that the node failed.
    public Observations failed(long nowMs) {
        return new Observations(moved(successAt(nowMs), 0), firstTokenMs, tokensPerSec, nowMs, failures + 1);
    }

    /// How many jobs the node is given at once: none while it rests from failing, one as long as it has not shown that it works again.
    ///
    /// @param capacity jobs that it takes
    public int places(int capacity, long nowMs) {
        return failures < BREAKS_AT ? capacity : restMs(nowMs) > 0 ? 0 : Math.min(1, capacity);
    }

    /// Milliseconds for which the node rests from now on, 0 when it does not.
    public long restMs(long nowMs) {
        return failures < BREAKS_AT ? 0 : Math.max(0, observedMs + (FIRST_REST_MS << Math.min(MOST_DOUBLINGS, failures - BREAKS_AT)) - nowMs);
    }

    /// The success average as it counts at a time: drifting back to that of an unknown node.
    public double successAt(long nowMs) {
        if (observedMs == 0) {
            return success;
        }
        double remembered = Math.pow(0.5, Math.max(0, nowMs - observedMs) / HALF_LIFE_MS);
        return NONE.success + (success - NONE.success) * remembered;
    }

    private static double moved(double average, double value) {
        return average + WEIGHT * (value - average);
    }
}
