package network.nyxos.gateway.openai;

/// Token counts of a completion, by the model's own tokenizer.
///
/// @param promptTokens     0 or more
/// @param completionTokens 0 or more
public record Usage(int promptTokens, int completionTokens) {
    /// Both together.
    public int totalTokens() {
        return Math.addExact(promptTokens, completionTokens);
    }
}
