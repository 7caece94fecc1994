package network.nyxos.escrow.standing;

import network.nyxos.escrow.ProtocolException;

/// How often a node's jobs of the tier `verified` are replayed: all of a new or accused node's, half of them once it has done `ramp` jobs, and ever fewer, but
/// never less than the floor: `max(floor, ramp / (n + ramp))` with `n` the jobs that count. Why it deters: docs/economics.md.
///
/// @param floorPpm the least rate, parts per million, 0 to 1 000 000
/// @param ramp     jobs after which half are replayed, 1 to 1 000 000; 0: everybody's are replayed at `floorPpm`, whatever the standing
public record SampleRule(int floorPpm, int ramp) {
    /// A rate of everything, parts per million.
    public static final int ALL = 1_000_000;
    /// The longest ramp, jobs.
    public static final int MAX_RAMP = 1_000_000;
    /// What docs/economics.md derives: 2 %, reached after 2 450 jobs.
    public static final SampleRule DEFAULT = new SampleRule(20_000, 50);

    /// @throws ProtocolException `sample_rule`
    public SampleRule {
        if (floorPpm < 0 || floorPpm > ALL || ramp < 0 || ramp > MAX_RAMP) {
            throw new ProtocolException("sample_rule", "jobs are sampled at a floor of 0 to " + ALL + " ppm with a ramp of 0 to " + MAX_RAMP + " jobs, not " + floorPpm + " and " + ramp);
        }
    }

    /// One rate for everybody.
    public static SampleRule flat(int ratePpm) {
        return new SampleRule(ratePpm, 0);
    }

    /// Whether the rate is the same whatever the standing.
    public boolean isFlat() {
        return ramp == 0 || floorPpm == ALL;
    }

    /// The rate for a node, parts per million.
    public int rate(Standing standing) {
        return !isFlat() && standing.enrolment().accused() ? ALL : rate(standing.microJobs());
    }

    /// The rate for a node that is not accused and whose jobs all count whole.
    ///
    /// @param jobs 0 or more
    public int rateAfter(long jobs) {
        return rate(jobs > Long.MAX_VALUE / Standing.WHOLE ? Long.MAX_VALUE : jobs * Standing.WHOLE);
    }

    /// The rate for a node that is not accused, parts per million, rounded down.
    ///
    /// @param microJobs what its jobs count for, millionths of a job, 0 or more
    public int rate(long microJobs) {
        if (isFlat()) {
            return floorPpm;
        }
        long whole = (long) ramp * Standing.WHOLE;
        // Beyond this it is below any floor that is more than 0.
        long counted = Math.min(microJobs, Long.MAX_VALUE - whole);
        return (int) Math.max(floorPpm, whole * ALL / (counted + whole));
    }
}
