package network.nyxos.indexer.follow;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import network.nyxos.escrow.program.Programs;
import network.nyxos.indexer.decode.Program;
import network.nyxos.indexer.project.BatchRow;
import network.nyxos.indexer.project.ClaimRow;
import network.nyxos.indexer.project.ConfigRow;
import network.nyxos.indexer.project.EscrowRow;
import network.nyxos.indexer.project.EscrowState;
import network.nyxos.indexer.project.MarketRow;
import network.nyxos.indexer.project.NodeRow;
import network.nyxos.indexer.project.PoolRow;
import network.nyxos.indexer.project.Row;
import network.nyxos.indexer.store.MirrorStore;

/// Compares what the events made with what the accounts say. Both come from the chain by different ways, so a difference is an error of this module (or of
/// an event), and none is expected.
public final class Reconciler {
    private final Chain chain;
    private final Follower follower;
    private final MirrorStore store;
    private final Programs programs;
    private volatile Optional<Report> last = Optional.empty();

    /// @param chain the cluster
    /// @param follower brings the mirror to the chain
    /// @param store the mirror
    /// @param programs the programs that are mirrored
    public Reconciler(Chain chain, Follower follower, MirrorStore store, Programs programs) {
        this.chain = chain;
        this.follower = follower;
        this.store = store;
        this.programs = programs;
    }

    /// One thing on which events and account disagree.
    ///
    /// @param account its address
    /// @param table the kind of account
    /// @param field the field, or `account` when one side has no such account
    /// @param projected what the events made
    /// @param onChain what the account says
    public record Difference(String account, String table, String field, String projected, String onChain) {
    }

    /// What a comparison found.
    ///
    /// @param checkedAt when
    /// @param slot slot up to which events were in
    /// @param accounts how many accounts were compared
    /// @param moving how many changed meanwhile and were left for the next time
    /// @param differences what disagrees
    public record Report(Instant checkedAt, long slot, int accounts, int moving, List<Difference> differences) {
        /// Copies the list.
        public Report {
            differences = List.copyOf(differences);
        }
    }

    /// The last comparison; empty before the first.
    public Optional<Report> last() {
        return last;
    }

    /// Compares now. The accounts are read, then the events up to there, then the accounts again: an account that is the same both times must agree with
    /// its row, since nothing it counts ever goes back; one that moved is not judged.
    ///
    /// @throws ChainUnavailableException when the chain does not answer
    /// @throws network.nyxos.chain.DatabaseException when the database does not
    public Report check() {
        Map<String, Account> before = accounts();
        long slot = follower.pass();
        Map<String, Row> rows = rows();
        Map<String, Account> after = accounts();

        var addresses = new TreeSet<>(before.keySet());
        addresses.addAll(after.keySet());
        rows.values().stream().filter(row -> !isClosed(row)).forEach(row -> addresses.add(row.address()));
        var differences = new ArrayList<Difference>();
        int moving = 0;
        int compared = 0;
        for (String address : addresses) {
            if (!Objects.equals(before.get(address), after.get(address))) {
                moving++;
                continue;
            }
            compared++;
            Row row = rows.get(address);
            Account account = before.get(address);
            if (account == null) {
                differences.add(new Difference(address, row.table(), "account", "present", "absent"));
            } else {
                compare(address, account, Optional.ofNullable(row), differences);
            }
        }
        var report = new Report(Instant.now(), slot, compared, moving, differences);
        last = Optional.of(report);
        return report;
    }

    private static boolean isClosed(Row row) {
        return row instanceof EscrowRow escrow && escrow.state() == EscrowState.EXITED;
    }

    private static void compare(String address, Account account, Optional<Row> row, List<Difference> differences) {
        Optional<AccountFields> read;
        try {
            read = switch (account.program()) {
                case REGISTRY -> AccountFields.ofRegistry(account.data());
                case ESCROW -> AccountFields.ofEscrow(account.data());
            };
        } catch (IllegalArgumentException e) {
            differences.add(new Difference(address, row.map(Row::table).orElse("unknown"), "account", row.isPresent() ? "present" : "absent",
                "unreadable: " + e.getMessage()));
            return;
        }
        if (read.isEmpty() || row.isEmpty()) {
            differences.add(new Difference(address, read.map(AccountFields::table).orElse("unknown"), "account", row.isPresent() ? "present" : "absent", "present"));
            return;
        }
        var columns = row.get().columns();
        read.get().fields().forEach((name, onChain) -> {
            Object projected = columns.get(name);
            if (!onChain.equals(projected)) {
                differences.add(new Difference(address, row.get().table(), name, String.valueOf(projected), String.valueOf(onChain)));
            }
        });
    }

    private record Account(Program program, byte[] data) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Account that && program == that.program && Arrays.equals(data, that.data);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(data);
        }
    }

    private Map<String, Account> accounts() {
        var accounts = new HashMap<String, Account>();
        for (Program program : Program.values()) {
            chain.programAccounts(program.id(programs)).forEach((address, data) -> accounts.put(address.toBase58(), new Account(program, data)));
        }
        return accounts;
    }

    private Map<String, Row> rows() {
        var rows = new HashMap<String, Row>();
        for (Class<? extends Row> kind : List.of(ConfigRow.class, NodeRow.class, MarketRow.class, PoolRow.class, EscrowRow.class, BatchRow.class, ClaimRow.class)) {
            rows.putAll(store.rows(kind));
        }
        return rows;
    }
}
