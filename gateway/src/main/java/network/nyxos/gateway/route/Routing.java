package network.nyxos.gateway.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which nodes a job was given to and why, in order. For one thread.
public final class Routing {
    private final List<Step> steps = new ArrayList<>();

    /// A node that was given the job.
    ///
    /// @param choice why
    /// @param said   the same as a response header says it; the node's assignment commits to these words
    /// @param failed the stable code of how it failed; empty: it has not
    public record Step(Choice choice, String said, Optional<String> failed) {
    }

    /// A node is given the job.
    ///
    /// @return the words for it
    public String chosen(Choice choice) {
        String said = choice.header(steps.size() + 1);
        steps.add(new Step(choice, said, Optional.empty()));
        return said;
    }

    /// The node that was chosen last failed the job.
    public void failed(String code) {
        Step last = steps.removeLast();
        steps.addLast(new Step(last.choice, last.said, Optional.of(code)));
    }

    /// The steps so far.
    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /// The last choice as a response header says it; empty before the first.
    public Optional<String> header() {
        return steps.isEmpty() ? Optional.empty() : Optional.of(steps.getLast().said);
    }
}
