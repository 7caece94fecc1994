package network.nyxos.cli.upkeep;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import network.nyxos.escrow.program.BatchFault;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditTree;

/**
 * A credit of the last final batch that a later batch takes back, and the leaves that show it.
 *
 * @param fault how
 * @param floor its place in the final batch's tree
 * @param leaf  the place in the later batch's tree of the leaf that shows it
 * @param next  the place of the leaf behind that, where it takes both
 */
record TakenBack(BatchFault fault, int floor, int leaf, OptionalInt next) {

    /** Looks for one; documents sort their leaves, so that two which do not ascend are not to be found in them. */
    static Optional<TakenBack> find(CreditTree last, CreditTree later) {
        for (int floor = 0; floor < last.size(); floor++) {
            Credit owed = last.credits().get(floor);
            OptionalInt same = later.indexOf(owed.payee(), owed.kind());
            if (same.isPresent() && later.credits().get(same.getAsInt()).cumulative() < owed.cumulative()) {
                return Optional.of(new TakenBack(BatchFault.LOWERED, floor, same.getAsInt(), OptionalInt.empty()));
            }
            if (same.isEmpty() && owed.cumulative() > 0 && later.size() > 0) {
                return Optional.of(omitted(floor, owed, later.credits()));
            }
        }
        return Optional.empty();
    }

    private static TakenBack omitted(int floor, Credit owed, List<Credit> leaves) {
        int behind = 0;
        while (behind < leaves.size() && Credit.ORDER.compare(leaves.get(behind), owed) < 0) {
            behind++;
        }
        if (behind == 0) {
            return new TakenBack(BatchFault.OMITTED, floor, 0, OptionalInt.empty());
        }
        return new TakenBack(BatchFault.OMITTED, floor, behind - 1, behind < leaves.size() ? OptionalInt.of(behind) : OptionalInt.empty());
    }
}
