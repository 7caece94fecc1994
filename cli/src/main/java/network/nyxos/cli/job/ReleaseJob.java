package network.nyxos.cli.job;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Sending;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.money.Split;
import network.nyxos.escrow.program.escrow.Job;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.token.Tokens;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import software.sava.core.accounts.PublicKey;

/** Releases an amount to its node. */
@Command(name = "release", mixinStandardHelpOptions = true, sortOptions = false, description = {"Releases of a job's amount to its node. --wallet is the payer's. It cannot be taken back.",
        "TOTAL counts from the job's opening, so the same command sent twice pays once."})
final class ReleaseJob extends Sending {

    @Parameters(index = "0", paramLabel = "JOB", description = "Its address.")
    private String job;

    @Parameters(index = "1", paramLabel = "TOTAL", arity = "0..1", description = "What shall have been released in the job's whole life, for example 1.5.")
    private Optional<String> total = Optional.empty();

    @Option(names = "--all", description = "Everything that is locked, in place of TOTAL.")
    private boolean all;

    @Override
    protected void run(ChainSession chain) {
        if (total.isPresent() == all) {
            throw new StackException("total_missing", "how much? Give TOTAL, or --all, and not both");
        }
        Locked locked = Locked.at(chain, job);
        Job its = locked.account();
        Mint mint = locked.mint();
        long cumulative = total.map(text -> Decimals.parsePositive(text, mint)).orElse(its.amount());
        Keypair payer = wallet();
        if (!payer.publicKey().equals(its.payer())) {
            throw new StackException("payer_other", "job " + locked.address() + " is " + its.payer() + "'s, the wallet is " + payer.publicKey());
        }
        if (cumulative > its.amount()) {
            throw new StackException("job_exceeded", "job " + locked.address() + " has " + mint.text(its.amount()) + " locked, that is less than " + mint.text(cumulative));
        }
        if (cumulative <= its.released()) {
            out().println("released already: " + mint.text(its.released()) + " in all; nothing was sent");
            return;
        }
        Node node = chain.node(its.nodeKey());
        if (BondState.of(node.state()) == BondState.SLASHED) {
            throw new StackException("node_slashed", "node " + its.nodeKey() + " was slashed and is paid nothing; what is left goes back from slot " + locked.refundFrom());
        }
        PublicKey treasury = chain.market().treasury();
        Keypair fees = feePayer();
        Signature signature = chain.send("release of job " + locked.address(), List.of(
                Tokens.createAssociated(fees.publicKey(), node.payout(), mint.address(), mint.tokenProgram()), Tokens.createAssociated(fees.publicKey(), treasury, mint.address(), mint.tokenProgram()),
                chain.pool(mint).releaseJob(payer.publicKey(), locked.address(), its.nodeKey(), node.payout(), treasury, cumulative)), fees, payer);
        // Fees are cut from the whole, so that many releases cost what one does.
        long fee = Split.of(cumulative, its.feeBps(), 0).fee() - Split.of(its.released(), its.feeBps(), 0).fee();
        done(mint.text(cumulative - its.released() - fee) + " paid to " + node.payout() + ", fee " + mint.text(fee) + "; " + mint.text(its.amount() - cumulative) + " left in the job", signature);
    }
}
