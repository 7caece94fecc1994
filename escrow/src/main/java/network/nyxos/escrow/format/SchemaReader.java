package network.nyxos.escrow.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Reads a JSON Schema as clients of OpenAI's structured outputs write it. Everything that a reply cannot be held to is refused by its name.
final class SchemaReader {
    static final String DEFINITIONS = "#/$defs/";
    /// The deepest that schemas may stand in each other.
    static final int MAX_DEPTH = 32;
    /// The most items that an array may be told to have, at least or at most.
    static final int MAX_ITEMS = 1_024;
    /// Whole numbers as replies write them: 15 digits, which every reader of JSON holds exactly.
    static final BigDecimal MAX_WHOLE = new BigDecimal("999999999999999");

    private static final Set<String> DESCRIBING = Set.of("title", "description", "default", "examples", "$comment", "$schema", "deprecated", "readOnly", "writeOnly");
    private static final List<String> TYPES = List.of("object", "array", "string", "number", "integer", "boolean", "null");
    private static final Set<String> OF_OBJECTS = Set.of("properties", "required", "additionalProperties");
    private static final Set<String> OF_ARRAYS = Set.of("items", "minItems", "maxItems");
    private static final String HELD = " is nothing that replies are held to here; leave it out, or say it in the description and check it yourself";

    private final Set<String> named = new LinkedHashSet<>();

    private SchemaReader() {
    }

    static Schema.Root read(JsonNode schema, String at) {
        return new SchemaReader().root(schema, at);
    }

    private Schema.Root root(JsonNode schema, String at) {
        String home = schema.has("definitions") ? "definitions" : "$defs";
        if (schema.has("$defs") && !home.equals("$defs")) {
            throw FormatException.wrong(at + ".definitions", "definitions stand in '$defs' or in 'definitions', not in both");
        }
        JsonNode defined = schema.path(home);
        SortedMap<String, Schema> definitions = new TreeMap<>();
        if (!defined.isMissingNode()) {
            requireObject(defined, at + "." + home);
            defined.properties().forEach(each -> definitions.put(text(each.getKey(), at + "." + home), schema(each.getValue(), at + "." + home + "." + shown(each.getKey()), 1, Set.of())));
        }
        Schema whole = schema(schema, at, 0, Set.of("$defs", "definitions"));
        named.stream().filter(name -> !definitions.containsKey(name)).findFirst().ifPresent(name -> {
            throw FormatException.wrong(at, "it refers to '" + DEFINITIONS + shown(name) + "', which is not there");
        });
        return new Schema.Root(whole, definitions);
    }

    private Schema schema(JsonNode node, String at, int depth, Set<String> besides) {
        if (depth > MAX_DEPTH) {
            throw FormatException.unsupported(at, "schemas may stand " + MAX_DEPTH + " deep in each other; use '$defs' and '$ref'");
        }
        if (node.isBoolean() && node.booleanValue()) {
            return new Schema.Anything();
        }
        requireObject(node, at);
        var keys = new LinkedHashSet<String>();
        node.fieldNames().forEachRemaining(keys::add);
        keys.removeAll(DESCRIBING);
        keys.removeAll(besides);
        if (keys.contains("$ref")) {
            alone(keys, Set.of("$ref"), at);
            return reference(node.get("$ref"), at + ".$ref");
        }
        if (keys.contains("anyOf")) {
            alone(keys, Set.of("anyOf"), at);
            return anyOf(node.get("anyOf"), at + ".anyOf", depth);
        }
        if (keys.contains("enum") || keys.contains("const")) {
            alone(keys, Set.of("type", keys.contains("enum") ? "enum" : "const"), at);
            return constants(node, types(node, keys, at), at);
        }
        if (keys.isEmpty()) {
            return new Schema.Anything();
        }
        Set<String> types = types(node, keys, at);
        var known = new LinkedHashSet<>(Set.of("type"));
        if (types.contains("object")) {
            known.addAll(OF_OBJECTS);
        }
        if (types.contains("array")) {
            known.addAll(OF_ARRAYS);
        }
        alone(keys, known, at);
        List<Schema> alternatives = types.stream().map(type -> ofType(type, node, at, depth)).toList();
        return alternatives.size() == 1 ? alternatives.getFirst() : new Schema.AnyOf(alternatives);
    }

