package network.nyxos.escrow.standing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import network.nyxos.escrow.ProtocolException;
import org.junit.jupiter.api.Test;

/// Standing is earned with work alone, decays, and is nobody's by birth. The properties are tried on random lives, and beside a model that knows no integers
/// of a machine.
class StandingTest {
    private static final long DAY = Standing.DAY_SLOTS;
    private static final SampleRule RULE = SampleRule.DEFAULT;
    private static final int LIVES = 2_000;

    private static Enrolment since(long slot) {
        return new Enrolment(slot, true, false);
    }

    private static int rate(Enrolment enrolment, List<BatchWork> work, long slot) {
        return RULE.rate(Standing.of(enrolment, work, slot));
    }

    /// What random batches of one pool say of a node: posted one after the other, each final after a window.
    private static List<BatchWork> life(SplittableRandom random, long from) {
        var work = new ArrayList<BatchWork>();
        long slot = from;
        for (int batches = random.nextInt(40); batches > 0; batches--) {
            slot += random.nextLong(20 * DAY);
            long window = random.nextLong(1, 2 * DAY);
            work.add(new BatchWork(slot, slot + window, random.nextLong(500)));
            slot += window;
        }
        return work;
    }

    /// The rule once more, in fractions: what a job counts for, as the numerator over `60 · 2^20`.
    private static BigInteger model(long registered, List<BatchWork> work, long slot) {
        BigInteger sum = BigInteger.ZERO;
        for (BatchWork batch : work) {
            long days = Math.floorDiv(slot - batch.finalSlot(), DAY);
            boolean counts = batch.postedSlot() > registered && days >= 0 && days < 600;
            if (counts) {
                BigInteger half = BigInteger.TWO.pow((int) (20 - days / 30));
                sum = sum.add(half.multiply(BigInteger.valueOf(60 - days % 30)).multiply(BigInteger.valueOf(batch.verified())));
            }
        }
        return sum;
    }

    @Test
    void jobs_count_as_the_plain_model_has_it_less_what_is_rounded() {
        var random = new SplittableRandom(1);
        for (int life = 0; life < LIVES; life++) {
            long registered = random.nextLong(100 * DAY);
            List<BatchWork> work = life(random, random.nextLong(50 * DAY));
            long slot = random.nextLong(900 * DAY);
            Standing standing = Standing.of(since(registered), work, slot);
            BigInteger exact = model(registered, work, slot).multiply(BigInteger.valueOf(Standing.WHOLE)).divide(BigInteger.valueOf(60L << 20));
            // Each job loses less than two millionths to rounding: one to the halving, one to the line.
            assertThat(BigInteger.valueOf(standing.microJobs())).isLessThanOrEqualTo(exact).isGreaterThanOrEqualTo(exact.subtract(BigInteger.valueOf(2 * standing.jobs())));
            assertThat(standing.jobs()).isEqualTo(work.stream().filter(batch -> batch.postedSlot() > registered && batch.finalSlot() <= slot).mapToLong(BatchWork::verified).sum());
        }
    }

    @Test
    void a_job_counts_whole_for_a_day_half_after_thirty_and_nothing_after_six_hundred() {
        assertThat(Standing.weight(0)).isEqualTo(1_000_000);
        assertThat(Standing.weight(DAY - 1)).isEqualTo(1_000_000);
        assertThat(Standing.weight(15 * DAY)).isEqualTo(750_000);
        assertThat(Standing.weight(30 * DAY)).isEqualTo(500_000);
        assertThat(Standing.weight(60 * DAY)).isEqualTo(250_000);
        assertThat(Standing.weight(600 * DAY - 1)).isEqualTo(1 * 31 / 60);
        assertThat(Standing.weight(570 * DAY)).isEqualTo(1);
        assertThat(Standing.weight(600 * DAY)).isZero();
        assertThat(Standing.weight(Long.MAX_VALUE)).isZero();
        for (long day = 1; day <= 600; day++) {
            assertThat(Standing.weight(day * DAY)).as("day " + day).isLessThanOrEqualTo(Standing.weight((day - 1) * DAY));
        }
    }

    @Test
    void all_of_a_new_nodes_jobs_are_replayed_half_after_the_ramp_and_never_less_than_the_floor() {
        assertThat(RULE.rate(0)).isEqualTo(SampleRule.ALL);
        assertThat(RULE.rate(50L * Standing.WHOLE)).isEqualTo(SampleRule.ALL / 2);
        assertThat(RULE.rate(2_450L * Standing.WHOLE)).isEqualTo(20_000);
        assertThat(RULE.rate(2_449L * Standing.WHOLE)).isGreaterThan(20_000);
        assertThat(RULE.rate(Long.MAX_VALUE)).isEqualTo(20_000);
        assertThat(new SampleRule(0, SampleRule.MAX_RAMP).rate(Long.MAX_VALUE)).isZero();
        assertThat(new SampleRule(0, SampleRule.MAX_RAMP).rate(0)).isEqualTo(SampleRule.ALL);
    }

