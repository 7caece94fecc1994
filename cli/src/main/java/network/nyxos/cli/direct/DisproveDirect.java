package network.nyxos.cli.direct;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.check.BatchFiles;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Batch;
import network.nyxos.relayer.batch.BatchDocument;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Disproves a record. */
@Command(name = "disprove", mixinStandardHelpOptions = true, sortOptions = false, description = {
        "Voids the record of a job that a batch pays already, with the job's receipt in that batch. Anybody may, in the record's window; the relayer does it for its own batches.",
        "The batch's document comes from the relayer, or from a file; its roots must be the chain's."})
final class DisproveDirect extends Sending {

    private static final int VOID = 3;

    @Parameters(index = "0", paramLabel = "RECORD", description = "Its address.")
    private String record;

    @Parameters(index = "1", paramLabel = "SEQ", description = "The batch that pays the job.")
    private long seq;

    @Option(names = "--batch", paramLabel = "FILE", description = "The batch's document (default: the relayer's).")
    private Optional<Path> batch = Optional.empty();

    @Override
    protected void run(ChainSession chain) {
        DirectAt direct = DirectAt.require(chain, record).requireVoidable();
        Batch onChain = chain.owned(direct.calls().batch(seq), chain.programs().escrow()).map(account -> Batch.decode(account.data()))
                .orElseThrow(() -> new StackException("batch_unknown", "there is no batch " + seq + " of " + direct.mint().symbol() + " on chain (any more)"));
        if (onChain.state() == VOID) {
            throw new StackException("batch_void", "batch " + seq + " is void and pays nothing");
        }
        BatchDocument document = BatchFiles.of(batch, attachment(), direct.mint().address(), seq);
        if (!document.receiptsRoot().equals(onChain.receiptsRoot())) {
            throw BatchFiles.other(batch, seq, direct.mint(), "receipts root");
        }
        BatchDocument.Proven paid = document.receipt(direct.account().job())
                .orElseThrow(() -> new StackException("job_not_batched", "batch " + seq + " does not pay job " + direct.account().job() + ": it disproves nothing"));
        Signature signature = chain.send("disprove " + direct.address(), List.of(direct.calls().disproveDirect(direct.address(), seq, paid.receipt().encode(), paid.index(), paid.proof())),
                feePayer());
        done("record " + direct.address() + " is void: batch " + seq + " pays job " + direct.account().job() + "; `nyxos direct return` gives " + direct.mint().text(direct.account().charge())
                + " back to its payer", signature);
    }
}
