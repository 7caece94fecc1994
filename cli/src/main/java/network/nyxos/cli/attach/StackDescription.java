package network.nyxos.cli.attach;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/**
 * What a running stack says of itself in {@code stack.json}.
 *
 * @param agent          the wallet file of the stack's agent
 * @param evidencePolicy the policy file that evidence of the stack's nodes meets
 */
record StackDescription(URI gateway, URI relayer, URI rpc, PublicKey market, Programs programs, PublicKey usdc, PublicKey nyxos, Path agent,
        Path evidencePolicy) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path STANDARD = Path.of(".nyxos", "stack.json");

    /** The file that is named, else {@code .nyxos/stack.json} where a stack is up; empty when neither is there. */
    static Optional<StackDescription> find(Optional<Path> named) {
        if (named.isPresent()) {
            return named.map(StackDescription::read);
        }
        return Files.exists(STANDARD) ? Optional.of(read(STANDARD)) : Optional.empty();
    }

    /**
     * Reads the file.
     *
     * @throws StackException {@code stack_unreadable}, {@code stack_malformed}
     */
    static StackDescription read(Path file) {
        return of(file, json(file));
    }

    private static StackDescription of(Path file, JsonNode root) {
        return new StackDescription(uri(file, root, "gateway"), uri(file, root, "relayer"), uri(file, root, "rpc"), key(file, root.path("market"), "market"),
                new Programs(key(file, root.path("programs").path("registry"), "programs.registry"), key(file, root.path("programs").path("escrow"), "programs.escrow")),
                key(file, root.path("mints").path("usdc"), "mints.usdc"), key(file, root.path("mints").path("nyxos"), "mints.nyxos"),
                Path.of(text(file, root.path("keys").path("agent"), "keys.agent")), Path.of(text(file, root.path("evidencePolicy"), "evidencePolicy")));
    }

    /** What a node's configuration says of this stack, by its keys. */
    static Map<String, String> nodeValues(Path file) {
        JsonNode root = json(file);
        StackDescription stack = of(file, root);
        var values = new LinkedHashMap<String, String>();
        for (String peer : List.of("gateway", "relayer")) {
            JsonNode dial = root.path("nodesDial").path(peer);
            values.put(peer + ".url", text(file, dial.path("url"), "nodesDial." + peer + ".url"));
            values.put(peer + ".key", text(file, dial.path("key"), "nodesDial." + peer + ".key"));
        }
        values.put("rpc", stack.rpc().toString());
        values.put("market", stack.market().toBase58());
        values.put("programs.registry", stack.programs().registry().toBase58());
        values.put("programs.escrow", stack.programs().escrow().toBase58());
        return values;
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw malformed(file, "it is not JSON");
        } catch (IOException e) {
            throw new StackException("stack_unreadable", file + " cannot be read: is the stack up? It writes the file when all is started");
        }
    }

    private static String text(Path file, JsonNode value, String name) {
        if (!value.isTextual()) {
            throw malformed(file, "it lacks " + name);
        }
        return value.asText();
    }

    private static URI uri(Path file, JsonNode root, String name) {
        try {
            return URI.create(text(file, root.path(name), name));
        } catch (IllegalArgumentException e) {
            throw malformed(file, name + " is not a URL");
        }
    }

    private static PublicKey key(Path file, JsonNode value, String name) {
        try {
            return PublicKey.fromBase58Encoded(text(file, value, name));
        } catch (StackException e) {
            throw e;
        } catch (RuntimeException e) {
            throw malformed(file, name + " is not a key in base58");
        }
    }

    private static StackException malformed(Path file, String what) {
        return new StackException("stack_malformed", file + " is not what a stack writes: " + what);
    }
}
