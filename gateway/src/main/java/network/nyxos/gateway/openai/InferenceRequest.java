package network.nyxos.gateway.openai;

import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.route.Preferences;

/// What a client asks of a model, checked and in our own terms. Its `toString` shows none of it.
public sealed interface InferenceRequest permits ChatRequest, EmbeddingRequest, ServiceRequest {
    /// The model's name.
    String model();

    /// How far the work is to be checked.
    Tier tier();

    /// Which nodes are to do it.
    Preferences preferences();

    /// What is sold, in the words of a 402.
    String description();
}
