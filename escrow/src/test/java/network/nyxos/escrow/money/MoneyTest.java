package network.nyxos.escrow.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.Samples;
import org.junit.jupiter.api.Test;

class MoneyTest {
    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

    private static BigInteger big(long value) {
        return BigInteger.valueOf(value);
    }

    @Test
    void a_charge_is_the_exact_quotient_rounded_up_and_at_least_one() {
        assertThat(new Price(0, 0).charge(1_000, 1_000)).isEqualTo(1);
        assertThat(new Price(1, 1).charge(0, 0)).isEqualTo(1);
        assertThat(new Price(1_000_000, 2_000_000).charge(3, 4)).isEqualTo(11);
        assertThat(new Price(1, 0).charge(1_000_001, 0)).isEqualTo(2);
        for (int seed = 0; seed < 5_000; seed++) {
            var samples = new Samples(seed);
            long in = samples.below(1 << 20);
            long out = samples.below(1 << 20);
            var price = new Price(samples.amount() >>> 24, samples.amount() >>> 24);
            BigInteger[] exact = big(in).multiply(big(price.perMillionIn())).add(big(out).multiply(big(price.perMillionOut()))).divideAndRemainder(MILLION);
            BigInteger up = exact[1].signum() == 0 ? exact[0] : exact[0].add(BigInteger.ONE);
            assertThat(big(price.charge(in, out))).isEqualTo(up.max(BigInteger.ONE));
        }
    }

    @Test
    void a_call_of_a_service_costs_exactly_its_price() {
        for (long units : new long[] {1, 2_500, Long.MAX_VALUE / 1_000_000}) {
            assertThat(Price.ofCall(units).charge(0, 1)).isEqualTo(units);
            assertThat(Price.ofCall(units).ofCalls()).isTrue();
        }
        assertThat(new Price(1, 1_000_000).ofCalls()).isFalse();
        assertThat(new Price(0, 1_500_000).ofCalls()).isFalse();
        assertThat(new Price(0, 0).ofCalls()).isFalse();
        assertThatThrownBy(() -> Price.ofCall(0)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("price_negative"));
        assertThatThrownBy(() -> Price.ofCall(Long.MAX_VALUE / 1_000_000 + 1)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo("amount_overflow"));
    }

    @Test
    void a_charge_that_does_not_fit_is_refused_and_never_wraps() {
        assertThatThrownBy(() -> new Price(Long.MAX_VALUE, 0).charge(2, 0)).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("amount_overflow"));
        assertThatThrownBy(() -> new Price(Long.MAX_VALUE, Long.MAX_VALUE).charge(1, 1)).isInstanceOf(ProtocolException.class);
        assertThat(new Price(Long.MAX_VALUE, 0).charge(1, 0)).isEqualTo(Math.ceilDiv(Long.MAX_VALUE, 1_000_000));
        assertThatThrownBy(() -> new Price(-1, 0)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> new Price(1, 1).charge(-1, 0)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void the_ceiling_is_never_below_a_charge_for_fewer_tokens() {
        for (int seed = 0; seed < 1_000; seed++) {
            var samples = new Samples(seed);
            var price = new Price(samples.amount() >>> 30, samples.amount() >>> 30);
            List<String> contents = List.of("x".repeat(samples.below(2_000)), "ü".repeat(samples.below(50)));
            int maxOutput = samples.below(4_096);
            long bound = Price.promptBound(contents);
            assertThat(price.charge(samples.below((int) bound + 1), samples.below(maxOutput + 1))).isLessThanOrEqualTo(price.ceiling(contents, maxOutput));
        }
    }

    @Test
    void the_bound_on_a_prompt_counts_bytes_messages_and_the_template() {
        assertThat(Price.promptBound(List.of())).isEqualTo(64);
        assertThat(Price.promptBound(List.of("abc", "é"))).isEqualTo(3 + 2 + 2 * 32 + 64);
    }

    @Test
    void a_split_adds_up_to_the_charge_rounds_fee_and_royalty_down_and_leaves_the_remainder_to_the_node() {
        assertThat(Split.of(9_999, 1, 0)).isEqualTo(new Split(0, 0, 9_999));
        assertThat(Split.of(10_000, 1, 2)).isEqualTo(new Split(1, 2, 9_997));
        assertThat(Split.of(3, 2_000, 3_000)).as("nothing of three units is whole").isEqualTo(new Split(0, 0, 3));
        assertThat(Split.of(Long.MAX_VALUE, 2_000, 3_000)).isEqualTo(new Split(Long.MAX_VALUE / 5, big(Long.MAX_VALUE).multiply(big(3)).divide(big(10)).longValueExact(),
            Long.MAX_VALUE - Long.MAX_VALUE / 5 - big(Long.MAX_VALUE).multiply(big(3)).divide(big(10)).longValueExact()));
        for (int seed = 0; seed < 5_000; seed++) {
            var samples = new Samples(seed);
            long charge = samples.amount();
            int fee = samples.below(Split.MAX_FEE_BPS + 1);
            int royalty = samples.below(Split.MAX_ROYALTY_BPS + 1);
            Split split = Split.of(charge, fee, royalty);
            assertThat(big(split.fee())).isEqualTo(big(charge).multiply(big(fee)).divide(big(10_000)));
            assertThat(big(split.royalty())).isEqualTo(big(charge).multiply(big(royalty)).divide(big(10_000)));
            assertThat(big(split.fee()).add(big(split.royalty())).add(big(split.net()))).isEqualTo(big(charge));
            assertThat(split.net()).as("the node gets half at least").isGreaterThanOrEqualTo(charge / 2);
        }
        assertThatThrownBy(() -> Split.of(1, 2_001, 0)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Split.of(1, 0, 3_001)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Split.of(1, 0, -1)).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> Split.of(-1, 1, 1)).isInstanceOf(ProtocolException.class);
    }
}
