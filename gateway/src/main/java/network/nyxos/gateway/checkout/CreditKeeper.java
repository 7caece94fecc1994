package network.nyxos.gateway.checkout;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.chain.DatabaseException;
import network.nyxos.chain.Outcome;
import network.nyxos.chain.RpcException;
import network.nyxos.gateway.chain.EscrowMirror;
import network.nyxos.gateway.chain.PrepaidEscrows;
import network.nyxos.gateway.credit.Book;
import network.nyxos.gateway.credit.CreditAccount;
import network.nyxos.gateway.credit.CreditAudit;
import network.nyxos.gateway.credit.CreditTerms;
import network.nyxos.gateway.credit.OnChain;
import network.nyxos.gateway.payment.EscrowFunds;
import network.nyxos.gateway.payment.EscrowState;
import network.nyxos.gateway.store.CreditStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.sava.core.accounts.PublicKey;

/// Keeps house of credits: looks at every account on chain, has counted what came in, pays out who leaves, closes what nobody paid for, and holds the books against the
/// chain. All of it may be done twice, here and at another gateway of the schema, and comes to the same.
public final class CreditKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(CreditKeeper.class);
    private static final Duration PENDING_AGE = Duration.ofSeconds(2);
    private static final Duration TURN = Duration.ofMinutes(1);
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final int ACCOUNTS_A_QUESTION = 50;

    private final CreditTerms terms;
    private final PrepaidEscrows prepaid;
    private final EscrowMirror mirror;
    private final CreditStore store;
    private final CreditDesk desk;
    private final InstantSource clock;
    // A difference counts when it is seen twice in a row: nodes behind one URL may be a moment apart.
    private Set<PublicKey> suspects = Set.of();
    private volatile Report report = Report.NONE;

    /// @param terms  what a credit is: less than one is not counted at the sponsor's cost
    /// @param mirror what the books were last brought up to
    /// @param desk   whose open purchases are looked after
    public CreditKeeper(CreditTerms terms, PrepaidEscrows prepaid, EscrowMirror mirror, CreditStore store, CreditDesk desk, InstantSource clock) {
        this.terms = terms;
        this.prepaid = prepaid;
        this.mirror = mirror;
        this.store = store;
        this.desk = desk;
        this.clock = clock;
    }

    /// What came of the last look at the books.
    ///
    /// @param accounts    that are not over
    /// @param balanced    of which books and chain agree to the unit
    /// @param behind      that could not be compared at that moment
    /// @param arriving    base units in inboxes that were not brought here
    /// @param unsettled   base units charged by jobs and not settled on chain yet
    /// @param deposited   base units, by the journals of the balanced ones; what the chain has for them as well
    /// @param differences that two looks in a row have found
    public record Report(int accounts, int balanced, int behind, long arriving, long unsettled, long deposited, List<CreditAudit.Difference> differences) {
        /// Before the first look.
        static final Report NONE = new Report(0, 0, 0, 0, 0, 0, List.of());

        /// Copies the list.
        public Report {
            differences = List.copyOf(differences);
        }

        /// Base units that books and chain differ by.
        public long units() {
            return differences.stream().mapToLong(CreditAudit.Difference::units).reduce(0, Math::addExact);
        }
    }

    /// The last report.
    public Report report() {
        return report;
    }

    /// One turn.
    public void turn() {
        desk.reconcile(PENDING_AGE);
        Map<PublicKey, Optional<OnChain>> chain = look(store.open());
        Map<PublicKey, Optional<EscrowState>> mirrored = new LinkedHashMap<>();
        chain.keySet().forEach(escrow -> mirrored.put(escrow, mirror.find(escrow)));
        List<Book> books = store.books().stream().filter(book -> chain.containsKey(book.account().escrow())).toList();
        audit(books, chain, mirrored);
        long slot = prepaid.slot();
        books.forEach(book -> tend(book, chain.get(book.account().escrow()), slot));
    }

    private Map<PublicKey, Optional<OnChain>> look(List<PublicKey> addresses) {
        var seen = new LinkedHashMap<PublicKey, Optional<OnChain>>();
        for (int from = 0; from < addresses.size(); from += ACCOUNTS_A_QUESTION) {
            List<PublicKey> some = addresses.subList(from, Math.min(from + ACCOUNTS_A_QUESTION, addresses.size()));
            List<Optional<OnChain>> found = prepaid.look(some);
            for (int i = 0; i < some.size(); i++) {
                seen.put(some.get(i), found.get(i));
            }
        }
        return seen;
    }

    private void audit(List<Book> books, Map<PublicKey, Optional<OnChain>> chain, Map<PublicKey, Optional<EscrowState>> mirrored) {
        int balanced = 0;
        int behind = 0;
        long arriving = 0;
        long unsettled = 0;
        long deposited = 0;
        var differences = new ArrayList<CreditAudit.Difference>();
        var suspected = new HashSet<PublicKey>();
        for (Book book : books) {
            PublicKey escrow = book.account().escrow();
            switch (CreditAudit.judge(book, chain.get(escrow), mirrored.get(escrow))) {
                case CreditAudit.Verdict.Balanced good -> {
                    balanced++;
                    arriving = Math.addExact(arriving, good.arriving());
                    unsettled = Math.addExact(unsettled, good.unsettled());
                    deposited = Math.addExact(deposited, book.kept().deposited());
                }
                case CreditAudit.Verdict.Behind(String why) -> {
                    behind++;
                    LOG.debug("account {} is not compared: {}", escrow, why);
                }
                case CreditAudit.Verdict.Different(List<CreditAudit.Difference> found) -> {
                    suspected.add(escrow);
                    if (suspects.contains(escrow)) {
                        differences.addAll(found);
                    }
                }
            }
        }
        suspects = suspected;
        var now = new Report(books.size(), balanced, behind, arriving, unsettled, deposited, differences);
        if (!differences.isEmpty() && !differences.equals(report.differences)) {
            differences.forEach(each -> LOG.error("credits do not add up, see the operators' guide: {}", each));
        }
        report = now;
    }

    /// Does what an account needs. What fails for one is tried again, and does not hold up the others.
    private void tend(Book book, Optional<OnChain> chain, long slot) {
        CreditAccount account = book.account();
        try {
            if (chain.isPresent()) {
                tend(account, chain.get(), slot);
            } else if (book.escrow().filter(EscrowFunds::closed).isPresent()) {
                prepaid.departure(account.escrow()).ifPresent(departure -> store.left(account.escrow(), departure));
            } else if (account.state() == CreditAccount.State.OPENING && slot > PrepaidEscrows.openableUntil(account)) {
                // Its slot is over: whatever became of the transaction, it opens nothing any more.
                store.notOpened(account.escrow());
            }
        } catch (RpcException | DatabaseException e) {
            LOG.warn("account {} is looked after again: {}", account.escrow(), e.getMessage());
        }
    }

    private void tend(CreditAccount account, OnChain there, long slot) {
        if (account.state() == CreditAccount.State.OPENING) {
            store.opened(account.escrow());
        }
        // What is less than the fee is worth waits for more; anybody may have it counted.
        if (there.open() && there.inbox() >= terms.unit()) {
            // A purchase under way is written down first, and counted by who brought it.
            if (store.isBeingPaid(account.escrow())) {
                return;
            }
            said(prepaid.count(account.escrow(), Long.toUnsignedString(there.escrow().deposited()) + ":" + minute(), WAIT));
        } else if (!there.open() && slot >= there.escrow().exitSlot()) {
            leave(account, there);
        } else if (account.sponsored() && isEmpty(there) && slot >= PrepaidEscrows.closableFrom(account)) {
            said(prepaid.close(account.escrow(), minute(), WAIT));
        }
    }

    /// Never paid for, or used up to the last unit.
    private static boolean isEmpty(OnChain there) {
        return there.open() && there.inbox() == 0 && there.escrow().deposited() == there.escrow().settled() && there.escrow().settled() == there.escrow().collected();
    }

    /// The sponsor lays no rent out for a wallet that has no token account: it would be the wallet's to take.
    private void leave(CreditAccount account, OnChain there) {
        if (prepaid.holds(account.wallet()).isPresent()) {
            said(prepaid.exit(there.escrow(), minute(), WAIT));
        } else {
            LOG.debug("account {} is paid out when its wallet {} has a token account, or by anybody with `nyxos escrow exit`", account.escrow(), account.wallet());
        }
    }

    /// Tries of the same in one minute are one, whichever gateway makes them.
    private String minute() {
        return Long.toString(clock.millis() / TURN.toMillis());
    }

    private static void said(Outcome outcome) {
        if (outcome.isConfirmed()) {
            LOG.info("{}", outcome.describe());
        } else {
            LOG.warn("{}; tried again", outcome.describe());
        }
    }
}
