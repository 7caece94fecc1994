package network.nyxos.cli.provider;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Programs;
import network.nyxos.node.NodeConfig;
import software.sava.core.accounts.PublicKey;

/**
 * A provider's configuration file.
 *
 * @param node     what the node itself is told
 * @param chain    JSON-RPC
 * @param programs the two programs
 * @param market   the market it works for
 * @param keys     folder with {@code node.json} and {@code receipt.json}
 * @param operator keypair file of the wallet that pays fees and owns the bond
 * @param payout   the wallet that is paid; empty: the operator's
 * @param bond     the bond as a decimal amount; empty: the registry's least
 * @param engine   what runs the model
 * @param tdx      whether evidence is asked of the TDX guest that it runs in
 * @param accepted which code the programs may have
 */
record NodeSettings(NodeConfig node, URI chain, Programs programs, PublicKey market, Path keys, Path operator, Optional<PublicKey> payout, Optional<String> bond,
        EngineSettings engine, boolean tdx, AcceptedPrograms accepted) {

    private static final Set<String> NODE_KEYS = Set.of("gateway.url", "gateway.key", "relayer.url", "relayer.key", "tiers", "capacity", "data", "prices",
            "resend-seconds", "reveal-ids");
    private static final Set<String> OWN_KEYS = Set.of("rpc", "market", "programs.registry", "programs.escrow", "programs.registry.sha256",
            "programs.escrow.sha256", "keys", "operator", "payout", "bond", "evidence");

    /**
     * Reads a file. Keys besides those of {@link NodeConfig#of}: {@code rpc}, {@code market}, {@code programs.registry}, {@code programs.escrow} (default: the
     * local chain's), {@code programs.registry.sha256}, {@code programs.escrow.sha256} (lists of hashes; default: any), {@code keys}, {@code operator}, {@code payout}, {@code bond}, {@code evidence} ({@code tdx} or {@code none}, the default) and those of
     * {@link EngineSettings}.
     *
     * @param otherwise values of keys that the file does not have
     * @throws StackException {@code config_unreadable}, {@code config_key_unknown}, {@code config_missing}, {@code config_invalid}
     */
    static NodeSettings read(Path file, Map<String, String> otherwise) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new StackException("config_unreadable", "the configuration " + file + " cannot be read as properties");
        }
        Map<String, String> values = new LinkedHashMap<>(otherwise);
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name).strip()));
        return of(values);
    }

    /** As {@link #read}, from what was read. */
    static NodeSettings of(Map<String, String> values) {
        var unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(NODE_KEYS);
        unknown.removeAll(OWN_KEYS);
        unknown.removeAll(EngineSettings.KEYS);
        if (!unknown.isEmpty()) {
            // A misspelt rule would be no rule.
            throw new StackException("config_key_unknown", "the configuration has keys that mean nothing: " + String.join(", ", unknown));
        }
        NodeConfig node;
        try {
            node = NodeConfig.of(values);
        } catch (IllegalArgumentException e) {
            throw new StackException("config_invalid", "the configuration does not hold: " + e.getMessage());
        }
        return new NodeSettings(node, url(values, "rpc"), new Programs(key(values, "programs.registry").orElse(Programs.LOCAL.registry()),
                key(values, "programs.escrow").orElse(Programs.LOCAL.escrow())), Attachment.key("market", required(values, "market")), Path.of(required(values, "keys")),
                Path.of(required(values, "operator")), key(values, "payout"), Optional.ofNullable(values.get("bond")), EngineSettings.of(values), tdx(values),
                new AcceptedPrograms(hashes(values, "programs.registry.sha256"), hashes(values, "programs.escrow.sha256")));
    }

    private static boolean tdx(Map<String, String> values) {
        return switch (values.getOrDefault("evidence", "none")) {
            case "tdx" -> true;
            case "none" -> false;
            default -> throw new StackException("config_invalid", "evidence is tdx or none, not '" + values.get("evidence") + "'");
        };
    }

    private static Set<Hash> hashes(Map<String, String> values, String name) {
        try {
            return AcceptedPrograms.hashes(values.getOrDefault(name, ""));
        } catch (ProtocolException e) {
            throw new StackException("config_invalid", name + ": " + e.getMessage());
        }
    }

    private static Optional<PublicKey> key(Map<String, String> values, String name) {
        return Optional.ofNullable(values.get(name)).map(text -> Attachment.key(name, text));
    }

    static URI url(Map<String, String> values, String name) {
        URI url;
        try {
            url = URI.create(required(values, name));
        } catch (IllegalArgumentException e) {
            throw new StackException("config_invalid", name + " is not a URL: '" + values.get(name) + "'");
        }
        if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            throw new StackException("config_invalid", name + " begins with http:// or https://, is '" + url + "'");
        }
        return url;
    }

    static String required(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null || value.isBlank()) {
            throw new StackException("config_missing", "the configuration lacks " + name);
        }
        return value;
    }
}
