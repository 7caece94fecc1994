package network.nyxos.cli.dispute;

import java.io.PrintWriter;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Showing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows where a dispute stands. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows where a dispute stands, and who is to move until when.")
final class ShowDispute extends Showing {

    @Parameters(paramLabel = "DISPUTE", description = "Its address.")
    private String dispute;

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        DisputeAt.require(chain, dispute).sheet(chain.slot()).print(out, json);
    }
}
