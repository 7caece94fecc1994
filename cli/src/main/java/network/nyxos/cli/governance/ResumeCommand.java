package network.nyxos.cli.governance;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Lets new money in again. */
@Command(name = "resume", mixinStandardHelpOptions = true, sortOptions = false, description = "Lets new money in again, at once.")
final class ResumeCommand extends Governing {

    @ParentCommand
    private Governance parent;

    @Override
    protected Optional<Change> plan(ChainSession chain) {
        Governed governed = parent.governed(chain);
        if (!governed.paused()) {
            tell(governed.kind() + " " + governed.address() + " is not paused");
            return Optional.empty();
        }
        return Optional.of(Change.by(governed.authority(), "resume " + governed.kind() + " " + governed.address(),
                List.of("from the slot in which it is confirmed, everything that was refused is taken again"), governed.setPaused(false)));
    }
}
