package network.nyxos.cli.model;

import java.io.PrintWriter;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Showing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a model. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows a model of the registry.")
final class ShowModel extends Showing {

    @Parameters(paramLabel = "MODEL", description = "Its id, 64 hex digits.")
    private String model;

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        Published.of(chain, Attachment.hash("MODEL", model)).sheet().print(out, json);
    }
}
