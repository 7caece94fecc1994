package network.nyxos.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/// OpenAI's parameters: which are read, which only label a request, and which would change the result in a way that no engine here can hold to. The last are
/// taken with the value that changes nothing, and refused with the reason otherwise.
final class Parameters {
    private static final Set<String> READ = Set.of("model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "seed", "stop", "stream",
        "stream_options", "peer_tier", "provider", "sealed", "response_format", "tools", "tool_choice", "parallel_tool_calls", "logprobs", "top_logprobs", "n");
    // What only labels a request is accepted and forgotten: nothing is stored or cached here that it could name.
    private static final Set<String> LABELS = Set.of("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention");
    private static final String FUNCTIONS = "'tools' and 'tool_choice' took its place; send these.";
    private static final String SAMPLER = "receipts and replays are of a sampler that knows temperature, top_p and top_k alone; leave it out.";
    private static final String TEXT_ONLY = "the models here read and write text; leave it out.";
    private static final Map<String, String> REFUSED = Map.ofEntries(
        Map.entry("functions", FUNCTIONS), Map.entry("function_call", FUNCTIONS),
        Map.entry("logit_bias", SAMPLER), Map.entry("presence_penalty", SAMPLER), Map.entry("frequency_penalty", SAMPLER),
        Map.entry("modalities", TEXT_ONLY), Map.entry("audio", TEXT_ONLY),
        Map.entry("prediction", "the engines here take no predicted output; leave it out."),
        Map.entry("web_search_options", "the models here cannot search the web; leave it out."),
        Map.entry("store", "nothing of prompts or replies is stored here; leave it out."),
        Map.entry("service_tier", "there is one class of service; what differs is 'peer_tier'."),
        Map.entry("reasoning_effort", "the models here do not reason apart from their answer; leave it out."),
        Map.entry("verbosity", "the models here have no such setting; ask for it in a message."));
    // Of completions of the old form alone, and what they are when they change nothing.
    private static final Map<String, String> COMPLETION_NEUTRAL = Map.of("echo", "false", "best_of", "1", "suffix", "");
    private static final Map<String, String> COMPLETION_REFUSED = Map.of("echo", "replies hold the model's text alone; leave it out.",
        "best_of", "every choice that is made is paid for and given; ask for them all with 'n'.", "suffix", "the models here write on from a prompt and not towards a suffix; leave it out.");

    private static final Set<String> OF_EMBEDDINGS = Set.of("model", "input", "encoding_format", "dimensions", "peer_tier", "provider");
    private static final Map<String, String> EMBEDDINGS_REFUSED = Map.of("sealed", "texts are sealed for chats alone; in the tier 'confidential' the gateway reads what is to be embedded.",
        "stream", "vectors come whole; leave it out.");

    private Parameters() {
    }

    /// Whether a parameter may stand in a chat's body with this value.
    ///
    /// @throws ApiException 400 `unknown_parameter` or `unsupported_parameter`
    static void check(String name, JsonNode value) {
        if (READ.contains(name) || LABELS.contains(name)) {
            return;
        }
        String why = REFUSED.get(name);
        if (why == null) {
            throw Faults.unknown(name);
        }
        if (!neutral(name, value)) {
            throw Faults.unsupported(name, why);
        }
    }

    /// The parameters that only completions of the old form have.
    static Set<String> ofCompletions() {
        return COMPLETION_NEUTRAL.keySet();
    }

    /// Whether such a parameter may have this value.
    ///
    /// @param choices how many are asked for, as the body has it: to draw as many changes nothing
    /// @throws ApiException 400 `unsupported_parameter`
    static void checkOfCompletions(String name, JsonNode value, String choices) {
        if (!value.isNull() && !value.asText().equals(name.equals("best_of") ? choices : COMPLETION_NEUTRAL.get(name))) {
            throw Faults.unsupported(name, COMPLETION_REFUSED.get(name));
        }
    }

    /// Whether a parameter may stand in the body of a request for embeddings with this value.
    ///
    /// @throws ApiException 400 `unknown_parameter` or `unsupported_parameter`
    static void checkOfEmbeddings(String name, JsonNode value) {
        if (OF_EMBEDDINGS.contains(name) || LABELS.contains(name)) {
            return;
        }
        String why = EMBEDDINGS_REFUSED.get(name);
        if (why == null) {
            throw Faults.unknown(name);
        }
        if (!neutral(name, value)) {
            throw Faults.unsupported(name, why);
        }
    }

    private static boolean neutral(String name, JsonNode value) {
        if (value.isNull() || value.isBoolean() && !value.booleanValue() || (value.isArray() || value.isObject()) && value.isEmpty()) {
            return true;
        }
        return switch (name) {
            case "presence_penalty", "frequency_penalty" -> value.isNumber() && value.decimalValue().signum() == 0;
            case "function_call" -> value.asText().equals("none") || value.asText().equals("auto");
            case "modalities" -> value.isArray() && value.size() == 1 && value.get(0).asText().equals("text");
            case "service_tier" -> value.asText().equals("auto") || value.asText().equals("default");
            case "reasoning_effort" -> value.asText().equals("none");
            default -> false;
        };
    }
}
