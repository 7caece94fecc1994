package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import network.nyxos.escrow.job.Embedding;

/// OpenAI's JSON for embeddings.
public final class EmbeddingReplies {
    private EmbeddingReplies() {
    }

    /// All vectors of a request.
    ///
    /// @param vectors in the order of the inputs
    public static byte[] whole(EmbeddingRequest request, List<Embedding> vectors, Usage usage, Served served) {
        ObjectNode root = Replies.object().put("object", "list");
        ArrayNode data = root.putArray("data");
        for (int i = 0; i < vectors.size(); i++) {
            ObjectNode each = data.addObject().put("object", "embedding").put("index", i);
            if (request.base64()) {
                each.put("embedding", Base64.getEncoder().encodeToString(vectors.get(i).encode()));
            } else {
                ArrayNode numbers = each.putArray("embedding");
                for (float value : vectors.get(i).values()) {
                    numbers.add(value);
                }
            }
        }
        root.put("model", request.model()).putObject("usage").put("prompt_tokens", usage.promptTokens()).put("total_tokens", usage.totalTokens());
        root.set("nyxos", Replies.nyxos(served));
        return Replies.bytes(root);
    }
}