    @Test
    void work_only_helps_and_time_only_takes_away() {
        var random = new SplittableRandom(2);
        for (int life = 0; life < LIVES; life++) {
            Enrolment node = since(random.nextLong(50 * DAY));
            List<BatchWork> work = life(random, node.registeredSlot());
            long slot = work.isEmpty() ? node.registeredSlot() : work.getLast().finalSlot() + random.nextLong(100 * DAY);
            int rate = rate(node, work, slot);
            assertThat(rate).isBetween(RULE.floorPpm(), SampleRule.ALL);
            assertThat(rate(node, work, slot + random.nextLong(100 * DAY))).as("without more work").isGreaterThanOrEqualTo(rate);
            var more = new ArrayList<>(work);
            more.add(new BatchWork(slot, slot, random.nextLong(500)));
            assertThat(rate(node, more, slot)).as("with more work").isLessThanOrEqualTo(rate);
        }
    }

    /// The sybil rule: whoever was punished and came back is never worse off than somebody new, now or after any work that both do from now on; so leaving an
    /// identity for another gains nothing, and a new one ranks below the oldest punished one.
    @Test
    void a_new_identity_is_never_better_off_than_a_punished_one_that_came_back() {
        var random = new SplittableRandom(3);
        for (int life = 0; life < LIVES; life++) {
            Enrolment punished = since(random.nextLong(50 * DAY));
            List<BatchWork> before = life(random, random.nextLong(50 * DAY));
            long now = punished.registeredSlot() + 1 + random.nextLong(300 * DAY);
            Enrolment fresh = since(now);
            assertThat(Standing.of(fresh, before, now)).isLessThan(Standing.of(punished, before, now));
            var work = new ArrayList<>(before);
            work.addAll(life(random, now));
            for (long later = now; later < now + 400 * DAY; later += 1 + random.nextLong(100 * DAY)) {
                assertThat(Standing.of(fresh, work, later)).isLessThan(Standing.of(punished, work, later));
                assertThat(rate(fresh, work, later)).isGreaterThanOrEqualTo(rate(punished, work, later));
            }
        }
    }

    @Test
    void who_registers_again_begins_with_nothing_and_nothing_that_was_on_the_way_counts() {
        var work = List.of(new BatchWork(10, 20, 5_000), new BatchWork(30, 40, 7));
        assertThat(Standing.of(since(5), work, 40).jobs()).isEqualTo(5_007);
        assertThat(Standing.of(since(10), work, 40).jobs()).as("posted in the slot of the registration").isEqualTo(7);
        assertThat(Standing.of(since(15), work, 40).jobs()).as("in its window when it registered again").isEqualTo(7);
        assertThat(Standing.of(since(15), work, 39).jobs()).as("the later batch may still be voided").isZero();
    }

    @Test
    void nothing_counts_without_a_bond_at_stake_and_all_is_replayed_while_accused() {
        var work = List.of(new BatchWork(10, 20, 5_000));
        assertThat(rate(since(5), work, 20)).isEqualTo(RULE.floorPpm());
        assertThat(rate(new Enrolment(5, false, false), work, 20)).isEqualTo(SampleRule.ALL);
        assertThat(rate(new Enrolment(5, true, true), work, 20)).isEqualTo(SampleRule.ALL);
    }

    @Test
    void a_flat_rule_asks_for_no_standing() {
        assertThat(SampleRule.flat(7).isFlat()).isTrue();
        assertThat(SampleRule.flat(7).rate(0)).isEqualTo(7);
        assertThat(SampleRule.flat(7).rate(Standing.of(new Enrolment(5, true, true), List.of(), 20))).isEqualTo(7);
        assertThat(new SampleRule(SampleRule.ALL, 50).isFlat()).isTrue();
        assertThat(RULE.isFlat()).isFalse();
    }

    @Test
    void numbers_that_cannot_be_are_refused() {
        assertThatThrownBy(() -> new SampleRule(1_000_001, 1)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("sample_rule"));
        assertThatThrownBy(() -> new SampleRule(1, -1)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new BatchWork(2, 1, 0)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("standing_range"));
        assertThatThrownBy(() -> new BatchWork(1, 1, -1)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new Enrolment(-1, true, false)).isInstanceOf(ProtocolException.class);
        var much = List.of(new BatchWork(6, 6, Long.MAX_VALUE));
        assertThatThrownBy(() -> Standing.of(since(5), much, 6)).isInstanceOf(ArithmeticException.class);
    }
}
