package network.nyxos.cli.attach;

/** Slots as people read them. A slot is 0.4 s by the cluster's plan; what it really takes differs, so times are about. */
public final class Slots {

    private static final long MILLIS = 400;
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Slots() {
    }

    /** {@code 300 slots (about 2 min)}. */
    public static String text(long slots) {
        return slots + " slots (about " + time(slots) + ")";
    }

    /** When a slot is, seen from now: {@code slot 1300, in 300 slots (about 2 min)}. */
    public static String from(long slot, long now) {
        return slot <= now ? "slot " + slot + ", which has come" : "slot " + slot + ", in " + text(slot - now);
    }

    /** {@code 2 min}, {@code 36 h}: the coarsest unit that leaves two digits. */
    private static String time(long slots) {
        long millis = Math.multiplyExact(Math.min(slots, Long.MAX_VALUE / MILLIS), MILLIS);
        if (millis < 2 * MINUTE) {
            return Math.ceilDiv(millis, SECOND) + " s";
        }
        if (millis < 2 * HOUR) {
            return Math.ceilDiv(millis, MINUTE) + " min";
        }
        return millis < 2 * DAY ? Math.ceilDiv(millis, HOUR) + " h" : Math.ceilDiv(millis, DAY) + " d";
    }
}
