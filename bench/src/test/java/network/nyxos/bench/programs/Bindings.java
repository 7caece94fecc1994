package network.nyxos.bench.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/** The generated Java bindings of a program, found by the names that its IDL gives: a test of all of them cannot name each. */
record Bindings(String name, JsonNode idl) {

    private static final HexFormat HEX = HexFormat.of();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** What made and what reads a value failed, as it was thrown. */
    private interface Reflective<T> {
        T call() throws ReflectiveOperationException;
    }

    private static <T> T reflect(Reflective<T> call) {
        try {
            return call.call();
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof RuntimeException own ? own : new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("the IDL has it, the bindings lack it: " + e.getMessage(), e);
        }
    }

    PublicKey id() {
        return PublicKey.fromBase58Encoded(idl.path("address").asText());
    }

    private Class<?> type(String simpleName) {
        return reflect(() -> Class.forName("network.nyxos.escrow.program." + name + "." + simpleName));
    }

    private Class<?> family(String ending) {
        return type(pascal(name) + ending);
    }

    private static String pascal(String name) {
        return Arrays.stream(name.split("_")).map(part -> part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1)).collect(Collectors.joining());
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static Stream<JsonNode> each(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** Names of the classes of all instructions, events, accounts and types that they use. */
    Set<String> declared() {
        Set<String> events = each(idl.path("events")).map(event -> event.path("name").asText()).collect(Collectors.toSet());
        String prefix = pascal(name);
        return Stream.concat(each(idl.path("instructions")).map(instruction -> prefix + "Instruction$" + pascal(instruction.path("name").asText())),
                each(idl.path("types")).map(type -> type.path("name").asText()).map(type -> events.contains(type) ? prefix + "Event$" + type : type))
                .collect(Collectors.toSet());
    }

    Object decodeInstruction(byte[] data) {
        return reflect(() -> family("Instruction").getMethod("decode", byte[].class).invoke(null, (Object) data));
    }

    Object decodeEvent(byte[] data) {
        return reflect(() -> (Optional<?>) family("Event").getMethod("decode", byte[].class).invoke(null, (Object) data)).orElseThrow();
    }

    byte[] encodeEvent(Object event) {
        byte[] tag = (byte[]) reflect(() -> family("Event").getMethod("tag").invoke(null));
        byte[] body = (byte[]) reflect(() -> family("Event").getMethod("encode").invoke(event));
        byte[] data = Arrays.copyOf(tag, tag.length + body.length);
        System.arraycopy(body, 0, data, tag.length, body.length);
        return data;
    }

    Object decodeAccount(byte[] data) {
        List<Class<?>> matching = each(idl.path("accounts")).<Class<?>>map(account -> type(account.path("name").asText()))
                .filter(type -> reflect(() -> (Boolean) type.getMethod("matches", byte[].class).invoke(null, (Object) data))).toList();
        if (matching.size() != 1) {
            throw new AssertionError(matching + " match " + HEX.formatHex(data));
        }
        return reflect(() -> matching.getFirst().getMethod("decode", byte[].class).invoke(null, (Object) data));
    }

    byte[] encodeAccount(Object account) {
        return (byte[]) reflect(() -> account.getClass().getMethod("encode").invoke(account));
    }

    /** Number, name and message of every error that the bindings have. */
    List<List<Object>> errors() {
        Class<?> type = family("Error");
        return Arrays.stream(type.getEnumConstants()).map(error -> reflect(() -> List.of(type.getMethod("code").invoke(error), type.getMethod("idlName").invoke(error),
                type.getMethod("message").invoke(error)))).toList();
    }

    /** An instruction's record. */
    record Call(Bindings program, Object record) {

        byte[] data() {
            return (byte[]) reflect(() -> record.getClass().getMethod("encode").invoke(record));
        }

        /** The call on these accounts, made from the named ones' addresses alone, so that signers and writable accounts are what the bindings say. */
        Instruction instruction(List<AccountMeta> accounts) {
            Class<?> named = Arrays.stream(record.getClass().getDeclaredClasses()).filter(type -> type.getSimpleName().equals("Accounts")).findFirst().orElseThrow();
            int count = (int) reflect(() -> named.getField("COUNT").get(null));
            Object fixed = reflect(() -> named.getMethod("of", List.class).invoke(null, accounts.stream().map(AccountMeta::publicKey).toList()));
            var made = (Instruction) reflect(() -> record.getClass().getMethod("instruction", PublicKey.class, named, List.class)
                    .invoke(record, program.id(), fixed, accounts.subList(count, accounts.size())));
            if (!metas(made.accounts()).equals(metas(accounts))) {
                throw new AssertionError("the bindings make " + made.accounts() + ", the program accepted " + accounts);
            }
            return made;
        }

        private static List<List<Object>> metas(List<AccountMeta> accounts) {
            return accounts.stream().map(meta -> List.<Object>of(meta.publicKey(), meta.signer(), meta.write())).toList();
        }
    }

    /** The call with arguments as the vectors write them. */
    Call call(String instruction, JsonNode arguments) {
        Class<?> type = Arrays.stream(family("Instruction").getDeclaredClasses()).filter(nested -> nested.getSimpleName().equals(pascal(instruction))).findFirst()
                .orElseThrow(() -> new AssertionError("the bindings lack " + instruction));
        return new Call(this, record(type, arguments));
    }

    private static Object record(Class<?> type, JsonNode fields) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = Arrays.stream(components).map(component -> value(component.getGenericType(), fields.required(snake(component.getName())))).toArray();
        return reflect(() -> type.getConstructor(Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new)).newInstance(values));
    }

    private static Object value(Type type, JsonNode value) {
        return switch (type) {
            case ParameterizedType list -> each(value).map(item -> value(list.getActualTypeArguments()[0], item)).toList();
            case Class<?> known when known == int.class || known == Integer.class -> value.intValue();
            // Numbers above 32 bits are text, u64 as its bits.
            case Class<?> known when known == long.class || known == Long.class ->
                value.isTextual() ? value.textValue().startsWith("-") ? Long.parseLong(value.textValue()) : Long.parseUnsignedLong(value.textValue()) : value.longValue();
            case Class<?> known when known == PublicKey.class -> PublicKey.fromBase58Encoded(value.textValue());
            case Class<?> known when known == Hash.class -> Hash.of(HEX.parseHex(value.textValue()));
            case Class<?> known when known == byte[].class -> HEX.parseHex(value.textValue());
            case Class<?> known when known.isRecord() -> record(known, value);
            default -> throw new AssertionError("no value of " + type + " is known here");
        };
    }

    /** A record's fields as text. */
    static JsonNode fields(Object record) {
        ObjectNode fields = JSON.objectNode();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            fields.set(snake(component.getName()), plain(reflect(() -> component.getAccessor().invoke(record))));
        }
        return fields;
    }

    private static JsonNode plain(Object value) {
        return switch (value) {
            case List<?> list -> {
                ArrayNode items = JSON.arrayNode();
                list.forEach(item -> items.add(plain(item)));
                yield items;
            }
            case byte[] bytes -> JSON.textNode(HEX.formatHex(bytes));
            case Hash hash -> JSON.textNode(hash.hex());
            case PublicKey key -> JSON.textNode(key.toBase58());
            case Record nested -> fields(nested);
            default -> JSON.textNode(value.toString());
        };
    }

    /** The vectors' fields as text, without the version and the room that Java checks and does not show. */
    static JsonNode withoutRoom(JsonNode value) {
        if (value.isArray()) {
            ArrayNode items = JSON.arrayNode();
            value.forEach(item -> items.add(withoutRoom(item)));
            return items;
        }
        if (!value.isObject()) {
            return JSON.textNode(value.asText());
        }
        ObjectNode fields = JSON.objectNode();
        value.properties().stream().filter(field -> !field.getKey().equals("version") && Stream.of("reserved", "padding", "zero").noneMatch(field.getKey()::startsWith))
                .forEach(field -> fields.set(field.getKey(), withoutRoom(field.getValue())));
        return fields;
    }

    /** Adds the names of the classes that a value is made of. */
    static void types(Object value, Set<String> names) {
        if (value instanceof List<?> list) {
            list.forEach(item -> types(item, names));
        } else if (value instanceof Record record && record.getClass().getPackageName().startsWith("network.nyxos.escrow.program.")) {
            names.add(record.getClass().getName().substring(record.getClass().getPackageName().length() + 1));
            Arrays.stream(record.getClass().getRecordComponents()).forEach(component -> types(reflect(() -> component.getAccessor().invoke(record)), names));
        }
    }
}
