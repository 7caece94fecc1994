package network.nyxos.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import network.nyxos.escrow.job.Sampler;
import network.nyxos.escrow.job.ReplyChoice;
import network.nyxos.escrow.job.Tier;
import network.nyxos.gateway.route.Preferences;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

class ChatRequestReaderTest {
    private static final String KEY = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";

    private final ChatRequestReader reader = new ChatRequestReader();

    private ChatRequest read(String more) {
        return reader.read(("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + (more.isEmpty() ? "" : "," + more) + "}").getBytes(StandardCharsets.UTF_8));
    }

    private void refused(String more, String code, String param) {
        assertThatThrownBy(() -> read(more)).isInstanceOfSatisfying(ApiException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.param()).contains(param);
        });
    }

    @Test
    void whatIsNotSaidIsAsAtOpenAi() {
        ChatRequest request = read("");

        assertThat(request.tier()).isEqualTo(Tier.OPEN);
        assertThat(request.sampler()).isEqualTo(new Sampler(1_000_000, 1_000_000, 0));
        assertThat(request.maxOutput()).isEmpty();
        assertThat(request.seed()).isEmpty();
        assertThat(request.stop()).isEmpty();
        assertThat(request.stream()).isFalse();
    }

    @Test
    void everyParameterIsRead() {
        ChatRequest request = read("\"max_tokens\":7,\"temperature\":0.25,\"top_p\":0.9,\"seed\":-3,\"stop\":[\"a\",\"b\"],\"stream\":true,"
            + "\"stream_options\":{\"include_usage\":true},\"peer_tier\":\"verified\"");

        assertThat(request.maxOutput()).hasValue(7);
        assertThat(request.sampler()).isEqualTo(new Sampler(250_000, 900_000, 0));
        assertThat(request.seed()).hasValue(-3);
        assertThat(request.stop()).containsExactly("a", "b");
        assertThat(request.includeUsage()).isTrue();
        assertThat(request.tier()).isEqualTo(Tier.VERIFIED);
    }

    @Test
    void theNodesThatAClientWantsAreRead() {
        String other = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin";
        Preferences wanted = read("\"provider\":{\"only\":[\"%s\",\"%s\"],\"ignore\":[\"%s\"],\"order\":[\"%s\",\"%s\"],\"sort\":\"latency\",\"allow_fallbacks\":false}"
            .formatted(KEY, other, other, other, KEY)).preferences();

        PublicKey first = PublicKey.fromBase58Encoded(KEY);
        PublicKey second = PublicKey.fromBase58Encoded(other);
        assertThat(wanted).isEqualTo(new Preferences(Set.of(first, second), Set.of(second), List.of(second, first), Preferences.Sort.LATENCY, false));
        assertThat(read("").preferences()).isEqualTo(Preferences.NONE);
        assertThat(read("\"provider\":{}").preferences()).isEqualTo(Preferences.NONE);
        assertThat(read("\"provider\":{\"sort\":\"price\"}").preferences()).as("one price for all").isEqualTo(Preferences.NONE);
    }

    @Test
    void whatIsNoPreferenceIsRefusedByItsName() {
        refused("\"provider\":\"fast\"", "invalid_type", "provider");
        refused("\"provider\":{\"max_price\":{}}", "unknown_parameter", "provider.max_price");
        refused("\"provider\":{\"only\":\"" + KEY + "\"}", "invalid_type", "provider.only");
        refused("\"provider\":{\"only\":[]}", "empty_array", "provider.only");
        refused("\"provider\":{\"order\":[\"" + KEY + "\",\"openai\"]}", "invalid_value", "provider.order[1]");
        refused("\"provider\":{\"ignore\":[" + ("\"" + KEY + "\",").repeat(32) + "\"" + KEY + "\"]}", "array_above_max_length", "provider.ignore");
        refused("\"provider\":{\"sort\":\"luck\"}", "invalid_value", "provider.sort");
        refused("\"provider\":{\"allow_fallbacks\":\"no\"}", "invalid_type", "provider.allow_fallbacks");
    }

    @Test
    void aNumberTooSmallToTellFromNothingIsNothing() {
        assertThat(read("\"temperature\":1e-999999999,\"top_p\":0.0000004,\"top_k\":40").sampler()).isEqualTo(new Sampler(0, 1, 40));
    }

    @Test
    void aRefusalSaysWhyAndWhatToDo() {
        assertThatThrownBy(() -> read("\"n\":2,\"peer_tier\":\"verified\"")).hasMessage("Unsupported parameter: 'n': a reply of the tier 'verified' is replayed as one sequence;"
            + " ask as often as you want choices, each time with another seed.");
        assertThatThrownBy(() -> read("\"n\":9")).hasMessage("Invalid 'n': integer above maximum value. Expected a value <= 8, but got 9 instead.");
        assertThatThrownBy(() -> read("\"temperature\":3")).hasMessage("Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.");
        assertThatThrownBy(() -> reader.read("{}".getBytes())).hasMessage("Missing required parameter: 'model'.");
    }

    @Test
    void theTierMayStandBehindTheModelsName() {
        String body = "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}";

        ChatRequest suffixed = reader.read(body.formatted("m:8b:verified", "").getBytes());

        assertThat(suffixed.model()).isEqualTo("m:8b");
        assertThat(suffixed.tier()).isEqualTo(Tier.VERIFIED);
        assertThat(reader.read(body.formatted("m:8b:verified", ",\"peer_tier\":\"verified\"").getBytes())).isEqualTo(suffixed);
        assertThat(reader.read(body.formatted("m:8b", "").getBytes()).model()).as("no tier").isEqualTo("m:8b");
        assertThat(reader.read(body.formatted(":open", "").getBytes()).model()).as("nothing before it").isEqualTo(":open");
        assertThatThrownBy(() -> reader.read(body.formatted("m:confidential", ",\"peer_tier\":\"open\"").getBytes()))
            .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.param()).contains("peer_tier"));
        assertThat(completion("\"prompt\":\"hi\"", "m:verified").tier()).isEqualTo(Tier.VERIFIED);
    }

    @Test
    void aReplyMayBeSentBackAsItCame() {
        ChatRequest request = reader.read("""
            {"model":"m","messages":[{"role":"user","content":"a"},
             {"role":"assistant","content":"b","refusal":null,"annotations":[],"audio":null,"tool_calls":[],"function_call":null},{"role":"user","content":"c"}]}""".getBytes());

        assertThat(request.prompt()).isEqualTo(new Prompt.Clear(List.of(new Message("user", "a"), new Message("assistant", "b"), new Message("user", "c"))));
    }

    @Test
    void textPartsAreOneText() {
        ChatRequest request = reader.read("""
            {"model":"m","messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}""".getBytes());

        assertThat(request.prompt()).isEqualTo(new Prompt.Clear(List.of(new Message("system", "ab"), new Message("user", "c"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"max_tokens\":0|integer_below_min_value|max_tokens", "\"max_completion_tokens\":1.5|invalid_type|max_completion_tokens",
        "\"max_tokens\":99999999999|integer_above_max_value|max_tokens", "\"max_tokens\":1,\"max_completion_tokens\":2|invalid_value|max_tokens",
        "\"temperature\":2.1|decimal_above_max_value|temperature", "\"temperature\":1e999999999|decimal_above_max_value|temperature",
        "\"temperature\":\"1\"|invalid_type|temperature", "\"top_p\":-0.1|decimal_below_min_value|top_p", "\"top_k\":-1|integer_below_min_value|top_k",
        "\"top_k\":1.5|invalid_type|top_k", "\"seed\":1.5|invalid_type|seed", "\"seed\":99999999999999999999|integer_above_max_value|seed",
        "\"seed\":-99999999999999999999|integer_below_min_value|seed", "\"stop\":\"\"|empty_string|stop", "\"stop\":7|invalid_type|stop", "\"stop\":[\"a\",7]|invalid_type|stop[1]",
        "\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]|array_above_max_length|stop", "\"stream\":\"yes\"|invalid_type|stream", "\"stream_options\":{}|invalid_value|stream_options",
        "\"stream\":true,\"stream_options\":{\"surprise\":1}|unknown_parameter|stream_options.surprise",
        "\"stream\":true,\"stream_options\":{\"include_obfuscation\":true}|unsupported_parameter|stream_options.include_obfuscation",
        "\"peer_tier\":\"gold\"|invalid_value|peer_tier", "\"n\":0|integer_below_min_value|n", "\"n\":9|integer_above_max_value|n", "\"n\":2.5|invalid_type|n", "\"n\":true|invalid_type|n", "\"n\":2,\"peer_tier\":\"verified\"|unsupported_parameter|n",
        "\"functions\":[{}]|unsupported_parameter|functions",
        "\"logprobs\":1|invalid_type|logprobs", "\"top_logprobs\":3|invalid_value|top_logprobs", "\"logprobs\":true,\"top_logprobs\":21|integer_above_max_value|top_logprobs", "\"logit_bias\":{\"5\":1}|unsupported_parameter|logit_bias",
        "\"presence_penalty\":0.5|unsupported_parameter|presence_penalty", "\"frequency_penalty\":-1|unsupported_parameter|frequency_penalty",
        "\"store\":true|unsupported_parameter|store", "\"service_tier\":\"flex\"|unsupported_parameter|service_tier", "\"reasoning_effort\":\"high\"|unsupported_parameter|reasoning_effort",
        "\"verbosity\":\"low\"|unsupported_parameter|verbosity", "\"modalities\":[\"audio\"]|unsupported_parameter|modalities", "\"surprise\":1|unknown_parameter|surprise"})
    void whatIsWrongIsNamed(String more, String code, String param) {
        refused(more, code, param);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"n\":1", "\"tools\":[]", "\"response_format\":{\"type\":\"text\"}", "\"user\":\"me\"", "\"metadata\":{\"a\":\"b\"}", "\"logprobs\":false",
        "\"frequency_penalty\":0", "\"store\":false", "\"service_tier\":\"auto\"", "\"tool_choice\":\"none\"", "\"parallel_tool_calls\":true", "\"temperature\":null", "\"stop\":null", "\"seed\":null"})
    void whatChangesNothingIsTaken(String more) {
        assertThat(read(more).model()).isEqualTo("m");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nonsense|invalid_json", "[]|invalid_json", "{\"model\":\"m\"} x|invalid_json", "{\"model\":\"m\",\"model\":\"n\"}|invalid_json",
        "{\"messages\":[]}|missing_required_parameter", "{\"model\":\"m\"}|missing_required_parameter", "{\"model\":\"m\",\"messages\":[]}|empty_array",
        "{\"model\":\"m\",\"messages\":\"hi\"}|invalid_type", "{\"model\":\"m\",\"messages\":[1]}|invalid_type", "{\"model\":7,\"messages\":[]}|invalid_type",
        "{\"model\":\"\",\"messages\":[]}|empty_string", "{\"model\":\"m\",\"messages\":[{\"content\":\"x\"}]}|missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"king\",\"content\":\"x\"}]}|invalid_value", "{\"model\":\"m\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}|missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"name\":\"eve\"}]}|unsupported_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"tool_calls\":[{}]}]}|missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"surprise\":1}]}|unknown_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[]}]}|empty_array", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":5}]}|invalid_type",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}|unsupported_content", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]}|missing_required_parameter"})
    void aBodyThatIsNoRequestIsRefused(String body, String code) {
        assertThatThrownBy(() -> reader.read(body.getBytes())).isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"messages\":[]|invalid_value|messages", "\"stop\":\"x\"|invalid_value|stop", "\"peer_tier\":\"verified\"|invalid_value|peer_tier", "\"max_tokens\":null|missing_required_parameter|max_tokens",
        "\"sealed\":{\"node\":\"x\"}|invalid_value|sealed.node", "\"sealed\":{\"more\":1}|unknown_parameter|sealed.more",
        "\"sealed\":{\"node\":\"" + KEY + "\",\"key\":\"" + KEY + "\",\"encapsulation\":\"!\",\"ciphertext\":\"\"}|invalid_value|sealed.encapsulation",
        "\"sealed\":{\"node\":\"" + KEY + "\",\"key\":\"" + KEY + "\",\"encapsulation\":\"AAAA\",\"ciphertext\":\"AAAA\"}|sealed_prompt_malformed|sealed"})
    void aSealedPromptStandsAlone(String more, String code, String param) throws Exception {
        var body = (ObjectNode) new ObjectMapper().readTree("{\"model\":\"m\",\"max_tokens\":8,\"peer_tier\":\"confidential\",\"sealed\":{}}");
        body.setAll((ObjectNode) new ObjectMapper().readTree("{" + more + "}"));
        assertThatThrownBy(() -> reader.read(body.toString().getBytes())).isInstanceOfSatisfying(ApiException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.param()).contains(param);
        });
    }

    @Test
    void errorsAndDescriptionsDoNotShowThePrompt() {
        String secret = "attack at dawn";
        ChatRequest request = reader.read(("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + secret + "\"}]}").getBytes());

        assertThat(request.toString() + request.prompt()).doesNotContain(secret);
        assertThatThrownBy(() -> reader.read(("{\"messages\":\"" + secret + "\" \"").getBytes())).hasMessageNotContaining(secret);
    }

    private ChatRequest completion(String more) {
        return completion(more, "m");
    }

    private ChatRequest completion(String more, String model) {
        return reader.readCompletion(("{\"model\":\"" + model + "\"" + (more.isEmpty() ? "" : "," + more) + "}").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aCompletionIsAChatOfOneMessage() {
        assertThat(completion("\"prompt\":\"hi\"").prompt()).isEqualTo(new Prompt.Clear(List.of(new Message("user", "hi"))));
        assertThat(completion("\"prompt\":[\"hi\"],\"temperature\":0,\"max_tokens\":7").maxOutput()).hasValue(7);
        assertThat(completion("\"prompt\":\"hi\",\"echo\":false,\"best_of\":1,\"suffix\":null,\"logprobs\":null,\"n\":1").maxOutput()).as("as at OpenAI").hasValue(16);
    }

    @Test
    void severalChoicesAreReadAndOneIsWhatNobodyAsksFor() {
        assertThat(completion("\"prompt\":\"hi\"").choices()).isEqualTo(1);
        assertThat(completion("\"prompt\":\"hi\",\"n\":null").choices()).isEqualTo(1);
        assertThat(completion("\"prompt\":\"hi\",\"n\":8,\"best_of\":8").choices()).as("as many drawn as given changes nothing").isEqualTo(ReplyChoice.MAX);
        assertThat(completion("\"prompt\":\"hi\",\"n\":1", "m:verified").choices()).isEqualTo(1);
        assertThatThrownBy(() -> completion("\"prompt\":\"hi\",\"n\":2", "m:verified")).isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo("unsupported_parameter"))
            .hasMessageContaining("ask as often as you want choices");
    }

    @ParameterizedTest
    @CsvSource({"'', missing_required_parameter, prompt", "'\"prompt\":[\"a\",\"b\"]', unsupported_value, prompt", "'\"prompt\":[1,2]', unsupported_value, prompt",
        "'\"prompt\":\"a\",\"echo\":true', unsupported_parameter, echo", "'\"prompt\":\"a\",\"best_of\":2', unsupported_parameter, best_of",
        "'\"prompt\":\"a\",\"suffix\":\"b\"', unsupported_parameter, suffix", "'\"prompt\":\"a\",\"logprobs\":6', integer_above_max_value, logprobs",
        "'\"prompt\":\"a\",\"messages\":[]', unknown_parameter, messages", "'\"prompt\":\"a\",\"n\":9', integer_above_max_value, n",
        "'\"prompt\":\"a\",\"n\":3,\"best_of\":4', unsupported_parameter, best_of", "'\"prompt\":\"a\",\"n\":3,\"best_of\":1', unsupported_parameter, best_of"})
    void whatACompletionCannotDoIsRefusedByName(String more, String code, String param) {
        assertThatThrownBy(() -> completion(more)).isInstanceOfSatisfying(ApiException.class, e -> {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.param()).contains(param);
        });
    }
}
