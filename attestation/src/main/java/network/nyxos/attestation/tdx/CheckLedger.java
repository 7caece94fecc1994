package network.nyxos.attestation.tdx;

import network.nyxos.attestation.verdict.Check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Records how checks came out. A failure is never overwritten; a check nobody recorded was not reached. */
final class CheckLedger {
    private final Map<TdxCheck, Check> recorded = new EnumMap<>(TdxCheck.class);

    /** Records {@code check} as failed with {@code problem}, or as passed with {@code found}. Returns true when it passed. */
    boolean record(TdxCheck check, Optional<String> problem, Supplier<String> found) {
        Check before = recorded.get(check);
        if (before == null || before.passed()) {
            recorded.put(check, problem
                    .map(why -> new Check(check.id(), Check.Outcome.FAILED, why))
                    .orElseGet(() -> new Check(check.id(), Check.Outcome.PASSED, found.get())));
        }
        return problem.isEmpty();
    }

    /** Records {@code check} as passed when {@code holds}. */
    boolean require(TdxCheck check, boolean holds, Supplier<String> found, Supplier<String> why) {
        return record(check, holds ? Optional.empty() : Optional.of(why.get()), found);
    }

    boolean passed(TdxCheck... checks) {
        for (TdxCheck check : checks) {
            Check outcome = recorded.get(check);
            if (outcome == null || !outcome.passed()) {
                return false;
            }
        }
        return true;
    }

    List<Check> all() {
        List<Check> all = new ArrayList<>();
        for (TdxCheck check : TdxCheck.values()) {
            all.add(recorded.getOrDefault(check,
                    new Check(check.id(), Check.Outcome.NOT_REACHED, "not judged: an earlier check failed")));
        }
        return all;
    }
}
