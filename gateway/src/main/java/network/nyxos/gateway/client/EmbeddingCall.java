package network.nyxos.gateway.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import network.nyxos.escrow.job.Tier;

/// Texts to be turned into vectors.
///
/// @param model  the model's name
/// @param inputs 1 to 2 048 texts, none empty
/// @param tier   open, or confidential; there is no replay of vectors
public record EmbeddingCall(String model, List<String> inputs, Tier tier) {
    /// Copies the list.
    public EmbeddingCall {
        inputs = List.copyOf(inputs);
    }

    /// In the tier open.
    public static EmbeddingCall of(String model, String... inputs) {
        return new EmbeddingCall(model, List.of(inputs), Tier.OPEN);
    }

    /// The body of a request.
    byte[] body() {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("model", model).put("encoding_format", "base64").put("peer_tier", tier.wireName());
        inputs.forEach(root.putArray("input")::add);
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Shows no content.
    @Override
    public String toString() {
        return "embeddings of " + inputs.size() + " texts by " + model + ", tier " + tier.wireName();
    }
}
