package network.nyxos.indexer.decode;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// Events as JSON: keys base58, hashes and bytes hex, every u32, u64 and i64 a decimal string (u64 unsigned), the rest numbers.
public final class EventJson {
    // The shortest base58 form of 32 bytes; the longest decimal u64 has 20 characters, the shortest hex text here 64.
    private static final int SHORTEST_KEY = 32;
    private static final int LONGEST_KEY = 44;
    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new SimpleModule("nyxos-events")
        .addSerializer(PublicKey.class, text((JsonGenerator out, PublicKey key) -> out.writeString(key.toBase58())))
        .addSerializer(Hash.class, text((JsonGenerator out, Hash hash) -> out.writeString(hash.hex())))
        .addSerializer(byte[].class, text((JsonGenerator out, byte[] bytes) -> out.writeString(HexFormat.of().formatHex(bytes))))
        .addSerializer(Long.class, text((JsonGenerator out, Long value) -> out.writeString(Long.toUnsignedString(value))))
        .addSerializer(long.class, text((JsonGenerator out, Long value) -> out.writeString(Long.toUnsignedString(value)))));

    private EventJson() {
    }

    private interface Text<T> {
        void write(JsonGenerator out, T value) throws IOException;
    }

    private static <T> JsonSerializer<T> text(Text<T> text) {
        return new JsonSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
                text.write(out, value);
            }
        };
    }

    /// The fields of an event.
    public static ObjectNode body(ProgramEvent event) {
        return switch (event) {
            case ProgramEvent.OfRegistry(var inner) -> JSON.valueToTree(inner);
            case ProgramEvent.OfEscrow(var inner) -> JSON.valueToTree(inner);
        };
    }

    /// An empty object.
    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /// An event with where it came from, as the API shows it.
    public static ObjectNode envelope(RawEvent raw, String type, ObjectNode body) {
        ObjectNode envelope = JSON.createObjectNode().put("program", raw.program().wireName()).put("type", type).put("signature", raw.id().signature())
            .put("outerIndex", raw.id().outerIndex()).put("innerIndex", raw.id().innerIndex()).put("slot", raw.slot());
        raw.blockTime().ifPresentOrElse(time -> envelope.put("blockTime", time.toString()), () -> envelope.putNull("blockTime"));
        envelope.set("data", body);
        return envelope;
    }

    /// All keys in an event's fields, each once: what a search by account finds it under.
    public static List<String> accounts(ObjectNode body) {
        var found = new TreeSet<String>();
        collect(body, found);
        return new ArrayList<>(found);
    }

    private static void collect(JsonNode node, TreeSet<String> found) {
        if (node.isTextual()) {
            String text = node.textValue();
            if (text.length() >= SHORTEST_KEY && text.length() <= LONGEST_KEY) {
                found.add(text);
            }
        } else {
            node.forEach(child -> collect(child, found));
        }
    }
}
