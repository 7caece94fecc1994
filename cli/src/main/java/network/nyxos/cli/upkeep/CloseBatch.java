package network.nyxos.cli.upkeep;

import java.util.List;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Batch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Closes a batch's account. */
@Command(name = "close", mixinStandardHelpOptions = true, sortOptions = false, description = "Closes a batch that is void, or final with a later final one; its rent goes back. --wallet is who paid that rent: the operator that posted it.")
final class CloseBatch extends Upkeep {

    @Parameters(paramLabel = "SEQ", description = "Its number.")
    private long seq;

    @Mixin
    private Consent consent;

    @Override
    void run(PoolAt pool) {
        Batch batch = pool.require(seq);
        if (batch.state() != PoolAt.VOID && (batch.state() != PoolAt.FINAL || seq >= pool.account().finalSeq())) {
            throw new StackException("batch_needed", "batch " + seq + " is " + PoolAt.STATES.get(batch.state() - 1) + " and still needed: "
                    + (batch.state() == PoolAt.FINAL ? "its credits are claimed until a later batch is final" : "it is in its window"));
        }
        Keypair owner = wallet();
        if (!owner.publicKey().equals(batch.rentPayer())) {
            throw new StackException("rent_payer_other", "the rent of batch " + seq + " was paid by " + batch.rentPayer() + ", who alone can close it; the wallet is " + owner.publicKey());
        }
        consent.ask(out(), List.of("from the slot in which it is confirmed receipts of batch " + seq + " are proven by the history of its posting alone",
                "`nyxos verify` of its jobs then fails unless its account is still read from an archive"));
        Signature signature = pool.chain().send("close batch " + seq, List.of(pool.calls().closeBatch(owner.publicKey(), seq)), feePayer(), owner);
        done("batch " + seq + " closed, its rent went to " + owner.publicKey(), signature);
    }
}
