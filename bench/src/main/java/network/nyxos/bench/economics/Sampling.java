package network.nyxos.bench.economics;

/**
 * How often a node's jobs are replayed: all of a new node's, and of an old one's never less than a floor.
 *
 * @param floorPpm the least rate, parts per million, 1 to 1 000 000
 * @param ramp     final jobs after which half of a node's jobs are replayed, 1 or more
 */
public record Sampling(int floorPpm, int ramp) {

    /** A share of all. */
    public static final int ALL = 1_000_000;

    public Sampling {
        if (floorPpm < 1 || floorPpm > ALL || ramp < 1) {
            throw new IllegalArgumentException("the floor must be 1 to " + ALL + " ppm, the ramp 1 or more");
        }
    }

    /**
     * The rate, parts per million.
     *
     * @param standing the node's jobs that became final since it registered or was last caught
     */
    public int rate(long standing) {
        return Math.toIntExact(Math.max(floorPpm, Math.multiplyExact((long) ALL, ramp) / Math.addExact(standing, ramp)));
    }

    /** Whether a node with this standing has reached the floor. */
    public boolean atFloor(long standing) {
        return rate(standing) == floorPpm;
    }
}
