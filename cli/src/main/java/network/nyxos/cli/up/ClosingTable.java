package network.nyxos.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Who paid and who earned, per mint, from balances read off the chain before and after the job.
 *
 * <p>It balances when, for every mint, what payers are down is what they were charged, what nodes, author and treasury are up is the same,
 * and all changes cancel: to the unit, or the run has failed. What was settled of a payer's deposit for a job that failed afterwards stays in the pool and
 * pays its next jobs: a run that begins with such money may use it up, never add to it.
 */
public final class ClosingTable {

    /** What a row's change means. */
    public enum Role { PAYER, NODE, AUTHOR, TREASURY, DEPOSIT, POOL }

    /**
     * One holder's change over the run.
     *
     * @param role   the part the holder plays
     * @param holder a name a person recognises
     * @param key    the token account that was read, base58
     * @param before balance in base units before the job
     * @param after  balance in base units after it
     */
    public record Row(Role role, String holder, String key, long before, long after) {
        public Row {
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(holder, "holder");
            Objects.requireNonNull(key, "key");
        }

        /** Change in base units; negative for who paid. */
        public long change() {
            return Math.subtractExact(after, before);
        }
    }

    /**
     * One mint's rows.
     *
     * @param symbol   short name
     * @param mint     base58
     * @param decimals decimals of the mint
     * @param charged  Σ of what the agent was told that its served requests cost, base units
     */
    public record Section(String symbol, String mint, int decimals, long charged, List<Row> rows) {
        public Section {
            rows = List.copyOf(rows);
        }

        /** Σ of all changes; 0 when nothing came from nowhere or went there. */
        public long difference() {
            return rows.stream().mapToLong(Row::change).reduce(0, Math::addExact);
        }

        /** What payers are down, wallet and deposit together; must be what they were charged. */
        public long paid() {
            return -sum(Role.PAYER, Role.DEPOSIT);
        }

        /** What the pool held at first and has paid out since: settled in an earlier run for jobs that nobody was paid for. */
        public long paidBefore() {
            return -sum(Role.POOL);
        }

        /** What nodes, the model's author and the treasury are up; must be what was charged, with nothing left in the pool. */
        public long earned() {
            return sum(Role.NODE, Role.AUTHOR, Role.TREASURY);
        }

        private long sum(Role... roles) {
            List<Role> wanted = List.of(roles);
            return rows.stream().filter(row -> wanted.contains(row.role())).mapToLong(Row::change).reduce(0, Math::addExact);
        }

        /** Whether the books agree to the unit. */
        public boolean balances() {
            return difference() == 0 && paidBefore() >= 0 && Math.addExact(paid(), paidBefore()) == charged && earned() == charged;
        }
    }

    private final List<Section> sections;

    public ClosingTable(List<Section> sections) {
        this.sections = List.copyOf(sections);
    }

    /** True when in every mint something was charged, payers paid exactly that, and nodes, author and treasury have it. */
    public boolean balances() {
        return !sections.isEmpty() && sections.stream().allMatch(s -> s.balances() && s.charged() > 0);
    }

    /** The table for a terminal, about 80 columns wide. */
    public String text() {
        var lines = new ArrayList<String>();
        for (Section s : sections) {
            lines.add("");
            lines.add(String.format("  %-30s %-14s %20s", s.symbol() + ": who", "account", "change"));
            for (Row r : s.rows()) {
                lines.add(String.format("  %-30s %-14s %+20.6f", r.holder(), Amounts.brief(r.key()),
                        java.math.BigDecimal.valueOf(r.change(), s.decimals())));
            }
            lines.add(String.format("  %-30s %-14s %20s", "charged / paid / earned", "", Amounts.plain(s.charged(), s.decimals()) + " / "
                    + Amounts.plain(s.paid(), s.decimals()) + " / " + Amounts.plain(s.earned(), s.decimals())));
            if (s.paidBefore() != 0) {
                lines.add(String.format("  %-30s %-14s %20s", "paid in an earlier run", "", Amounts.plain(s.paidBefore(), s.decimals())));
            }
            lines.add(String.format("  %-30s %-14s %20s", "sum", "", s.difference() + (s.balances() ? " (balances)" : " base units: DOES NOT BALANCE")));
        }
        return String.join("\n", lines);
    }

    /** The table for tools; amounts are decimal strings of base units. */
    public JsonNode json() {
        var root = JsonNodeFactory.instance.objectNode();
        root.put("balances", balances());
        var mints = root.putArray("mints");
        for (Section s : sections) {
            var node = mints.addObject();
            node.put("symbol", s.symbol()).put("mint", s.mint()).put("decimals", s.decimals());
            node.put("charged", Long.toString(s.charged())).put("paid", Long.toString(s.paid())).put("paid_before", Long.toString(s.paidBefore())).put("earned", Long.toString(s.earned()));
            node.put("difference", Long.toString(s.difference())).put("balances", s.balances());
            var rows = node.putArray("rows");
            for (Row r : s.rows()) {
                rows.addObject().put("role", r.role().name().toLowerCase(java.util.Locale.ROOT)).put("holder", r.holder())
                        .put("account", r.key()).put("before", Long.toString(r.before()))
                        .put("after", Long.toString(r.after())).put("change", Long.toString(r.change()));
            }
        }
        return root;
    }
}
