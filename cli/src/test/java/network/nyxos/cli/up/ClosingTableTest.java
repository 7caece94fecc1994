package network.nyxos.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import network.nyxos.cli.up.ClosingTable.Role;
import network.nyxos.cli.up.ClosingTable.Row;
import network.nyxos.cli.up.ClosingTable.Section;
import org.junit.jupiter.api.Test;

class ClosingTableTest {

    private static Section usdc(long paid, long earned) {
        return new Section("USDC", "mint", 6, paid, List.of(
                new Row(Role.PAYER, "agent", "AgentAccount", 1_000_000, 1_000_000 - paid),
                new Row(Role.NODE, "node-open", "NodeAccount", 0, earned)));
    }

    @Test
    void balances_when_what_was_paid_is_what_was_earned() {
        assertThat(new ClosingTable(List.of(usdc(125, 125))).balances()).isTrue();
    }

    @Test
    void one_unit_off_does_not_balance_and_says_by_how_much() {
        var table = new ClosingTable(List.of(usdc(125, 124)));
        assertThat(table.balances()).isFalse();
        assertThat(table.text()).contains("-1 base units: DOES NOT BALANCE");
        assertThat(table.json().get("mints").get(0).get("difference").asText()).isEqualTo("-1");
    }

    @Test
    void a_mint_in_which_nothing_moved_proves_nothing() {
        assertThat(new ClosingTable(List.of(usdc(0, 0))).balances()).isFalse();
        assertThat(new ClosingTable(List.of()).balances()).isFalse();
    }

    @Test
    void a_payer_who_is_down_more_than_it_was_charged_does_not_balance() {
        var section = new Section("USDC", "mint", 6, 100, List.of(new Row(Role.PAYER, "agent", "a", 200, 75), new Row(Role.NODE, "node", "n", 0, 125)));
        assertThat(section.difference()).isZero();
        assertThat(new ClosingTable(List.of(section)).balances()).isFalse();
    }

    @Test
    void what_an_earlier_run_left_in_the_pool_may_pay_this_one_but_nothing_may_be_added_to_it() {
        assertThat(new ClosingTable(List.of(pooled(30, 0))).balances()).isTrue();
        assertThat(new ClosingTable(List.of(pooled(30, 0))).text()).contains("paid in an earlier run").contains("0.000030");
        var kept = pooled(0, 30);
        assertThat(kept.difference()).isZero();
        assertThat(new ClosingTable(List.of(kept)).balances()).as("the agent paid more than it was charged").isFalse();
    }

    /** A run that charges 100, with so much in the pool before and after. */
    private static Section pooled(long before, long after) {
        return new Section("USDC", "mint", 6, 100, List.of(new Row(Role.PAYER, "agent", "a", 200, 100 + before - after), new Row(Role.NODE, "node", "n", 0, 100),
                new Row(Role.POOL, "pool", "p", before, after)));
    }

    @Test
    void amounts_show_every_decimal() {
        assertThat(Amounts.text(-1_234_567, 6, "USDC")).isEqualTo("-1.234567 USDC");
        assertThat(Amounts.text(5, 9, "SOL")).isEqualTo("0.000000005 SOL");
    }
}
