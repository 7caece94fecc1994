package network.nyxos.cli.upkeep;

import java.util.List;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Batch;
import picocli.CommandLine.Command;

/** Makes a batch final. */
@Command(name = "finalize", mixinStandardHelpOptions = true, sortOptions = false, description = "Makes the batch that is in its window final when the window is over, so that what it credits can be claimed.")
final class FinalizeBatch extends Upkeep {

    @Override
    void run(PoolAt pool) {
        long seq = pool.account().pendingSeq();
        if (seq == 0) {
            out().println("no batch of " + pool.mint().symbol() + " waits to become final");
            return;
        }
        Batch batch = pool.require(seq);
        long slot = pool.chain().slot();
        if (slot < batch.finalSlot()) {
            throw new StackException("batch_too_early", "batch " + seq + " can become final from " + Slots.from(batch.finalSlot(), slot) + "; until then the verifiers can void it");
        }
        Signature signature = pool.chain().send("make batch " + seq + " final", List.of(pool.calls().finalizeBatch(seq)), feePayer());
        done("batch " + seq + " is final: " + pool.mint().text(batch.creditSum()) + " credited to " + batch.payeeCount() + " payees since the first batch", signature);
    }
}
