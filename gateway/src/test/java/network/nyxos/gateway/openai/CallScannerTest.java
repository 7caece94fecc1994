package network.nyxos.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import network.nyxos.gateway.openai.CallScanner.Part;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallScannerTest {
    /// What a client has in the end.
    private record Read(String text, Map<String, String> calls) {
    }

    private static Read read(List<String> pieces) {
        var scanner = new CallScanner();
        var parts = new ArrayList<Part>();
        pieces.forEach(piece -> parts.addAll(scanner.accept(piece)));
        parts.addAll(scanner.end());
        var text = new StringBuilder();
        var calls = new LinkedHashMap<String, String>();
        for (Part part : parts) {
            switch (part) {
                case Part.Text(String more) -> text.append(more);
                case Part.Call(int index, String name) -> calls.put(index + " " + name, "");
                case Part.Arguments(int index, String json) -> calls.replaceAll((key, before) -> key.startsWith(index + " ") ? before + json : before);
            }
        }
        assertThat(scanner.calls()).isEqualTo(calls.size());
        return new Read(text.toString(), calls);
    }

    private static List<String> cut(String text, Random random) {
        var pieces = new ArrayList<String>();
        for (int at = 0; at < text.length();) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(12));
            pieces.add(text.substring(at, end));
            at = end;
        }
        return pieces;
    }

    @Test
    void callsAreReadHoweverTheyAreCut() {
        String reply = "<tool_call>[{\"name\":\"name\", \"arguments\": {\"name\":\"}]{\\\"\", \"arguments\":[{}, {\"a\":\"\\\\\"}]}}, {\"name\": \"now\",\"arguments\":{}}]</tool_call>";
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            assertThat(read(cut(reply, random))).isEqualTo(new Read("", Map.of("0 name", "{\"name\":\"}]{\\\"\", \"arguments\":[{}, {\"a\":\"\\\\\"}]}", "1 now", "{}")));
        }
    }

    @Test
    void aCallThatIsCutOffIsToldAsFarAsItGoes() {
        assertThat(read(List.of("<tool_call>[{\"name\":\"now\",\"argum"))).isEqualTo(new Read("", Map.of("0 now", "")));
        assertThat(read(List.of("<tool_call>[{\"name\":\"now\",\"arguments\":{\"a\":[1"))).isEqualTo(new Read("", Map.of("0 now", "{\"a\":[1")));
        assertThat(read(List.of("<tool_call>[{\"name\":\"no"))).isEqualTo(new Read("", Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Hello", "<", "<tool", "<tool_cat> and more", "a <tool_call>[{\"name\":\"x\",\"arguments\":{}}]</tool_call>"})
    void anythingElseIsText(String reply) {
        Random random = new Random(2);
        for (int i = 0; i < 20; i++) {
            assertThat(read(cut(reply, random))).isEqualTo(new Read(reply, Map.of()));
        }
    }

    @Test
    void textIsNotHeldBackOnceItIsText() {
        var scanner = new CallScanner();

        assertThat(scanner.accept("<tool")).isEmpty();
        assertThat(scanner.accept("s are <")).containsExactly(new Part.Text("<tools are <"));
        assertThat(scanner.accept("tool_call>")).containsExactly(new Part.Text("tool_call>"));
        assertThat(scanner.end()).isEmpty();
    }
}
