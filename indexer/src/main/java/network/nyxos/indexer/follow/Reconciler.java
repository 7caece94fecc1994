package network.nyxos.indexer.follow;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.registry.Evidence;
import network.nyxos.indexer.decode.Program;
import network.nyxos.indexer.project.Row;
import network.nyxos.indexer.store.Frontier;
import network.nyxos.indexer.store.MirrorStore;

/// Compares what the events made with what the accounts say. Both come from the chain by different ways, so a difference is an error of this module (or of
/// an event, or of somebody who wrote to the tables), and none is expected.
///
/// Rows and accounts are never seen at one moment, and nodes behind one address need not be equally far. So a difference is only told when it is certain:
///
/// 1. An account is judged when the mirror has reached a slot at which the account was as it still is, and no event is in that is newer than the account
///    was read. What changes meanwhile is left for the next time.
/// 2. What then disagrees is suspected. It is a difference when it is found again, the same, after the mirror has gone beyond the slot of the reading that
///    made it suspected: the event that would explain it had to be in by then.
///
/// A field that holds still for two comparisons is therefore always judged; one that changes between every two is judged once it does not.
public final class Reconciler {
    private final Chain chain;
    private final Follower follower;
    private final MirrorStore store;
    private final Programs programs;
    private Map<String, Standing> standing = Map.of();
    private Map<Difference, Suspicion> suspicions = Map.of();
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
    /// @param moving how many could not be judged and were left for the next time, with what was said of them before
    /// @param suspected what disagrees and may yet be explained by an event that is on its way
    /// @param differences what certainly disagrees
    public record Report(Instant checkedAt, long slot, int accounts, int moving, List<Difference> suspected, List<Difference> differences) {
        /// Copies the lists.
        public Report {
            suspected = List.copyOf(suspected);
            differences = List.copyOf(differences);
        }

        /// Whether nothing is wrong and nothing is suspected to be.
        public boolean agrees() {
            return suspected.isEmpty() && differences.isEmpty();
        }
    }

    /// How long an account has been as it is.
    ///
    /// @param data what it holds; empty when there is no such account
    /// @param since slot of the first reading that found it so
    private record Standing(Optional<byte[]> data, long since) {
        boolean is(Optional<byte[]> now) {
            return data.isPresent() == now.isPresent() && (now.isEmpty() || Arrays.equals(data.get(), now.get()));
        }

        Standing seen(Optional<byte[]> now, long slot) {
            return is(now) ? this : new Standing(now, slot);
        }
    }

    /// What is thought of a difference.
    ///
    /// @param slot slot of the reading that first found it
    /// @param certain whether it was found again with the mirror beyond that slot
    private record Suspicion(long slot, boolean certain) {
        Suspicion again(long reached) {
            return new Suspicion(slot, certain || reached > slot);
        }
    }

    /// The accounts of a program, by address.
    private record Accounts(long slot, Map<String, byte[]> data) {
        Optional<byte[]> at(String address) {
            return Optional.ofNullable(data.get(address));
        }
    }

    /// The rows of a program, by address.
    ///
    /// @param newest slot that no event in them is beyond
    private record Rows(Map<String, Row> rows, long newest) {
        Optional<Row> at(String address) {
            return Optional.ofNullable(rows.get(address));
        }
    }

    /// The last comparison; empty before the first.
    public Optional<Report> last() {
        return last;
    }

