package network.nyxos.relayer.wire;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import network.nyxos.relayer.batch.VerifierSignature;

/// A quorum's signatures in JSON: `{"signatures":[{verifier, signature b64}]}`.
public final class SignaturesJson {
    private SignaturesJson() {
    }

    /// Writes what {@link #read} reads.
    public static String write(List<VerifierSignature> signatures) {
        ObjectNode json = Fields.object();
        ArrayNode list = json.putArray("signatures");
        signatures.forEach(item -> list.addObject().put("verifier", item.verifier().toBase58()).put("signature", item.signature().base64()));
        return json.toString();
    }

    /// @throws network.nyxos.escrow.ProtocolException when it is malformed
    public static List<VerifierSignature> read(String json) {
        return Fields.parse(json).list("signatures", item -> new VerifierSignature(item.key("verifier"), item.signature("signature")));
    }
}
