package network.nyxos.cli.agent;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.cli.up.Mint;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.gateway.client.ChatReply;
import network.nyxos.gateway.client.EmbeddingReply;
import network.nyxos.gateway.client.ReceiptSigner;
import network.nyxos.gateway.client.ServiceReply;
import network.nyxos.gateway.client.TrustedNode;

/**
 * What a payer wants to know of a purchase.
 *
 * @param signed      the node's account
 * @param counted     what it counts, for people
 * @param signer      what is known of who signed it
 * @param sealedTo    the node that alone could read it
 * @param transaction the payment's; empty for a voucher
 * @param used        of the escrow, base units
 * @param mint        what was paid in
 */
record PaidReport(SignedReceipt signed, String counted, ReceiptSigner signer, Optional<TrustedNode> sealedTo, Optional<String> transaction, OptionalLong used, Mint mint) {

    /** Of a chat. */
    static PaidReport of(ChatReply reply, Mint mint) {
        return new PaidReport(reply.receipt(), tokens(reply.receipt().receipt()), reply.signer(), reply.sealedTo(), reply.transaction(), reply.used(), mint);
    }

    /** Of embeddings. */
    static PaidReport of(EmbeddingReply reply, Mint mint) {
        return new PaidReport(reply.receipt(), tokens(reply.receipt().receipt()), reply.signer(), Optional.empty(), reply.transaction(), reply.used(), mint);
    }

    /** Of a service. */
    static PaidReport of(ServiceReply reply, Mint mint) {
        return new PaidReport(reply.receipt(), "1 call", reply.signer(), Optional.empty(), reply.transaction(), reply.used(), mint);
    }

    private static String tokens(Receipt receipt) {
        return receipt.tokensIn() + " tokens in, " + receipt.tokensOut() + " out";
    }

    /** Prints it, a line a fact. */
    void print(PrintWriter err) {
        Receipt receipt = signed.receipt();
        err.println("cost         " + mint.text(receipt.charge()) + " (" + counted + ")");
        err.println("job          " + receipt.jobId().hex());
        err.println("receipt      " + receipt.hash().hex());
        err.println("node         " + receipt.node().toBase58() + ", " + receipt.tier().wireName());
        err.println("signature    " + switch (signer) {
            case ReceiptSigner.Registered ignored -> "the receipt is signed by the key that the registry on chain has for the node";
            case ReceiptSigner.Attested ignored -> "the receipt is signed by the key that the node's evidence binds; the chain was not asked (--rpc, --market)";
            case ReceiptSigner.Unknown unknown -> "NOT CHECKED, " + unknown.why() + " (--rpc, --market)";
        });
        sealedTo.ifPresentOrElse(node -> sealed(err, node), () -> err.println("sealed       no: the gateway could read prompt and reply"));
        err.println("transaction  " + transaction.orElseGet(() -> "none: paid by voucher" + (used.isPresent() ? ", of the escrow " + mint.text(used.getAsLong()) + " are used" : "")));
        err.flush();
    }

    private static void sealed(PrintWriter err, TrustedNode node) {
        Verdict verdict = node.verdict();
        err.println("sealed       yes, by " + switch (node.sealing().suite()) {
            case X_WING -> "x-wing (X25519 and ML-KEM-768)";
            case X25519 -> "x25519, which a quantum computer would open";
        } + ": only this node's TEE could read the prompt, only you the reply");
        err.println("evidence     " + verdict.summary()
                + verdict.checks().stream().filter(check -> check.id().endsWith(".policy.measurement")).map(check -> "; measurement: " + check.detail()).collect(Collectors.joining()));
        if (node.development()) {
            err.println("             DEVELOPMENT TEE: made for testing, whoever runs the node can read everything");
        }
    }
}
