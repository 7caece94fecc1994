package network.nyxos.gateway.openai;

import java.util.List;
import java.util.OptionalInt;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.route.Preferences;

/// Embeddings that were asked for, checked and in our own terms.
///
/// @param model       the model's name
/// @param inputs      texts, 1 to 2 048, none empty
/// @param tier        how far the work is to be checked
/// @param dimensions  numbers of a vector, where the client says how many
/// @param base64      vectors as base64 of their bytes, else as numbers
/// @param preferences which nodes are to do it
public record EmbeddingRequest(String model, List<String> inputs, Tier tier, OptionalInt dimensions, boolean base64, Preferences preferences) implements InferenceRequest {
    /// Copies the list.
    public EmbeddingRequest {
        inputs = List.copyOf(inputs);
    }

    @Override
    public String description() {
        return "Embeddings";
    }

    /// Says what was asked for without showing it.
    @Override
    public String toString() {
        return "embeddings of " + inputs.size() + " inputs for " + model + " (" + tier.wireName() + ")";
    }
}
