package network.nyxos.attestation.policy;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.SignedJson;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The members of one object of a policy. Errors are {@code policy.invalid} and name the member by its whole path. */
public final class Members {
    /** Of every error. */
    public static final String CODE = "policy.invalid";

    private final JsonNode object;
    private final String path;

    /** Refuses what is no object, and every member that is not among {@code known}: a misspelt rule would be no rule. */
    Members(JsonNode object, String path, Set<String> known) {
        require(object.isObject(), (path.isEmpty() ? "a policy" : "member \"" + path + "\"") + " is not an object");
        this.object = object;
        this.path = path;
        object.fieldNames().forEachRemaining(name ->
                require(known.contains(name), "member \"" + where(name) + "\" is not known; known are " + new TreeSet<>(known)));
    }

    static void require(boolean condition, String message) {
        if (!condition) {
            throw new AttestationException(CODE, message);
        }
    }

    /** True when it is there. */
    public boolean has(String name) {
        return object.has(name);
    }

    boolean isEmpty() {
        return object.isEmpty();
    }

    /** The object member {@code name}; empty when it is absent. */
    Optional<Members> object(String name, Set<String> known) {
        return has(name) ? Optional.of(new Members(object.get(name), where(name), known)) : Optional.empty();
    }

    /** The objects of the array member {@code name}. */
    List<Members> objects(String name, Set<String> known) {
        return list(name).stream().map(element -> new Members(element, where(name), known)).toList();
    }

    /** The texts of the array member {@code name}. */
    public List<String> texts(String name) {
        return list(name).stream().map(element -> {
            require(element.isTextual(), "member \"" + where(name) + "\" holds something that is not text");
            return element.textValue();
        }).toList();
    }

    /** The text member {@code name}; {@code otherwise} when it is absent. */
    public String text(String name, String otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        require(object.get(name).isTextual(), "member \"" + where(name) + "\" is not text; versions stand in quotes");
        return object.get(name).textValue();
    }

    /** A set of things known by name. */
    <T> Set<T> set(String name, Function<String, Optional<T>> reader, List<String> known) {
        Set<T> values = new HashSet<>();
        for (String text : texts(name)) {
            T value = reader.apply(text).orElseThrow(() ->
                    new AttestationException(CODE, "member \"" + where(name) + "\": \"" + text + "\" is not known; known are " + known));
            require(values.add(value), "member \"" + where(name) + "\" names \"" + text + "\" twice");
        }
        return values;
    }

    /** Byte strings of {@code length} bytes each. */
    Set<Bytes> hexSet(String name, int length) {
        Set<Bytes> values = new HashSet<>();
        texts(name).forEach(text -> values.add(sized(SignedJson.hex(text, where(name), CODE), name, length)));
        return values;
    }

    /** A byte string of {@code length} bytes. */
    Bytes hex(String name, int length) {
        JsonNode value = object.path(name);
        require(value.isTextual(), "member \"" + where(name) + "\" is not text; hexadecimal stands in quotes");
        return sized(SignedJson.hex(value.textValue(), where(name), CODE), name, length);
    }

    /** An integer from 0 to {@code maximum}; {@code otherwise} when it is absent. */
    public long integer(String name, long maximum, long otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        JsonNode value = object.get(name);
        require(value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0 && value.longValue() <= maximum,
                "member \"" + where(name) + "\" is not an integer from 0 to " + maximum);
        return value.longValue();
    }

    /** Different integers from 0 to {@code maximum} each. */
    Set<Integer> integers(String name, int maximum) {
        Set<Integer> values = new HashSet<>();
        for (JsonNode element : list(name)) {
            require(element.isInt() && element.intValue() >= 0 && element.intValue() <= maximum && values.add(element.intValue()),
                    "member \"" + where(name) + "\" does not hold different integers from 0 to " + maximum);
        }
        return values;
    }

    /** True or false; {@code otherwise} when it is absent. */
    public boolean flag(String name, boolean otherwise) {
        require(!has(name) || object.get(name).isBoolean(), "member \"" + where(name) + "\" is not true or false");
        return object.path(name).asBoolean(otherwise);
    }

    String where(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private List<JsonNode> list(String name) {
        return SignedJson.list(object, name, CODE);
    }

    private Bytes sized(Bytes value, String name, int length) {
        require(value.size() == length, "member \"" + where(name) + "\" has " + value.size() + " bytes, must have " + length);
        return value;
    }
}
