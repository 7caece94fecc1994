package network.nyxos.cli.attach;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/**
 * A configuration of Java properties, as a file has it. Every value is asked for by name; a name that nobody asked for is a misspelt rule, and refused.
 *
 * <p>All methods throw {@link StackException} {@code config_missing} or {@code config_invalid}, naming the key.
 */
public final class ConfigFile {

    private final Map<String, String> values;
    private final Set<String> asked = new HashSet<>();

    /** A configuration of these values. */
    public ConfigFile(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    /**
     * Reads a file.
     *
     * @param otherwise values of keys that the file does not have
     * @throws StackException {@code config_unreadable}
     */
    public static Map<String, String> read(Path file, Map<String, String> otherwise) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new StackException("config_unreadable", "the configuration " + file + " cannot be read as properties");
        }
        Map<String, String> values = new LinkedHashMap<>(otherwise);
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name).strip()));
        return values;
    }

    /** All of it, for a reader of another module; the keys that it knows count as asked for. */
    public Map<String, String> all(Collection<String> known) {
        asked.addAll(known);
        return values;
    }

    /**
     * That every key was asked for.
     *
     * @throws StackException {@code config_key_unknown}
     */
    public void complete() {
        var unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(asked);
        if (!unknown.isEmpty()) {
            throw new StackException("config_key_unknown", "the configuration has keys that mean nothing: " + String.join(", ", unknown));
        }
    }

    /** A text, where there is one. */
    public Optional<String> optional(String name) {
        asked.add(name);
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
    }

    /** A text. */
    public String text(String name) {
        return optional(name).orElseThrow(() -> new StackException("config_missing", "the configuration lacks " + name));
    }

    /** Texts with commas between. */
    public List<String> list(String name) {
        return optional(name).map(text -> Arrays.stream(text.split(",")).map(String::strip).filter(part -> !part.isEmpty()).toList()).orElse(List.of());
    }

    /** Texts with commas between, one at least. */
    public List<String> texts(String name) {
        text(name);
        return list(name);
    }

    /** An address over http or https. */
    public URI url(String name) {
        return url(name, text(name), "http", "https");
    }

    /** An address over http or https, where there is one. */
    public Optional<URI> optionalUrl(String name) {
        return optional(name).map(text -> url(name, text, "http", "https"));
    }

    /** An address of subscriptions, over ws or wss, where there is one. */
    public Optional<URI> optionalSocket(String name) {
        return optional(name).map(text -> url(name, text, "ws", "wss"));
    }

    /** An address of one of these schemes. */
    public static URI url(String name, String text, String... schemes) {
        URI url;
        try {
            url = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw invalid(name + " is not a URL: '" + text + "'");
        }
        if (!List.of(schemes).contains(url.getScheme())) {
            throw invalid(name + " begins with " + String.join(":// or ", schemes) + "://, is '" + url + "'");
        }
        return url;
    }

    /**
     * A key in base58.
     *
     * @throws StackException {@code key_malformed} too
     */
    public PublicKey key(String name) {
        return Attachment.key(name, text(name));
    }

    /** A key in base58, where there is one. */
    public Optional<PublicKey> optionalKey(String name) {
        return optional(name).map(text -> Attachment.key(name, text));
    }

    /** Keys in base58 with commas between, one at least. */
    public List<PublicKey> keys(String name) {
        return texts(name).stream().map(text -> Attachment.key(name, text)).toList();
    }

    /** A whole number within bounds. */
    public int number(String name, int otherwise, int least, int most) {
        return optional(name).map(text -> number(name, text, least, most)).orElse(otherwise);
    }

    private static int number(String name, String text, int least, int most) {
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw invalid(name + " is a whole number of " + least + " to " + most + ", not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    /** A time in seconds, one at least. */
    public Duration seconds(String name, Duration otherwise) {
        return optional(name).map(text -> Duration.ofSeconds(number(name, text, 1, 100_000_000))).orElse(otherwise);
    }

    /** {@code true} or {@code false}. */
    public boolean flag(String name, boolean otherwise) {
        return optional(name).map(text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(name + " is true or false, not '" + text + "'");
        }).orElse(otherwise);
    }

    /** A file, where one is named. */
    public Optional<Path> file(String name) {
        return optional(name).map(Path::of);
    }

    /** The key pair in the file that is named. */
    public Keypair keypair(String name) {
        return Attachment.keypair(Path.of(text(name)));
    }

    /** {@code programs.registry} and {@code programs.escrow}; the local chain's where they are not named. */
    public Programs programs() {
        return new Programs(optionalKey("programs.registry").orElse(Programs.LOCAL.registry()), optionalKey("programs.escrow").orElse(Programs.LOCAL.escrow()));
    }

    /** {@code programs.registry.sha256} and {@code programs.escrow.sha256}: which code the programs may have; any where they are not named. */
    public AcceptedPrograms accepted() {
        try {
            return new AcceptedPrograms(AcceptedPrograms.hashes(optional("programs.registry.sha256").orElse("")), AcceptedPrograms.hashes(optional("programs.escrow.sha256").orElse("")));
        } catch (ProtocolException e) {
            throw invalid("programs.registry.sha256 or programs.escrow.sha256: " + e.getMessage());
        }
    }

    /** A value that does not hold. */
    public static StackException invalid(String message) {
        return new StackException("config_invalid", message);
    }
}
