package network.nyxos.attestation.verdict;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Records how the checks of one kind of evidence came out. A failure is never overwritten; a check nobody recorded was not reached, and
 * so keeps the evidence from being accepted: none can be left out unseen.
 *
 * @param <C> every check of this kind
 */
public final class CheckLedger<C extends Enum<C> & CheckId> {
    private final Class<C> kind;
    private final Map<C, Check> recorded;

    /** An empty ledger. */
    public CheckLedger(Class<C> kind) {
        this.kind = kind;
        this.recorded = new EnumMap<>(kind);
    }

    /** Records {@code check} as failed with {@code problem}, or as passed with {@code found}. Returns true when it passed. */
    public boolean record(C check, Optional<String> problem, Supplier<String> found) {
        Check before = recorded.get(check);
        if (before == null || before.passed()) {
            recorded.put(check, problem
                    .map(why -> new Check(check.id(), Check.Outcome.FAILED, why))
                    .orElseGet(() -> new Check(check.id(), Check.Outcome.PASSED, found.get())));
        }
        return problem.isEmpty();
    }

    /** Records {@code check} as passed when {@code holds}. */
    public boolean require(C check, boolean holds, Supplier<String> found, Supplier<String> why) {
        return record(check, holds ? Optional.empty() : Optional.of(why.get()), found);
    }

    /** True when all of these were recorded as passed. */
    @SafeVarargs
    public final boolean passed(C... checks) {
        for (C check : checks) {
            Check outcome = recorded.get(check);
            if (outcome == null || !outcome.passed()) {
                return false;
            }
        }
        return true;
    }

    /** The check of this id; {@code otherwise} when there is none. */
    public C named(String id, C otherwise) {
        for (C check : kind.getEnumConstants()) {
            if (check.id().equals(id)) {
                return check;
            }
        }
        return otherwise;
    }

    /** Every check, in order. */
    public List<Check> all() {
        List<Check> all = new ArrayList<>();
        for (C check : kind.getEnumConstants()) {
            all.add(recorded.getOrDefault(check,
                    new Check(check.id(), Check.Outcome.NOT_REACHED, "not judged: an earlier check failed")));
        }
        return all;
    }
}
