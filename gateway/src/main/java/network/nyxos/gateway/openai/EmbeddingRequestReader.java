package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import network.nyxos.escrow.wire.WireMessage;

/// Reads the body of `POST /v1/embeddings`.
public final class EmbeddingRequestReader {
    /// The most inputs of a request, as at OpenAI.
    public static final int MAX_INPUTS = WireMessage.EmbeddingRequest.MAX_INPUTS;

    private static final String INPUT = "input";
    private static final String TOKEN_IDS = "token ids are of one tokenizer, and clients that send them use OpenAI's, which is not this model's; send text (LangChain for Python:"
        + " check_embedding_ctx_length=False).";

    /// Reads and checks.
    ///
    /// @param body as sent
    /// @throws ApiException 400 with the member that is wrong
    public EmbeddingRequest read(byte[] body) {
        JsonNode root = Body.parse(body);
        root.fieldNames().forEachRemaining(name -> Parameters.checkOfEmbeddings(name, root.get(name)));
        ModelName model = ModelName.of(Body.text(root, "model"));
        return new EmbeddingRequest(model.name(), inputs(root), Body.tier(root, model), Body.integer(root, "dimensions", 1), base64(root), ProviderReader.read(root));
    }

    private static List<String> inputs(JsonNode root) {
        JsonNode input = root.path(INPUT);
        if (input.isMissingNode() || input.isNull()) {
            throw Faults.missing(INPUT);
        }
        if (!input.isArray()) {
            return List.of(input(input, INPUT));
        }
        if (input.isEmpty()) {
            throw Faults.emptyArray(INPUT);
        }
        if (input.size() > MAX_INPUTS) {
            throw Faults.longArray(INPUT, MAX_INPUTS, input.size());
        }
        var inputs = new ArrayList<String>(input.size());
        for (int i = 0; i < input.size(); i++) {
            JsonNode each = input.get(i);
            if (each.isIntegralNumber() || each.isArray()) {
                throw Faults.unsupportedValue(INPUT, TOKEN_IDS);
            }
            inputs.add(input(each, INPUT + "[" + i + "]"));
        }
        return inputs;
    }

    private static String input(JsonNode value, String where) {
        if (!value.isTextual()) {
            throw Faults.type(where, "a string", value);
        }
        if (value.textValue().isEmpty()) {
            throw Faults.emptyString(where);
        }
        return value.textValue();
    }

    private static boolean base64(JsonNode root) {
        String name = "encoding_format";
        if (!root.hasNonNull(name)) {
            return false;
        }
        return switch (Body.text(root, name)) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw Faults.value(name, "'float' and 'base64'");
        };
    }
}
