package network.nyxos.bindgen;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import network.nyxos.bindgen.Idl.AccountItem;
import network.nyxos.bindgen.Idl.Choice;
import network.nyxos.bindgen.Idl.Defined;
import network.nyxos.bindgen.Idl.Discriminated;
import network.nyxos.bindgen.Idl.ErrorCode;
import network.nyxos.bindgen.Idl.Field;
import network.nyxos.bindgen.Idl.Primitive;
import network.nyxos.bindgen.Idl.Shape;
import network.nyxos.bindgen.Idl.Struct;
import network.nyxos.bindgen.Idl.Type;
import network.nyxos.bindgen.Idl.TypeDefinition;
import network.nyxos.bindgen.Idl.Variant;

/// Reads an IDL (spec 0.1.0, Anchor 0.30 and later) from JSON. What it does not understand it refuses: bindings that leave something out are worse than none.
public final class IdlReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private IdlReader() {
    }

    /// @throws IdlException naming the place that is wrong
    public static Idl read(String json) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IdlException("line " + e.getLocation().getLineNr(), "not JSON", e);
        }
        if (!root.isObject() || !root.path("metadata").isObject()) {
            throw new IdlException("metadata", "missing; this reads IDLs of Anchor 0.30 and later (convert an older one with `anchor idl convert`)");
        }
        var types = new LinkedHashMap<String, TypeDefinition>();
        each(root, "types", "", (node, place) -> {
            TypeDefinition type = type(node, place);
            if (types.put(type.name(), type) != null) {
                throw new IdlException(place, "type " + type.name() + " is defined twice");
            }
            return type;
        });
        var idl = new Idl(text(root, "address", ""), text(root.path("metadata"), "name", "metadata"), docs(root.path("metadata"), "description"),
            each(root, "instructions", "", IdlReader::instruction), each(root, "accounts", "", IdlReader::discriminated),
            each(root, "events", "", IdlReader::discriminated), each(root, "errors", "", IdlReader::error), types);
        checkReferences(idl);
        return idl;
    }

    private interface Element<T> {
        T read(JsonNode node, String place);
    }

    private static <T> List<T> each(JsonNode parent, String name, String place, Element<T> element) {
        JsonNode array = parent.path(name);
        String here = place.isEmpty() ? name : place + "." + name;
        if (array.isMissingNode() || array.isNull()) {
            return List.of();
        }
        if (!array.isArray()) {
            throw new IdlException(here, "must be an array");
        }
        var list = new ArrayList<T>(array.size());
        for (int i = 0; i < array.size(); i++) {
            list.add(element.read(array.get(i), here + "[" + i + "]"));
        }
        return List.copyOf(list);
    }

    private static String text(JsonNode node, String name, String place) {
        JsonNode value = node.path(name);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw new IdlException(place.isEmpty() ? name : place + "." + name, "must be a text");
        }
        return value.textValue();
    }

    private static List<String> docs(JsonNode node, String name) {
        JsonNode docs = node.path(name);
        if (docs.isTextual()) {
            return docs.textValue().lines().toList();
        }
        var lines = new ArrayList<String>();
        docs.forEach(line -> lines.add(line.asText()));
        return List.copyOf(lines);
    }

    private static byte[] discriminator(JsonNode node, String place) {
        JsonNode array = node.path("discriminator");
        if (!array.isArray()) {
            throw new IdlException(place + ".discriminator", "must be an array of bytes");
        }
        var bytes = new byte[array.size()];
        for (int i = 0; i < bytes.length; i++) {
            int value = array.get(i).asInt(-1);
            if (value < 0 || value > 255) {
                throw new IdlException(place + ".discriminator[" + i + "]", "must be a byte");
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    private static Discriminated discriminated(JsonNode node, String place) {
        return new Discriminated(text(node, "name", place), discriminator(node, place));
    }

    /// One that something must be told by.
    private static byte[] telling(byte[] discriminator, String place) {
        if (discriminator.length == 0) {
            throw new IdlException(place + ".discriminator", "must not be empty");
        }
        return discriminator;
    }

    private static ErrorCode error(JsonNode node, String place) {
        if (!node.path("code").canConvertToExactIntegral()) {
            throw new IdlException(place + ".code", "must be a whole number");
        }
        String name = text(node, "name", place);
        return new ErrorCode(node.path("code").longValue(), name, node.path("msg").asText(name));
    }

    private static Idl.Instruction instruction(JsonNode node, String place) {
        return new Idl.Instruction(text(node, "name", place), docs(node, "docs"), telling(discriminator(node, place), place), each(node, "accounts", place, IdlReader::account),
            fields(node, "args", place));
    }

    private static AccountItem account(JsonNode node, String place) {
        if (node.has("accounts")) {
            throw new IdlException(place, "composite accounts are not supported; list their members");
        }
        return new AccountItem(text(node, "name", place), docs(node, "docs"), node.path("writable").asBoolean(), node.path("signer").asBoolean(),
            node.path("optional").asBoolean(), node.has("address") ? Optional.of(text(node, "address", place)) : Optional.empty());
    }

    /// Named fields, or the bare types of a tuple, which are named by their place.
    private static List<Field> fields(JsonNode node, String name, String place) {
        return each(node, name, place, (field, here) -> field.isObject() && field.has("name")
            ? new Field(text(field, "name", here), docs(field, "docs"), typeOf(field.path("type"), here + ".type"))
            : new Field("field_" + here.substring(here.lastIndexOf('[') + 1, here.length() - 1), List.of(), typeOf(field, here)));
    }

    private static TypeDefinition type(JsonNode node, String place) {
        if (node.path("generics").size() > 0) {
            throw new IdlException(place + ".generics", "generic types are not supported");
        }
        boolean custom = node.path("serialization").path("custom").isTextual();
        String serialization = node.path("serialization").asText("borsh");
        boolean packed = serialization.startsWith("bytemuck");
        if (!custom && !packed && !serialization.equals("borsh")) {
            throw new IdlException(place + ".serialization", "must be borsh, bytemuck or {custom: name}, is " + serialization);
        }
        JsonNode body = node.path("type");
        String kind = text(body, "kind", place + ".type");
        Shape shape = switch (kind) {
            case "struct" -> new Struct(fields(body, "fields", place + ".type"));
            case "enum" -> new Choice(each(body, "variants", place + ".type",
                (variant, here) -> new Variant(text(variant, "name", here), fields(variant, "fields", here))));
            default -> throw new IdlException(place + ".type.kind", "must be struct or enum, is " + kind);
        };
        return new TypeDefinition(text(node, "name", place), docs(node, "docs"), packed, custom, shape);
    }

    private static Type typeOf(JsonNode node, String place) {
        if (node.isTextual()) {
            try {
                return Primitive.valueOf(node.textValue().toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new IdlException(place, "type '" + node.textValue() + "' is not supported", e);
            }
        }
        if (node.has("vec")) {
            return new Idl.Vector(typeOf(node.get("vec"), place + ".vec"));
        }
        if (node.has("option")) {
            return new Idl.Option(typeOf(node.get("option"), place + ".option"));
        }
        if (node.has("coption")) {
            return new Idl.FixedOption(typeOf(node.get("coption"), place + ".coption"));
        }
        if (node.path("array").size() == 2 && node.get("array").get(1).canConvertToInt()) {
            return new Idl.Array(typeOf(node.get("array").get(0), place + ".array[0]"), node.get("array").get(1).intValue());
        }
        if (node.path("defined").path("name").isTextual()) {
            return new Defined(node.get("defined").get("name").textValue());
        }
        throw new IdlException(place, "type " + node + " is not supported");
    }

    private static void checkReferences(Idl idl) {
        idl.accounts().forEach(account -> struct(idl, "accounts", account));
        idl.events().forEach(event -> {
            telling(event.discriminator(), "events." + event.name());
            struct(idl, "events", event);
        });
        idl.types().values().forEach(type -> {
            switch (type.shape()) {
                case Struct(List<Field> fields) -> fields.forEach(field -> known(idl, type.name(), field));
                case Choice(List<Variant> variants) -> variants.forEach(variant -> variant.fields().forEach(field -> known(idl, type.name(), field)));
            }
            if (type.packed()) {
                Layout.checkNoHiddenPadding(idl, type);
            }
        });
        idl.instructions().forEach(instruction -> instruction.arguments().forEach(argument -> known(idl, instruction.name(), argument)));
        idl.accounts().stream().filter(account -> account.discriminator().length == 0).forEach(account -> {
            if (Layout.size(idl, new Defined(account.name())).isEmpty()) {
                throw new IdlException("accounts." + account.name(), "has neither a discriminator nor a fixed size to be told by");
            }
        });
    }

    private static void struct(Idl idl, String section, Discriminated what) {
        TypeDefinition type = idl.types().get(what.name());
        if (type == null || !(type.shape() instanceof Struct)) {
            throw new IdlException(section, what.name() + " has no struct of its name in types");
        }
    }

    private static void known(Idl idl, String owner, Field field) {
        Type type = field.type();
        while (true) {
            switch (type) {
                case Primitive _ -> {
                    return;
                }
                case Defined(String name) -> {
                    if (!idl.types().containsKey(name)) {
                        throw new IdlException(owner + "." + field.name(), "type " + name + " is not defined");
                    }
                    return;
                }
                case Idl.Vector(Type element) -> type = element;
                case Idl.Option(Type element) -> type = element;
                case Idl.FixedOption(Type element) -> {
                    if (Layout.size(idl, element).isEmpty()) {
                        throw new IdlException(owner + "." + field.name(), "a coption needs a type of fixed size");
                    }
                    type = element;
                }
                case Idl.Array(Type element, int _) -> type = element;
            }
        }
    }
}
