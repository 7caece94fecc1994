package network.nyxos.bench.economics;

import java.math.BigInteger;
import network.nyxos.escrow.standing.SampleRule;

/**
 * A market's numbers, as docs/economics.md names them. Amounts are base units of the mint paid in; a bond counts by what it is worth there. Times are
 * rounds: in each, a node does one job.
 *
 * @param charge    of an ordinary job
 * @param ceiling   the most a job can be charged for
 * @param cost      of doing a job honestly
 * @param feeBps    the protocol's share, basis points
 * @param bond      what a node has at stake
 * @param sampling  how often jobs are replayed
 * @param replayLag rounds from a job to the verdict about it
 * @param window    rounds from a job to its payout, at least the lag: nothing is paid before its verdict
 * @param unbonding rounds from asking for the bond to having it
 */
public record Terms(long charge, long ceiling, long cost, int feeBps, long bond, SampleRule sampling, int replayLag, int window, int unbonding) {

    public Terms {
        if (charge < 1 || ceiling < charge || cost < 0 || bond < 0 || feeBps < 0 || feeBps > 10_000) {
            throw new IllegalArgumentException("amounts are 0 or more and the ceiling is at least the charge");
        }
        if (replayLag < 0 || window < replayLag || unbonding < 0) {
            throw new IllegalArgumentException("a job is paid after its verdict, so the window is at least the replay's lag");
        }
    }

    /** The node's part of a charge. */
    public long income(long charged) {
        return charged - charged * feeBps / 10_000;
    }

    /** What a cheated job brings more than an honest one, at most: no work, and the ceiling for it. */
    public long temptation() {
        return income(ceiling) - (income(charge) - cost);
    }

    /**
     * The least bond with which no cheated job is worth its risk: {@code ⌈temptation / (rate · detection)⌉}.
     *
     * @param temptation   see {@link #temptation()}
     * @param ratePpm      how often such a job is replayed
     * @param detectionPpm how often a replay finds it
     */
    public static long leastBond(long temptation, int ratePpm, int detectionPpm) {
        BigInteger scaled = BigInteger.valueOf(temptation).multiply(BigInteger.valueOf(SampleRule.ALL)).multiply(BigInteger.valueOf(SampleRule.ALL));
        BigInteger chance = BigInteger.valueOf(ratePpm).multiply(BigInteger.valueOf(detectionPpm));
        return scaled.add(chance).subtract(BigInteger.ONE).divide(chance).longValueExact();
    }

    /** Whether a node with this many final jobs is replayed as seldom as any. */
    public boolean atFloor(long standing) {
        return sampling.rateAfter(standing) == sampling.floorPpm();
    }

    /** These with another bond. */
    public Terms withBond(long other) {
        return new Terms(charge, ceiling, cost, feeBps, other, sampling, replayLag, window, unbonding);
    }

    /** These with another unbonding time. */
    public Terms withUnbonding(int rounds) {
        return new Terms(charge, ceiling, cost, feeBps, bond, sampling, replayLag, window, rounds);
    }
}
