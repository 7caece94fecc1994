package network.nyxos.escrow.format;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Writes JSON in the one way that forms are written in: no blanks, and members sorted but for those of `properties`. In strings, quotes, backslashes, `\b`, `\f`, `\n`, `\r` and `\t`
/// are escaped by one character, other control characters by four lower-case hexadecimal digits, and so are the surrogates of what is above U+3FFFF: not every vocabulary can spell that.
final class JsonText {
    static final int LAST_PLAIN = 0x3FFFF;

    private final StringBuilder out = new StringBuilder();

    /// A string with its quotes. It must not hold half a surrogate pair.
    static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(point -> {
            switch (point) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (point >= ' ' && point <= LAST_PLAIN) {
                        out.appendCodePoint(point);
                    } else {
                        Character.toString(point).chars().forEach(unit -> out.append("\\u").append(String.format("%04x", unit)));
                    }
                }
            }
        });
        return out.append('"').toString();
    }

    static String of(Format format) {
        JsonText text = new JsonText();
        switch (format) {
            case Format.AnyObject _ -> text.out.append("{\"type\":\"json_object\"}");
            case Format.Schematic(Schema.Root schema) -> {
                text.out.append("{\"schema\":");
                text.root(schema);
                text.out.append(",\"type\":\"json_schema\"}");
            }
            case Format.Calls(boolean required, boolean parallel, List<Format.Tool> tools) -> {
                text.out.append("{\"choice\":").append(required ? "\"required\"" : "\"auto\"").append(",\"parallel\":").append(parallel).append(",\"tools\":");
                text.list(tools, tool -> {
                    text.out.append("{\"name\":").append(quoted(tool.name())).append(",\"parameters\":");
                    text.root(tool.parameters());
                    text.out.append('}');
                });
                text.out.append(",\"type\":\"tools\"}");
            }
        }
        return text.out.toString();
    }

    private <T> void list(List<T> all, Consumer<T> write) {
        out.append('[');
        for (int i = 0; i < all.size(); i++) {
            out.append(i == 0 ? "" : ",");
            write.accept(all.get(i));
        }
        out.append(']');
    }

    private void root(Schema.Root root) {
        if (root.definitions().isEmpty()) {
            schema(root.schema());
            return;
        }
        out.append("{\"$defs\":{");
        String comma = "";
        for (var definition : root.definitions().entrySet()) {
            out.append(comma).append(quoted(definition.getKey())).append(':');
            schema(definition.getValue());
            comma = ",";
        }
        out.append('}');
        int from = out.length();
        schema(root.schema());
        // Its own brace gives way to the comma behind the definitions.
        out.replace(from, from + 1, out.charAt(from + 1) == '}' ? "" : ",");
    }

    private void schema(Schema schema) {
        switch (schema) {
            case Schema.Text _ -> out.append("{\"type\":\"string\"}");
            case Schema.Decimal _ -> out.append("{\"type\":\"number\"}");
            case Schema.Whole _ -> out.append("{\"type\":\"integer\"}");
            case Schema.Anything _ -> out.append("{}");
            case Schema.Constants(List<String> values) -> {
                out.append("{\"enum\":");
                list(values, out::append);
                out.append('}');
            }
            case Schema.Items(Schema each, int min, OptionalInt max) -> {
                out.append("{\"items\":");
                schema(each);
                max.ifPresent(most -> out.append(",\"maxItems\":").append(most));
                out.append(min == 0 ? "" : ",\"minItems\":" + min).append(",\"type\":\"array\"}");
            }
            case Schema.Members(List<Schema.Member> members) -> {
                out.append("{\"additionalProperties\":false,\"properties\":{");
                String comma = "";
                for (Schema.Member member : members) {
                    out.append(comma).append(quoted(member.name())).append(':');
                    schema(member.schema());
                    comma = ",";
                }
                out.append("},\"required\":");
                list(members.stream().filter(Schema.Member::required).toList(), member -> out.append(quoted(member.name())));
                out.append(",\"type\":\"object\"}");
            }
            case Schema.Mapping(Schema values) -> {
                out.append("{\"additionalProperties\":");
                schema(values);
                out.append(",\"type\":\"object\"}");
            }
            case Schema.AnyOf(List<Schema> alternatives) -> {
                out.append("{\"anyOf\":");
                list(alternatives, this::schema);
                out.append('}');
            }
            case Schema.Reference(var name) -> out.append("{\"$ref\":").append(quoted(name.map(each -> SchemaReader.DEFINITIONS + SchemaReader.pointer(each)).orElse("#"))).append('}');
        }
    }
}
