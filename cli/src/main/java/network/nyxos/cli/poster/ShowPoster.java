package network.nyxos.cli.poster;

import java.io.PrintWriter;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Showing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a poster's bond. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows what who posts batches has at stake.")
final class ShowPoster extends Showing {

    @Parameters(paramLabel = "OPERATOR", arity = "0..1", description = "Who posts (default: the market's operator).")
    private Optional<String> operator = Optional.empty();

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        Stake.of(chain, operator.map(text -> Attachment.key("OPERATOR", text)).orElseGet(() -> chain.market().operator())).sheet().print(out, json);
    }
}
