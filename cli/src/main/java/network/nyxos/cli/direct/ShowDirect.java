package network.nyxos.cli.direct;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.chain.AccountFilter;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.escrow.program.escrow.Direct;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows records. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows the record of a job that its node settled by itself, or all of the market's.")
final class ShowDirect extends Showing {

    @Parameters(paramLabel = "RECORD", arity = "0..1", description = "Its address (default: all of the market).")
    private Optional<String> record = Optional.empty();

    @Option(names = "--node", paramLabel = "KEY", description = "Only of this node.")
    private Optional<String> node = Optional.empty();

    @Option(names = "--escrow", paramLabel = "ADDRESS", description = "Only of this escrow.")
    private Optional<String> escrow = Optional.empty();

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        long slot = chain.slot();
        if (record.isPresent()) {
            DirectAt.require(chain, record.get()).sheet(slot).print(out, json);
            return;
        }
        AccountFilter[] filters = Stream.of(node.map(text -> AccountFilter.key(Direct.OFFSET_NODE_KEY, Attachment.key("--node", text))),
                escrow.map(text -> AccountFilter.key(Direct.OFFSET_ESCROW, Attachment.key("--escrow", text)))).flatMap(Optional::stream).toArray(AccountFilter[]::new);
        Sheet.print(DirectAt.all(chain, filters).stream().map(each -> each.sheet(slot)).toList(), "there are no such records in market " + chain.address(), out, json);
    }
}
