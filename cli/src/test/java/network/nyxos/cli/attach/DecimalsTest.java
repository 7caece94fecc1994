package network.nyxos.cli.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import network.nyxos.cli.up.Amounts;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalsTest {

    @ParameterizedTest
    @CsvSource({"1.5, 1500000", "0.000001, 1", "7, 7000000", "1.500000000, 1500000", "0, 0", "9223372036854.775807, 9223372036854775807"})
    void decimals_become_base_units_exactly(String text, long units) {
        assertThat(Decimals.parse(text, Mint.USDC)).isEqualTo(units);
    }

    @ParameterizedTest
    @CsvSource({"1.5e3, amount_malformed", "-1, amount_malformed", "'1,5', amount_malformed", ".5, amount_malformed", "'', amount_malformed", "0.0000001, amount_precision",
            "9223372036854.775808, amount_range", "99999999999999999999, amount_range"})
    void what_is_no_amount_of_the_mint_is_refused(String text, String code) {
        assertThatThrownBy(() -> Decimals.parse(text, Mint.USDC)).isInstanceOfSatisfying(StackException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void nothing_cannot_be_deposited() {
        assertThatThrownBy(() -> Decimals.parsePositive("0.0", Mint.USDC)).isInstanceOfSatisfying(StackException.class, e -> assertThat(e.code()).isEqualTo("amount_zero"));
    }

    @Test
    void what_is_shown_is_read_back() {
        var random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            long units = random.nextLong() >>> random.nextInt(1, 64);
            assertThat(Decimals.parse(Amounts.plain(units, 6), Mint.USDC)).isEqualTo(units);
        }
    }
}
