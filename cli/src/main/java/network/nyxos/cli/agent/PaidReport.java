package network.nyxos.cli.agent;

import java.io.PrintWriter;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.gateway.client.ChatReply;

/**
 * What a payer wants to know of a reply.
 *
 * @param reply   the reply
 * @param mint    what was paid in
 */
record PaidReport(ChatReply reply, Mint mint) {

    /** Prints it, a line a fact. */
    void print(PrintWriter err) {
        Receipt receipt = reply.receipt().receipt();
        err.println("cost         " + mint.text(reply.charge()) + " (" + receipt.tokensIn() + " tokens in, " + receipt.tokensOut() + " out)");
        err.println("job          " + receipt.jobId().hex());
        err.println("receipt      " + receipt.hash().hex());
        err.println("node         " + receipt.node().toBase58() + ", " + receipt.tier().wireName());
        err.println("transaction  " + reply.transaction().orElseGet(() -> "none: paid by voucher"
                + (reply.used().isPresent() ? ", of the escrow " + mint.text(reply.used().getAsLong()) + " are used" : "")));
        err.flush();
    }
}
