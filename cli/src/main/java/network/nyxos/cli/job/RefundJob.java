package network.nyxos.cli.job;

import java.util.List;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.escrow.Job;
import network.nyxos.escrow.token.Tokens;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Gives back what is left. */
@Command(name = "refund", mixinStandardHelpOptions = true, sortOptions = false, description = {"Gives what a job has left back to its payer, from its deadline on, and closes it.",
        "Anybody may send it; --wallet pays the fee only."})
final class RefundJob extends Sending {

    @Parameters(paramLabel = "JOB", description = "Its address.")
    private String job;

    @Override
    protected void run(ChainSession chain) {
        Locked locked = Locked.at(chain, job);
        Job its = locked.account();
        long slot = chain.slot();
        if (slot < locked.refundFrom()) {
            throw new StackException("refund_too_early", "job " + locked.address() + (locked.left() > 0 ? " gives back what is left from its deadline, " : " can be closed from ")
                    + Slots.from(locked.refundFrom(), slot));
        }
        Mint mint = locked.mint();
        Keypair fees = feePayer();
        Signature signature = chain.send("refund of job " + locked.address(), List.of(Tokens.createAssociated(fees.publicKey(), its.payer(), mint.address(), mint.tokenProgram()),
                chain.pool(mint).refundJob(locked.address(), its.payer(), its.rentPayer())), fees);
        done(mint.text(locked.left()) + " went back to " + its.payer() + ", the job is closed", signature);
    }
}
