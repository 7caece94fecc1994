package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.Check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Records how the checks of one kind of evidence came out. A failure is never overwritten; a check nobody recorded was not reached, and
 * that refuses the evidence as a failure does.
 *
 * @param <C> the checks of that kind, in the order of the verdict
 */
public final class Checklist<C extends Enum<C>> {
    private final Collection<C> expected;
    private final Function<C, String> id;
    private final Map<C, Check> recorded;

    /**
     * @param type     the checks
     * @param expected those of them that the verdict must hold, in order
     * @param id       their stable ids
     */
    public Checklist(Class<C> type, Collection<C> expected, Function<C, String> id) {
        this.expected = List.copyOf(expected);
        this.id = id;
        this.recorded = new EnumMap<>(type);
    }

    /** Records {@code check} as failed with {@code problem}, or as passed with {@code found}. Returns true when it passed. */
    public boolean record(C check, Optional<String> problem, Supplier<String> found) {
        Check before = recorded.get(check);
        if (before == null || before.passed()) {
            recorded.put(check, problem
                    .map(why -> new Check(id.apply(check), Check.Outcome.FAILED, why))
                    .orElseGet(() -> new Check(id.apply(check), Check.Outcome.PASSED, found.get())));
        }
        return problem.isEmpty();
    }

    /** Records {@code check} as passed when {@code holds}. Returns {@code holds}. */
    public boolean require(C check, boolean holds, Supplier<String> found, Supplier<String> why) {
        return record(check, holds ? Optional.empty() : Optional.of(why.get()), found);
    }

    /** Records {@code check} as failed. */
    public void fail(C check, String why) {
        record(check, Optional.of(why), () -> "");
    }

    /** True when {@code check} was recorded as passed. */
    public boolean passed(C check) {
        return recorded.containsKey(check) && recorded.get(check).passed();
    }

    /** Every expected check in order, those never recorded as not reached. */
    public List<Check> all() {
        List<Check> all = new ArrayList<>();
        for (C check : expected) {
            all.add(recorded.getOrDefault(check, new Check(id.apply(check), Check.Outcome.NOT_REACHED, "not judged: an earlier check failed")));
        }
        return all;
    }
}
