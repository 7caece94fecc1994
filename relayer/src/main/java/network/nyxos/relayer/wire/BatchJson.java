package network.nyxos.relayer.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.job.Assignment;
import network.nyxos.escrow.job.Finish;
import network.nyxos.escrow.job.Receipt;
import network.nyxos.escrow.job.SignedAssignment;
import network.nyxos.escrow.job.SignedReceipt;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.wire.PaymentRecord;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.gate.Evidence;
import network.nyxos.relayer.gate.Replay;
import network.nyxos.relayer.gate.Sample;

/// A batch document in JSON.
public final class BatchJson {
    private BatchJson() {
    }

    /// Writes the whole document, with its roots.
    public static ObjectNode write(BatchDocument batch) {
        BatchDocument.Header header = batch.header();
        ObjectNode json = Fields.object().put("pool", batch.pool().toBase58()).put("mint", batch.mint().toBase58()).put("seq", batch.seq())
            .put("base", batch.base());
        json.set("split", split(batch.rules()));
        ArrayNode served = json.putArray("receipts");
        batch.served().forEach(job -> served.add(served(job)));
        ArrayNode failed = json.putArray("failed");
        batch.failed().forEach(job -> failed.addObject().put("job", job.job().hex()).put("reason", job.reason()).set("payment", payment(job.payment())));
        ArrayNode unearned = json.putArray("unearned");
        batch.unearned().forEach(left -> unearned.addObject().put("escrow", left.escrow().toBase58()).put("payer", left.payer().toBase58())
            .put("amount", Long.toString(left.amount())));
        ArrayNode evidence = json.putArray("evidence");
        batch.evidence().forEach(item -> evidence.add(EvidenceJson.write(item)));
        ArrayNode credits = json.putArray("credits");
        batch.credits().forEach(credit -> credits.addObject().put("payee", credit.payee().toBase58()).put("kind", credit.kind().wireName())
            .put("cumulative", Long.toString(credit.cumulative())));
        return json.put("receiptsRoot", header.receiptsRoot().hex()).put("receiptsCount", header.receiptsCount())
            .put("creditRoot", header.credits().hash().hex()).put("creditSum", Long.toString(header.credits().sum())).put("payeeCount", header.payeeCount());
    }

    /// Reads a document and checks that the roots it names are those of its content.
    ///
    /// @throws ProtocolException `batch_roots`, or with the code of what is malformed
    public static BatchDocument read(Fields json) {
        var batch = new BatchDocument(json.key("pool"), json.key("mint"), json.amount("seq"), json.amount("base"), split(json.child("split")),
            json.list("receipts", BatchJson::served), json.list("failed", BatchJson::failed), json.list("unearned", BatchJson::unearned), json.list("evidence", EvidenceJson::read), json.list("credits", BatchJson::credit));
        BatchDocument.Header header = batch.header();
        boolean same = header.receiptsRoot().equals(json.hash("receiptsRoot")) && header.receiptsCount() == json.count("receiptsCount")
            && header.credits().equals(new CreditNode(json.hash("creditRoot"), json.amount("creditSum"))) && header.payeeCount() == json.count("payeeCount");
        if (!same) {
            throw new ProtocolException("batch_roots", "the roots named are not those of the content");
        }
        return batch;
    }

    private static ObjectNode served(BatchDocument.Served job) {
        ObjectNode json = Fields.object();
        papers(json, job.receipt(), job.assignment());
        json.set("payment", payment(job.payment()));
        job.sample().ifPresent(sample -> json.putObject("sample").put("rate", sample.ratePpm()).put("recordedSlot", sample.recordedSlot())
            .put("slot", sample.slot()).put("hash", sample.hash().hex()).put("sampled", sample.draws(job.job())));
        job.replay().ifPresent(replay -> json.set("replay", replay(replay)));
        return json;
    }

