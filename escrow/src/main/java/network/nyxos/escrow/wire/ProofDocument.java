package network.nyxos.escrow.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.tree.CreditNode;
import software.sava.core.accounts.PublicKey;

/// What a payee needs to claim (`GET /v1/proofs/{mint}/{payee}/{kind}`, protocol §9).
///
/// @param seq        the final batch
/// @param batch      its account
/// @param index      the leaf's place
/// @param payeeCount the number of leaves
/// @param cumulative credited for all time, base units
/// @param proof      the audit path
public record ProofDocument(long seq, PublicKey batch, int index, int payeeCount, long cumulative, List<CreditNode> proof) {
    private static final String MALFORMED = "proof_malformed";

    /// Copies the list.
    public ProofDocument {
        proof = List.copyOf(proof);
    }

    /// @throws ProtocolException `proof_malformed`
    public static ProofDocument decode(byte[] bytes) {
        Json json = Json.parse(bytes, "", MALFORMED);
        var document = new ProofDocument(json.longNumber("seq"), json.key("batch"), json.number("index", 0, Integer.MAX_VALUE),
            json.number("payeeCount", 1, Integer.MAX_VALUE), json.amount("cumulative"),
            json.objects("proof", step -> new CreditNode(step.hash("hash"), step.amount("sum"))));
        json.end();
        return document;
    }

    /// Writes the JSON object.
    public byte[] encode() {
        ObjectNode json = Json.object().put("seq", seq).put("batch", batch.toBase58()).put("index", index).put("payeeCount", payeeCount)
            .put("cumulative", Long.toString(cumulative));
        ArrayNode steps = json.putArray("proof");
        proof.forEach(step -> steps.addObject().put("hash", step.hash().hex()).put("sum", Long.toString(step.sum())));
        return Json.bytes(json);
    }
}
