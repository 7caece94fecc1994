package network.nyxos.cli.deploy;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.up.Amounts;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import picocli.CommandLine.Option;

/** Options of every command that spends lamports, and the rule that none is spent before its price was told and agreed to. */
final class Spending {

    @Option(names = "--rpc", paramLabel = "URL", required = true, description = "The cluster's JSON-RPC.")
    private URI rpc;

    @Option(names = "--payer", paramLabel = "FILE", required = true, description = "Keypair file of whoever pays fees and rent.")
    private Path payer;

    @Option(names = "--priority-fee", paramLabel = "N", defaultValue = "0", description = "Millionths of a lamport for a compute unit, on a busy cluster (default: ${DEFAULT-VALUE}).")
    private long price;

    @Option(names = "--yes", description = "Spend what was told. Without it nothing is sent.")
    private boolean yes;

    /** Connects. The caller closes it. */
    SolanaRpc connect() {
        return SolanaRpc.connect(rpc);
    }

    /** Sends in the payer's name. */
    Submission submission(SolanaRpc chain, Programs programs) {
        if (price < 0 || price > 1_000_000_000_000L) {
            throw new StackException("priority_fee_range", "--priority-fee is 0 to 1000000000000 millionths of a lamport, not " + price);
        }
        Keypair keypair = Attachment.keypair(payer);
        return new Submission(chain, programs, keypair, price);
    }

    /**
     * Tells the price and asks.
     *
     * @param stays lamports that will have been spent
     * @param peak  lamports that are needed on the way
     * @throws StackException {@code sol_insufficient}, {@code yes_missing}
     */
    void agree(Submission submission, long stays, long peak, PrintWriter out) {
        long balance = submission.rpc().balance(submission.payer().publicKey(), Commitment.CONFIRMED);
        out.println("costs " + lamports(stays) + ", needs " + lamports(peak) + " on the way; " + submission.payer().publicKey() + " has " + lamports(balance));
        out.flush();
        if (balance < peak) {
            throw new StackException("sol_insufficient", submission.payer().publicKey() + " has " + lamports(balance) + " and needs " + lamports(peak) + "; send it "
                    + lamports(peak - balance) + " more. Nothing was spent");
        }
        if (!yes) {
            throw new StackException("yes_missing", "nothing was sent; run it again with --yes to do what is written above");
        }
    }

    private static String lamports(long amount) {
        return amount + " lamports (" + Amounts.text(amount, 9, "SOL") + ")";
    }
}