    /// Adds a signed receipt and the signed assignment that it answers.
    static void papers(ObjectNode json, SignedReceipt receipt, SignedAssignment assignment) {
        json.put("receipt", base64(receipt.receipt().encode())).put("signature", receipt.signature().base64())
            .put("assignment", base64(assignment.assignment().encode())).put("assignmentSignature", assignment.signature().base64());
    }

    /// A second node's statement.
    static ObjectNode replay(Replay replay) {
        return Fields.object().put("node", replay.node().toBase58()).put("order", replay.order().hex()).put("outputHash", replay.outputHash().hex()).put("traceRoot", replay.traceRoot().hex())
            .put("finish", replay.finish().wireName()).put("signature", replay.signature().base64());
    }

    static Replay replay(Fields json) {
        return new Replay(json.key("node"), json.hash("order"), json.hash("outputHash"), json.hash("traceRoot"), Finish.ofWireName(json.text("finish")), json.signature("signature"));
    }

    /// The signed assignment in members `assignment` and `assignmentSignature`.
    static SignedAssignment assignment(Fields json) {
        return new SignedAssignment(Assignment.decode(json.base64("assignment")), json.signature("assignmentSignature"));
    }

    private static BatchDocument.Served served(Fields json) {
        Optional<Sample> sample = json.maybe("sample").map(s -> new Sample(s.count("rate"), s.amount("recordedSlot"), s.amount("slot"), s.hash("hash")));
        return new BatchDocument.Served(receipt(json), assignment(json), payment(json), sample, json.maybe("replay").map(BatchJson::replay));
    }

    private static ObjectNode payment(PaymentRecord payment) {
        return Fields.parse(payment.encode()).node();
    }

    private static PaymentRecord payment(Fields json) {
        return PaymentRecord.decode(json.child("payment").node().toString().getBytes(StandardCharsets.UTF_8));
    }

    /// The signed receipt in members `receipt` and `signature`.
    public static SignedReceipt receipt(Fields json) {
        return new SignedReceipt(Receipt.decode(json.base64("receipt")), json.signature("signature"));
    }

    private static BatchDocument.Failed failed(Fields json) {
        if (payment(json) instanceof PaymentRecord.Exact exact) {
            if (!exact.jobId().equals(json.hash("job"))) {
                throw new ProtocolException("record_job", "the payment belongs to job " + exact.jobId());
            }
            return new BatchDocument.Failed(json.hash("job"), json.text("reason"), exact);
        }
        throw new ProtocolException("payment_kind", "only an exact payment goes back");
    }

    private static BatchDocument.Unearned unearned(Fields json) {
        return new BatchDocument.Unearned(json.key("escrow"), json.key("payer"), json.amount("amount"));
    }

    private static ObjectNode split(CreditRules rules) {
        ObjectNode json = Fields.object().put("slot", rules.slot()).put("feeBps", rules.feeBps()).put("treasury", rules.treasury().toBase58());
        ArrayNode royalties = json.putArray("royalties");
        rules.royalties().forEach(royalty -> royalties.addObject().put("model", royalty.model().hex()).put("bps", royalty.bps()).put("payee", royalty.payee().toBase58()));
        return json;
    }

    private static CreditRules split(Fields json) {
        return new CreditRules(json.amount("slot"), json.count("feeBps"), json.key("treasury"),
            json.list("royalties", royalty -> new CreditRules.Royalty(royalty.hash("model"), royalty.count("bps"), royalty.key("payee"))));
    }

    private static Credit credit(Fields json) {
        return new Credit(json.key("payee"), kind(json.text("kind")), json.amount("cumulative"));
    }

    /// @throws ProtocolException `credit_kind_unknown`
    public static CreditKind kind(String wireName) {
        return List.of(CreditKind.values()).stream().filter(kind -> kind.wireName().equals(wireName)).findFirst()
            .orElseThrow(() -> new ProtocolException("credit_kind_unknown", "a credit kind is node, royalty, validator, treasury or refund"));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
