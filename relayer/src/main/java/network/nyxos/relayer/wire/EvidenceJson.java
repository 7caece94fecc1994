package network.nyxos.relayer.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.program.registry.Measurement;
import network.nyxos.relayer.attest.RecordDraft;
import network.nyxos.relayer.gate.Evidence;

/// Evidence of a node's TEE as JSON: in batches (docs/protocol.md §11), and in what verifiers are asked to have recorded.
public final class EvidenceJson {
    private EvidenceJson() {
    }

    /// `{hash, node, receiptKey, sealingKey, kind, nonce, quote, collateral, receivedMs, expiresMs, development, measurement, verdict, devices?}`.
    public static ObjectNode write(Evidence item) {
        ObjectNode json = Fields.object().put("hash", item.hash().hex()).put("node", item.node().toBase58()).put("receiptKey", item.receiptKey().toBase58())
            .put("sealingKey", item.sealingKey().toBase58()).put("kind", item.kind()).put("nonce", HexFormat.of().formatHex(item.nonce()))
            .put("quote", Base64.getEncoder().encodeToString(item.quote())).put("collateral", item.collateral()).put("receivedMs", item.receivedMs())
            .put("expiresMs", item.expiresMs()).put("development", item.development())
            .put("measurement", HexFormat.of().formatHex(item.measurement().bytes())).put("verdict", item.verdict());
        item.devices().ifPresent(devices -> json.put("devices", devices));
        return json;
    }

    /// Reads what {@link #write(Evidence)} writes.
    ///
    /// @throws ProtocolException `json_field`, `measurement_length`
    public static Evidence read(Fields json) {
        return new Evidence(json.hash("hash"), json.key("node"), json.key("receiptKey"), json.key("sealingKey"), json.text("kind"), json.hex("nonce"),
            json.base64("quote"), json.text("collateral"), json.amount("receivedMs"), json.amount("expiresMs"), json.flag("development"), measurement(json),
            json.text("verdict"), json.has("devices") ? Optional.of(json.text("devices")) : Optional.empty());
    }

    private static Measurement measurement(Fields json) {
        byte[] bytes = json.hex("measurement");
        if (bytes.length != network.nyxos.attestation.Measurement.REGISTER_BYTES) {
            throw new ProtocolException("measurement_length", "a measurement has " + network.nyxos.attestation.Measurement.REGISTER_BYTES + " bytes");
        }
        return new Measurement(bytes);
    }

    /// `{evidence, expirySlot}`.
    public static ObjectNode write(RecordDraft draft) {
        ObjectNode json = Fields.object().put("expirySlot", draft.expirySlot());
        json.set("evidence", write(draft.evidence()));
        return json;
    }

    /// Reads what {@link #write(RecordDraft)} writes.
    ///
    /// @throws ProtocolException `json_field`, `measurement_length`
    public static RecordDraft readDraft(Fields json) {
        return new RecordDraft(read(json.child("evidence")), json.amount("expirySlot"));
    }
}
