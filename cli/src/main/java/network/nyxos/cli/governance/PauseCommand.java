package network.nyxos.cli.governance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Stops new money. */
@Command(name = "pause", mixinStandardHelpOptions = true, sortOptions = false, description = "Stops new money from coming in, at once. Never stops money from going out.")
final class PauseCommand extends Governing {

    @ParentCommand
    private Governance parent;

    @Override
    protected Optional<Change> plan(ChainSession chain) {
        Governed governed = parent.governed(chain);
        if (governed.paused()) {
            tell(governed.kind() + " " + governed.address() + " is paused already");
            return Optional.empty();
        }
        var holds = new ArrayList<>(List.of("from the slot in which it is confirmed, until `nyxos " + governed.kind() + " resume`:"));
        holds.addAll(governed.stops());
        return Optional.of(Change.by(governed.authority(), "pause " + governed.kind() + " " + governed.address(), holds, governed.setPaused(true)));
    }
}
