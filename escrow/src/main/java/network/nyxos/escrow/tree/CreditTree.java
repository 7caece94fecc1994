package network.nyxos.escrow.tree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.accounts.PublicKey;

/// The Merkle-sum tree of a pool's credits. Immutable.
public final class CreditTree {
    private final PublicKey pool;
    private final List<Credit> credits;
    private final List<List<CreditNode>> levels;

    private CreditTree(PublicKey pool, List<Credit> credits, List<List<CreditNode>> levels) {
        this.pool = pool;
        this.credits = credits;
        this.levels = levels;
    }

    /// Builds the tree; the credits may come in any order.
    ///
    /// @throws ProtocolException `credit_double` when a (payee, kind) comes twice, `amount_overflow` when the sum is 2^63 or more
    public static CreditTree of(PublicKey pool, List<Credit> credits) {
        var sorted = new ArrayList<>(credits);
        sorted.sort(Credit.ORDER);
        for (int i = 1; i < sorted.size(); i++) {
            Credit credit = sorted.get(i);
            if (Credit.ORDER.compare(sorted.get(i - 1), credit) == 0) {
                throw new ProtocolException("credit_double", "payee " + credit.payee() + " has two credits of kind " + credit.kind().wireName());
            }
        }
        List<List<CreditNode>> levels = AuditPath.levels(sorted.stream().map(credit -> credit.leaf(pool)).toList(), (left, right) ->
            CreditNode.join(left, right).orElseThrow(() -> new ProtocolException("amount_overflow", "credits add up to 2^63 or more")));
        return new CreditTree(pool, List.copyOf(sorted), levels);
    }

    /// The pool it speaks of.
    public PublicKey pool() {
        return pool;
    }

    /// The credits in the order of the leaves.
    public List<Credit> credits() {
        return credits;
    }

    /// The number of leaves.
    public int size() {
        return credits.size();
    }

    /// The root hash and the sum of all credits.
    public CreditNode root() {
        return credits.isEmpty() ? CreditNode.EMPTY : levels.getLast().getFirst();
    }

    /// Where the leaf of a payee and kind stands; empty when there is none.
    public OptionalInt indexOf(PublicKey payee, CreditKind kind) {
        int index = Collections.binarySearch(credits, new Credit(payee, kind, 0), Credit.ORDER);
        return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /// The audit path of a leaf, as a claim needs it.
    ///
    /// @throws IndexOutOfBoundsException unless `0 ≤ index < size`
    public List<CreditNode> proof(int index) {
        Objects.checkIndex(index, size());
        return AuditPath.of(levels, index);
    }

    /// Whether the credit is leaf `index` of `size` of the pool's tree with this root hash and this sum.
    public static boolean verify(PublicKey pool, CreditNode root, Credit credit, long index, long size, List<CreditNode> proof) {
        Optional<CreditNode> reached = AuditPath.walk(credit.leaf(pool), index, size, proof, CreditNode::join);
        return reached.filter(root::equals).isPresent();
    }
}
