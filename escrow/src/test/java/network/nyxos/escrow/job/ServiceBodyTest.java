package network.nyxos.escrow.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to services, and what they say. */
class ServiceBodyTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(byte[] bytes, String code) {
        assertThatThrownBy(() -> ServiceBody.request(bytes)).isInstanceOfSatisfying(ProtocolException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).as("nothing of what was said").doesNotContain("secret");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", " {\"a\": [1, 2.50, -0, 1e400, null, true, \"\\u00e9\"]}\n", "[]", "4", "\"\"", "null", "{\"a\":1,\"a\":2}"})
    void any_json_value_is_kept_to_the_byte(String json) {
        assertThat(ServiceBody.request(utf8(json)).bytes()).isEqualTo(utf8(json));
        assertThat(ServiceBody.reply(utf8(json)).bytes()).isEqualTo(utf8(json));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "secret", "{\"secret\"", "{} {}", "{}x", "{'a':1}", "{\"a\":NaN}", "[1,]", "\"\t\"", "\"secret", "\"\\x\"", "01", "\uFEFF{}", "// secret\n{}"})
    void what_is_not_one_json_value_is_refused(String other) {
        refused(utf8(other), "service_request_invalid");
    }

    @Test
    void other_encodings_are_refused() {
        refused("{\"a\":\"b\"}".getBytes(StandardCharsets.UTF_16LE), "service_request_invalid");
        refused(new byte[] {'"', (byte) 0xC3, '"'}, "service_request_invalid");
        refused(new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'}, "service_request_invalid");
    }

    @Test
    void its_length_and_depth_are_bounded() {
        assertThat(ServiceBody.request(utf8("[".repeat(200) + "]".repeat(200))).length()).isEqualTo(400);
        refused(utf8("[".repeat(201) + "]".repeat(201)), "service_request_invalid");
        String longest = "\"" + "x".repeat(ServiceBody.MAX_REQUEST - 2) + "\"";
        assertThat(ServiceBody.request(utf8(longest)).length()).isEqualTo(ServiceBody.MAX_REQUEST);
        refused(utf8(longest + " "), "service_request_too_large");
        assertThatThrownBy(() -> ServiceBody.reply(new byte[ServiceBody.MAX_REPLY + 1])).isInstanceOfSatisfying(ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo("service_reply_too_large"));
    }

    @Test
    void the_hash_of_a_request_is_none_of_a_reply() {
        assertThat(ServiceBody.request(utf8("{}")).hash()).isEqualTo(Hash.sha256(utf8("nyxos:service-request:v1{}")));
        assertThat(ServiceBody.reply(utf8("{}")).hash()).isEqualTo(Hash.sha256(utf8("nyxos:service-reply:v1{}")));
        assertThat(ServiceBody.request(utf8("{}"))).isEqualTo(ServiceBody.request(utf8("{}"))).isNotEqualTo(ServiceBody.reply(utf8("{}"))).isNotEqualTo(ServiceBody.request(utf8("{ }")));
    }

    @Test
    void it_shows_nothing_and_is_not_changed_from_outside() {
        byte[] bytes = utf8("{\"secret\":1}");
        ServiceBody body = ServiceBody.request(bytes);
        bytes[0] = 'x';
        body.bytes()[0] = 'x';
        assertThat(body.bytes()[0]).isEqualTo((byte) '{');
        assertThat(body.toString()).doesNotContain("secret");
    }
}
