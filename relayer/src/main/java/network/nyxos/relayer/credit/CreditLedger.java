package network.nyxos.relayer.credit;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import software.sava.core.accounts.PublicKey;

/// Cumulative credits of one pool. Grows only by {@link #plus}, whose debit and credit sides must be equal. Immutable.
public final class CreditLedger {
    /// No credits yet.
    public static final CreditLedger EMPTY = new CreditLedger(List.of());

    private final List<Credit> credits;
    private final long sum;

    private CreditLedger(List<Credit> credits) {
        this.credits = credits;
        this.sum = credits.stream().mapToLong(Credit::cumulative).reduce(0, Math::addExact);
    }

    /// The ledger that stands at these credits; any order.
    ///
    /// @throws ProtocolException `credit_double` when a (payee, kind) comes twice, `amount_overflow` when the sum is 2^63 or more
    public static CreditLedger of(List<Credit> credits) {
        var sorted = credits.stream().sorted(Credit.ORDER).toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (Credit.ORDER.compare(sorted.get(i - 1), sorted.get(i)) == 0) {
                throw new ProtocolException("credit_double", "payee " + sorted.get(i).payee() + " has two credits of one kind");
            }
        }
        try {
            return new CreditLedger(sorted);
        } catch (ArithmeticException e) {
            throw new ProtocolException("amount_overflow", "credits add up to 2^63 or more", e);
        }
    }

    /// This with more lines.
    ///
    /// @param inflow what the lines' jobs brought into the pool; the lines must add up to exactly that
    /// @throws ProtocolException `ledger_unbalanced`, `amount_overflow`
    public CreditLedger plus(List<CreditLine> lines, long inflow) {
        try {
            long credited = lines.stream().mapToLong(CreditLine::amount).reduce(0, Math::addExact);
            if (credited != inflow) {
                throw new ProtocolException("ledger_unbalanced", "the lines credit " + credited + ", their jobs brought " + inflow);
            }
            var totals = new TreeMap<Credit, Long>(Credit.ORDER);
            credits.forEach(credit -> totals.put(credit, credit.cumulative()));
            lines.forEach(line -> totals.merge(new Credit(line.payee(), line.kind(), 0), line.amount(), Math::addExact));
            return new CreditLedger(totals.entrySet().stream().map(CreditLedger::credit).toList());
        } catch (ArithmeticException e) {
            throw new ProtocolException("amount_overflow", "credits add up to 2^63 or more", e);
        }
    }

    private static Credit credit(Map.Entry<Credit, Long> total) {
        return new Credit(total.getKey().payee(), total.getKey().kind(), total.getValue());
    }

    /// The credits in the order of a tree's leaves.
    public List<Credit> credits() {
        return credits;
    }

    /// What all credits add up to, base units.
    public long sum() {
        return sum;
    }

    /// What a payee has been credited, base units; 0 where it has nothing.
    public long of(PublicKey payee, CreditKind kind) {
        int index = Collections.binarySearch(credits, new Credit(payee, kind, 0), Credit.ORDER);
        return index < 0 ? 0 : credits.get(index).cumulative();
    }
}
