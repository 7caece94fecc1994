package network.nyxos.escrow.standing;

import java.util.Comparator;
import java.util.List;

/// What a node's work in one pool counts for as of a slot. Work is all that earns it: a new registration begins with nothing, whosever it is, and so does who
/// comes back after a punishment. It decays, so that nobody lives on what was long ago.
///
/// The order is by rank, the lowest first: by what counts, then by who registered earlier. So an identity that is made today is below every one that is
/// there already, a punished one included, and nobody gains by leaving one for another.
///
/// @param enrolment what the registry says
/// @param jobs      jobs of the tier `verified` that became final since the registration
/// @param microJobs what those count for now, millionths of a job; 0 for who has no bond at stake
public record Standing(Enrolment enrolment, long jobs, long microJobs) implements Comparable<Standing> {
    /// A job that counts whole, in millionths.
    public static final int WHOLE = 1_000_000;
    /// What the age of work is counted in: 216 000 slots, a day of 400 ms each.
    public static final long DAY_SLOTS = 216_000;
    /// Days after which work counts for half.
    public static final int HALF_LIFE_DAYS = 30;
    /// Days after which it counts for nothing.
    public static final int LIFE_DAYS = 20 * HALF_LIFE_DAYS;

    private static final Comparator<Standing> RANK = Comparator.comparingLong(Standing::microJobs)
        .thenComparing(Comparator.<Standing>comparingLong(standing -> standing.enrolment().registeredSlot()).reversed());

    /// As of a slot.
    ///
    /// @param enrolment as of that slot
    /// @param batches   of one pool, in any order; of those that were posted after the registration and are final by the slot the jobs count
    /// @throws ArithmeticException where they add up to more than 2^63
    public static Standing of(Enrolment enrolment, List<BatchWork> batches, long slot) {
        long jobs = 0;
        long micro = 0;
        for (BatchWork batch : batches) {
            if (batch.postedSlot() > enrolment.registeredSlot() && batch.finalSlot() <= slot) {
                jobs = Math.addExact(jobs, batch.verified());
                micro = Math.addExact(micro, Math.multiplyExact(batch.verified(), weight(slot - batch.finalSlot())));
            }
        }
        return new Standing(enrolment, jobs, enrolment.active() ? micro : 0);
    }

    /// What a job counts for, millionths: 1 000 000 for a day, half of that after 30 days, a quarter after 60 and so on, in between on the straight line from
    /// day to day, rounded down; nothing after 600 days.
    ///
    /// @param age slots since it became final, 0 or more
    public static long weight(long age) {
        long days = age / DAY_SLOTS;
        return days >= LIFE_DAYS ? 0
            : ((long) WHOLE >> days / HALF_LIFE_DAYS) * (2 * HALF_LIFE_DAYS - days % HALF_LIFE_DAYS) / (2 * HALF_LIFE_DAYS);
    }

    @Override
    public int compareTo(Standing other) {
        return RANK.compare(this, other);
    }
}
