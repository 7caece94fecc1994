package network.nyxos.gateway.web;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Locale;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.gateway.job.Job;
import network.nyxos.gateway.store.JobStore;

/// A job as it is shown.
final class JobView {
    private final JobStore jobs;

    /// @param jobs where receipts are
    JobView(JobStore jobs) {
        this.jobs = jobs;
    }

    ObjectNode of(Job job) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("job", job.id().hex()).put("state", job.state().wireName()).put("reason", job.reason())
            .put("charge", Long.toString(job.charge())).put("ceiling", Long.toString(job.ceiling())).put("mint", job.payment().mint().toBase58())
            .put("payment", job.kind().name().toLowerCase(Locale.ROOT));
        job.assignment().ifPresentOrElse(signed -> node.put("node", signed.assignment().node().toBase58()), () -> node.putNull("node"));
        job.tier().ifPresentOrElse(tier -> node.put("tier", tier.wireName()), () -> node.putNull("tier"));
        if (job.payment() instanceof PaymentRecord.Exact exact) {
            node.put("transaction", exact.transaction().base58());
        }
        jobs.receipt(job.id()).ifPresent(receipt -> node.put("receipt", Base64.getEncoder().encodeToString(receipt.receipt().encode()))
            .put("receiptSignature", receipt.signature().base64()));
        return node;
    }
}
