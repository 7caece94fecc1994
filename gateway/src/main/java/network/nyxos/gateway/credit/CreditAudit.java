package network.nyxos.gateway.credit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.gateway.payment.EscrowFunds;
import network.nyxos.gateway.payment.EscrowState;
import software.sava.core.accounts.PublicKey;

/// Holds the books of credits against each other and against the chain. A difference of one base unit is one; what is only a matter of time has a state of its own.
public final class CreditAudit {
    private CreditAudit() {
    }

    /// What came of looking at one account.
    public sealed interface Verdict {
        /// All agree to the unit.
        ///
        /// @param arriving  of what lies in the inbox: what was not brought here; it is in the books once it is counted
        /// @param unsettled charged by jobs, and not settled on chain yet
        record Balanced(long arriving, long unsettled) implements Verdict {
        }

        /// The chain was read before or after the books were last brought up to it: there is nothing to be compared yet.
        record Behind(String why) implements Verdict {
        }

        /// They do not agree.
        record Different(List<Difference> differences) implements Verdict {
            /// Copies the list.
            public Different {
                differences = List.copyOf(differences);
            }
        }
    }

    /// Two amounts that should be one.
    ///
    /// @param escrow   the account
    /// @param what     what differs
    /// @param expected by the book that is believed less
    /// @param found    by the other
    public record Difference(PublicKey escrow, String what, long expected, long found) {
        /// By how many base units.
        public long units() {
            return Math.absExact(Math.subtractExact(expected, found));
        }

        @Override
        public String toString() {
            return "account " + escrow + ": " + what + " should be " + expected + " and is " + found;
        }
    }

    /// Judges an account.
    ///
    /// @param book     read after the chain
    /// @param chain    as the chain had it; empty: no escrow there
    /// @param mirrored the escrow as this gateway last stored it, read after the chain and before the book
    public static Verdict judge(Book book, Optional<OnChain> chain, Optional<EscrowState> mirrored) {
        var found = new ArrayList<Difference>();
        PublicKey escrow = book.account().escrow();
        book.kept().byName().forEach((name, amount) -> compare(found, escrow, "kept as " + name + ", by the journal", book.journal().byName().get(name), amount));
        // Of an account that others opened, others may have sold too.
        if (book.account().sponsored()) {
            compare(found, escrow, "settled for jobs that are not known here", 0, book.unknown());
        }
        book.escrow().ifPresent(funds -> against(found, book.kept(), funds));
        if (!found.isEmpty()) {
            return new Verdict.Different(found);
        }
        if (chain.isEmpty() || book.escrow().isEmpty()) {
            return new Verdict.Behind(chain.isEmpty() ? "no escrow on chain: not opened yet, or gone" : "not seen by the mirror yet");
        }
        OnChain there = chain.get();
        boolean same = mirrored.filter(state -> state.deposited() == there.escrow().deposited() && state.settled() == there.escrow().settled()).isPresent();
        if (!same || book.escrow().get().escrow().slot() > there.slot()) {
            return new Verdict.Behind("the mirror and the chain were read at different moments");
        }
        compare(found, escrow, "deposited on chain, by the journal", there.escrow().deposited(), book.kept().deposited());
        compare(found, escrow, "settled on chain, by the journal", there.escrow().settled(), book.kept().settled());
        if (there.inbox() < book.kept().transit()) {
            compare(found, escrow, "in the inbox", book.kept().transit(), there.inbox());
        }
        return found.isEmpty() ? new Verdict.Balanced(there.inbox() - book.kept().transit(), book.kept().spent()) : new Verdict.Different(found);
    }

    /// The journal, and what jobs are reserved from.
    private static void against(List<Difference> found, Amounts kept, EscrowFunds funds) {
        PublicKey escrow = funds.escrow().address();
        if (!funds.closed()) {
            compare(found, escrow, "deposited by the mirror, by the journal", funds.balance().deposited(), kept.deposited());
            compare(found, escrow, "settled by the mirror, by the journal", funds.balance().settled(), kept.settled());
            compare(found, escrow, "used by jobs, by the journal", funds.balance().used(), Math.addExact(kept.spent(), kept.settled()));
            compare(found, escrow, "reserved for jobs, by the journal", funds.balance().reserved(), kept.reserved());
        }
    }

    private static void compare(List<Difference> found, PublicKey escrow, String what, long expected, long is) {
        if (expected != is) {
            found.add(new Difference(escrow, what, expected, is));
        }
    }
}