    private static void alone(Set<String> keys, Set<String> known, String at) {
        keys.stream().filter(key -> !known.contains(key)).findFirst().ifPresent(key -> {
            throw FormatException.unsupported(at + "." + shown(key), "'" + shown(key) + "'" + (known.contains("type") ? "" : " beside '" + known.iterator().next() + "'") + HELD);
        });
    }

    private Schema reference(JsonNode value, String at) {
        String text = value.asText();
        if (text.equals("#")) {
            return new Schema.Reference(Optional.empty());
        }
        for (String home : List.of(DEFINITIONS, "#/definitions/")) {
            if (text.startsWith(home) && text.length() > home.length() && text.indexOf('/', home.length()) < 0) {
                String name = text.substring(home.length()).replace("~1", "/").replace("~0", "~");
                named.add(name);
                return new Schema.Reference(Optional.of(name));
            }
        }
        throw FormatException.unsupported(at, "a '$ref' names the whole schema ('#') or one of its definitions ('" + DEFINITIONS + "…')");
    }

    /// A name as a pointer has it.
    static String pointer(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    private Schema anyOf(JsonNode list, String at, int depth) {
        requireList(list, at);
        var alternatives = new ArrayList<Schema>();
        for (int i = 0; i < list.size(); i++) {
            alternatives.add(schema(list.get(i), at + "[" + i + "]", depth + 1, Set.of()));
        }
        return new Schema.AnyOf(alternatives);
    }

    private static Schema constants(JsonNode node, Set<String> types, String at) {
        var values = new LinkedHashSet<String>();
        if (node.has("const")) {
            constant(node.get("const"), types, at + ".const").ifPresent(values::add);
        } else {
            requireList(node.get("enum"), at + ".enum");
            for (int i = 0; i < node.get("enum").size(); i++) {
                constant(node.get("enum").get(i), types, at + ".enum[" + i + "]").ifPresent(values::add);
            }
        }
        if (values.isEmpty()) {
            throw FormatException.wrong(at, "no value of the list has the type that is asked for");
        }
        return new Schema.Constants(List.copyOf(values));
    }

    /// A value as a reply writes it; empty where it is not of these types.
    private static Optional<String> constant(JsonNode value, Set<String> types, String at) {
        String json = switch (value.getNodeType()) {
            case STRING -> JsonText.quoted(text(value.textValue(), at));
            case BOOLEAN, NULL -> value.toString();
            case NUMBER -> {
                BigDecimal number = value.decimalValue();
                if (!value.isIntegralNumber() || number.abs().compareTo(MAX_WHOLE) > 0) {
                    throw FormatException.unsupported(at, "numbers of a list of values are whole here, of at most 15 digits");
                }
                yield number.toBigInteger().toString();
            }
            default -> throw FormatException.unsupported(at, "a list of values holds strings, whole numbers, true, false and null here");
        };
        String type = switch (value.getNodeType()) {
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NULL -> "null";
            default -> "integer";
        };
        return types.contains(type) || type.equals("integer") && types.contains("number") ? Optional.of(json) : Optional.empty();
    }

    /// What a value may be; whatever a keyword speaks of where no type is said.
    private static Set<String> types(JsonNode node, Set<String> keys, String at) {
        if (!keys.contains("type")) {
            boolean ofObjects = keys.stream().anyMatch(OF_OBJECTS::contains);
            boolean ofArrays = keys.stream().anyMatch(OF_ARRAYS::contains);
            return ofObjects == ofArrays ? new LinkedHashSet<>(TYPES) : Set.of(ofObjects ? "object" : "array");
        }
        JsonNode type = node.get("type");
        if (!type.isArray()) {
            return Set.of(type(type, at + ".type"));
        }
        requireList(type, at + ".type");
        var types = new LinkedHashSet<String>();
        type.forEach(each -> types.add(type(each, at + ".type")));
        return types;
    }

    private static String type(JsonNode type, String at) {
        if (!TYPES.contains(type.asText())) {
            throw FormatException.wrong(at, "a type is one of " + String.join(", ", TYPES));
        }
        return type.asText();
    }

    private Schema ofType(String type, JsonNode node, String at, int depth) {
        return switch (type) {
            case "object" -> object(node, at, depth);
            case "array" -> {
                Schema each = node.has("items") ? schema(node.get("items"), at + ".items", depth + 1, Set.of()) : new Schema.Anything();
                int min = count(node, "minItems", at).orElse(0);
                OptionalInt max = count(node, "maxItems", at);
                if (max.isPresent() && max.getAsInt() < min) {
                    throw FormatException.wrong(at + ".maxItems", "'maxItems' is less than 'minItems'");
                }
                yield new Schema.Items(each, min, max);
            }
            case "string" -> new Schema.Text();
            case "number" -> new Schema.Decimal();
            case "integer" -> new Schema.Whole();
            case "boolean" -> new Schema.Constants(List.of("true", "false"));
            default -> new Schema.Constants(List.of("null"));
        };
    }

    private static OptionalInt count(JsonNode node, String name, String at) {
        if (!node.has(name)) {
            return OptionalInt.empty();
        }
        JsonNode value = node.get(name);
        if (!value.isInt() || value.intValue() < 0 || value.intValue() > MAX_ITEMS) {
            throw FormatException.unsupported(at + "." + name, "'" + name + "' is a whole number from 0 to " + MAX_ITEMS + " here");
        }
        return OptionalInt.of(value.intValue());
    }

    private Schema object(JsonNode node, String at, int depth) {
        JsonNode more = node.path("additionalProperties");
        JsonNode properties = node.path("properties");
        boolean closed = more.isBoolean() && !more.booleanValue();
        Set<String> required = required(node, at);
        if (properties.isMissingNode() && !closed) {
            if (!required.isEmpty()) {
                throw FormatException.unsupported(at + ".required", "'required' names members that 'properties' does not have");
            }
            return new Schema.Mapping(more.isMissingNode() ? new Schema.Anything() : schema(more, at + ".additionalProperties", depth + 1, Set.of()));
        }
        if (!closed && !more.isMissingNode()) {
            throw FormatException.unsupported(at + ".additionalProperties", "beside 'properties', 'additionalProperties' is false here; say so, or leave it out");
        }
        if (!properties.isMissingNode()) {
            requireObject(properties, at + ".properties");
        }
        var members = new ArrayList<Schema.Member>();
        properties.properties().forEach(each -> {
            String where = at + ".properties." + shown(each.getKey());
            members.add(new Schema.Member(text(each.getKey(), where), schema(each.getValue(), where, depth + 1, Set.of()), required.remove(each.getKey())));
        });
        if (!required.isEmpty()) {
            throw FormatException.unsupported(at + ".required", "'required' names members that 'properties' does not have");
        }
        return new Schema.Members(members);
    }

    private static Set<String> required(JsonNode node, String at) {
        var names = new LinkedHashSet<String>();
        JsonNode list = node.path("required");
        if (!list.isMissingNode()) {
            if (!list.isArray()) {
                throw FormatException.wrong(at + ".required", "'required' is a list of names");
            }
            list.forEach(name -> names.add(name.asText()));
        }
        return names;
    }

    static String text(String text, String at) {
        if (text.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw FormatException.wrong(at, "it holds half a surrogate pair, which is no text");
        }
        return text;
    }

    static void requireObject(JsonNode node, String at) {
        if (!node.isObject()) {
            throw FormatException.wrong(at, "an object is expected there");
        }
    }

    private static void requireList(JsonNode node, String at) {
        if (!node.isArray() || node.isEmpty()) {
            throw FormatException.wrong(at, "a list is expected there, with at least one member");
        }
    }

    private static String shown(String name) {
        return name.length() > 64 ? name.substring(0, 64) + "…" : name;
    }
}
