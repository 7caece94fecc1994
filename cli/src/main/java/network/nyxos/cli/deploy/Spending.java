package network.nyxos.cli.deploy;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.Submission;
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
        return Submission.of(chain, programs, Attachment.keypair(payer), price);
    }

    /**
     * Tells the price and asks.
     *
     * @param stays lamports that will have been spent
     * @param peak  lamports that are needed on the way
     * @throws network.nyxos.cli.up.StackException {@code sol_insufficient}, {@code yes_missing}
     */
    void agree(Submission submission, long stays, long peak, PrintWriter out) {
        submission.agree(stays, peak, yes, out);
    }
}
