package network.nyxos.cli.upkeep;

import java.io.PrintWriter;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Showing;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.escrow.Batch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a batch. */
@Command(name = "show", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows a batch as the chain has it: its state, its roots, what it credits, from when it is final.")
final class ShowBatch extends Showing {

    @Parameters(paramLabel = "SEQ", arity = "0..1", description = "Its number (default: the one in its window, else the last final one).")
    private Optional<Long> seq = Optional.empty();

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Override
    protected void show(ChainSession chain, PrintWriter out, boolean json) {
        PoolAt pool = PoolAt.of(chain, attachment().mint(mint));
        long number = seq.orElse(pool.account().pendingSeq() != 0 ? pool.account().pendingSeq() : pool.account().finalSeq());
        if (number == 0) {
            throw new StackException("batch_none", "no batch of " + pool.mint().symbol() + " was posted yet");
        }
        Batch batch = pool.require(number);
        long slot = chain.slot();
        new Sheet().put("batch", number, Long.toString(number)).put("address", pool.calls().batch(number)).put("mint", pool.mint().address())
                .put("state", PoolAt.STATES.get(batch.state() - 1)).put("final from", batch.finalSlot(), Slots.from(batch.finalSlot(), slot))
                .put("posted", batch.postedSlot(), "in slot " + batch.postedSlot()).put("poster", batch.poster()).put("receipts", batch.receiptsCount(), Long.toString(batch.receiptsCount()))
                .put("receipts root", batch.receiptsRoot().hex()).put("payees", batch.payeeCount(), Long.toString(batch.payeeCount())).put("credits root", batch.creditRoot().hex())
                .put("credited", batch.creditSum(), pool.mint()).print(out, json);
    }
}