    /// Compares now.
    ///
    /// @throws ChainUnavailableException when the chain does not answer
    /// @throws network.nyxos.chain.DatabaseException when the database does not
    public synchronized Report check() {
        Map<Program, Accounts> before = ofEach(this::accounts);
        long reached = follower.pass();
        Map<Program, Rows> mirrored = ofEach(this::rows);
        Map<Program, Accounts> after = ofEach(this::accounts);

        var stood = new HashMap<String, Standing>();
        var found = new LinkedHashMap<Difference, Suspicion>();
        int compared = 0;
        int moving = 0;
        for (Program program : Program.values()) {
            Accounts first = before.get(program);
            Accounts second = after.get(program);
            Rows rows = mirrored.get(program);
            var addresses = new TreeSet<>(first.data().keySet());
            addresses.addAll(second.data().keySet());
            rows.rows().values().stream().filter(row -> !row.isClosed()).forEach(row -> addresses.add(row.address()));
            for (String address : addresses) {
                Standing known = Optional.ofNullable(standing.get(address)).orElseGet(() -> new Standing(first.at(address), first.slot()))
                    .seen(first.at(address), first.slot());
                stood.put(address, known.seen(second.at(address), second.slot()));
                if (known.since() > reached || !known.is(second.at(address)) || rows.newest() > second.slot()) {
                    moving++;
                    suspicions.forEach((difference, suspicion) -> {
                        if (difference.account().equals(address)) {
                            found.put(difference, suspicion);
                        }
                    });
                    continue;
                }
                compared++;
                for (Difference difference : compare(program, address, second.at(address), rows.at(address))) {
                    found.put(difference, Optional.ofNullable(suspicions.get(difference)).map(suspicion -> suspicion.again(reached))
                        .orElseGet(() -> new Suspicion(second.slot(), false)));
                }
            }
        }
        standing = stood;
        suspicions = found;
        var report = new Report(Instant.now(), reached, compared, moving, that(found, false), that(found, true));
        last = Optional.of(report);
        return report;
    }

    private static List<Difference> that(Map<Difference, Suspicion> found, boolean certain) {
        return found.entrySet().stream().filter(entry -> entry.getValue().certain() == certain).map(Map.Entry::getKey).toList();
    }

    private static List<Difference> compare(Program program, String address, Optional<byte[]> account, Optional<Row> row) {
        String table = row.map(Row::table).orElse("unknown");
        String projected = row.isPresent() ? "present" : "absent";
        if (account.isEmpty()) {
            return List.of(new Difference(address, table, "account", projected, "absent"));
        }
        Optional<AccountFields> read;
        try {
            read = switch (program) {
                case REGISTRY -> AccountFields.ofRegistry(account.get());
                case ESCROW -> AccountFields.ofEscrow(account.get());
            };
        } catch (IllegalArgumentException e) {
            return List.of(new Difference(address, table, "account", projected, "unreadable: " + e.getMessage()));
        }
        if (read.isEmpty() || row.isEmpty()) {
            return List.of(new Difference(address, read.map(AccountFields::table).orElse(table), "account", projected, "present"));
        }
        var differences = new ArrayList<Difference>();
        var columns = row.get().columns();
        read.get().fields().forEach((name, onChain) -> {
            Object value = columns.get(name);
            if (!onChain.equals(value)) {
                differences.add(new Difference(address, table, name, String.valueOf(value), String.valueOf(onChain)));
            }
        });
        return differences;
    }

    private static <T> Map<Program, T> ofEach(Function<Program, T> reading) {
        var all = new EnumMap<Program, T>(Program.class);
        for (Program program : Program.values()) {
            all.put(program, reading.apply(program));
        }
        return all;
    }

    private Accounts accounts(Program program) {
        Chain.Accounts accounts = chain.programAccounts(program.id(programs));
        // What is written down for a proof is its accuser's notebook: no event tells of it, and nothing follows from it but by a move that is told.
        return new Accounts(accounts.slot(), accounts.data().entrySet().stream().filter(entry -> program != Program.REGISTRY || !Evidence.matches(entry.getValue()))
            .collect(Collectors.toMap(entry -> entry.getKey().toBase58(), Map.Entry::getValue)));
    }

    private Rows rows(Program program) {
        // The frontier after the rows: it moves with them, so they hold nothing that is beyond it.
        Map<String, Row> rows = store.rows(program);
        return new Rows(rows, store.frontier(program).map(Frontier::slot).orElse(0L));
    }
}
