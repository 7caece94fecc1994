package network.nyxos.cli.attach;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import network.nyxos.cli.up.Mint;
import software.sava.core.accounts.PublicKey;

/** Something that is shown, to people line by line and to tools as one JSON object. A field's JSON name is its label in camel case; amounts are base units in decimal text. */
public final class Sheet {

    private static final int WIDTH = 20;

    private record Line(String label, String text) {
    }

    private final List<Line> lines = new ArrayList<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    /** A field whose text for people is another than its value for tools. */
    public Sheet put(String label, JsonNode value, String text) {
        json.set(name(label), value);
        return line(label, text);
    }

    /** A text. */
    public Sheet put(String label, String text) {
        return put(label, TextNode.valueOf(text), text);
    }

    /** An address. */
    public Sheet put(String label, PublicKey key) {
        return put(label, key.toBase58());
    }

    /** A number, with the text for people. */
    public Sheet put(String label, long value, String text) {
        return put(label, LongNode.valueOf(value), text);
    }

    /** A yes or no, with the text for people. */
    public Sheet put(String label, boolean value, String text) {
        return put(label, BooleanNode.valueOf(value), text);
    }

    /** An amount. */
    public Sheet put(String label, long baseUnits, Mint mint) {
        return put(label, TextNode.valueOf(Long.toUnsignedString(baseUnits)), mint.text(baseUnits));
    }

    /** How many of these keys must sign, and the keys, a line each. */
    public Sheet put(String label, int threshold, List<PublicKey> keys) {
        ObjectNode quorum = JsonNodeFactory.instance.objectNode().put("threshold", threshold);
        ArrayNode all = quorum.putArray("keys");
        keys.forEach(key -> all.add(key.toBase58()));
        put(label, quorum, threshold + " of " + keys.size());
        keys.forEach(key -> line("", key.toBase58()));
        return this;
    }

    /** Things within this one: to tools an array, to people their lines further in. */
    public Sheet put(String label, List<Sheet> inner) {
        ArrayNode all = json.putArray(name(label));
        inner.forEach(each -> {
            all.add(each.json);
            line(label, "");
            each.lines.forEach(line -> line("  " + line.label(), line.text()));
        });
        return this;
    }

    /** Something for people alone. */
    public Sheet line(String label, String text) {
        lines.add(new Line(label, text));
        return this;
    }

    /** Shows it. */
    public void print(PrintWriter out, boolean asJson) {
        if (asJson) {
            out.println(json.toPrettyString());
        } else {
            lines.forEach(line -> out.println(("%-" + WIDTH + "s %s").formatted(line.label(), line.text()).stripTrailing()));
        }
        out.flush();
    }

    /**
     * Shows any number: to tools one array.
     *
     * @param none what people are told where there is none
     */
    public static void print(List<Sheet> sheets, String none, PrintWriter out, boolean asJson) {
        if (asJson) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            sheets.forEach(sheet -> all.add(sheet.json));
            out.println(all.toPrettyString());
        } else if (sheets.isEmpty()) {
            out.println(none);
        } else {
            sheets.forEach(sheet -> sheet.print(out, false));
        }
        out.flush();
    }

    private static String name(String label) {
        String[] words = label.strip().toLowerCase(Locale.ROOT).split("[ -]");
        var name = new StringBuilder(words[0]);
        for (int word = 1; word < words.length; word++) {
            name.append(Character.toUpperCase(words[word].charAt(0))).append(words[word].substring(1));
        }
        return name.toString();
    }
}
