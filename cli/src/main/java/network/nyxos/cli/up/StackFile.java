package network.nyxos.cli.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/** {@code stack.json}: how other tools attach. Written once all is up, removed before anything of it goes away. */
final class StackFile {

    /**
     * What it tells.
     *
     * @param jdbc            with user and password where needed
     * @param attestationRoot the development root that signs evidence here, PEM
     */
    record Contents(URI gateway, URI facilitator, URI relayer, URI indexer, URI rpc, URI ws, String jdbc, Programs programs, String market, Keys keys,
            String attestationRoot) {
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    StackFile(Path data) {
        this.file = data.resolve("stack.json");
    }

    Path path() {
        return file;
    }

    void write(Contents contents) {
        ObjectNode root = JSON.createObjectNode();
        root.put("environment", "DEVELOPMENT: keys, attestation root and mints were made on this machine for this stack alone");
        root.put("gateway", contents.gateway().toString()).put("facilitator", contents.facilitator().toString())
                .put("relayer", contents.relayer().toString()).put("indexer", contents.indexer().toString())
                .put("rpc", contents.rpc().toString()).put("ws", contents.ws().toString()).put("jdbc", contents.jdbc());
        root.putObject("mints").put("usdc", Mint.USDC.address().toBase58()).put("nyxos", Mint.NYXOS.address().toBase58());
        root.putObject("programs").put("registry", contents.programs().registry().toBase58()).put("escrow", contents.programs().escrow().toBase58());
        root.put("market", contents.market());
        Keys keys = contents.keys();
        ObjectNode dial = root.putObject("nodesDial");
        peer(dial.putObject("gateway"), contents.gateway(), keys.gateway().publicKey());
        peer(dial.putObject("relayer"), contents.relayer(), keys.operator().publicKey());
        root.put("evidencePolicy", policy(contents.attestationRoot()).toString());
        root.putObject("keys").put("agent", path(keys, "agent")).put("funder", path(keys, "funder")).put("mintAuthority", path(keys, "mint-authority"));
        Path written = file.resolveSibling("stack.json.new");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(written.toFile(), root);
            // Moved into place whole, so that nobody reads half of it.
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("stack.json cannot be written to " + file, e);
        }
    }

    /** The policy that evidence of this stack's nodes meets: what clients verify by. It is no secret, and stays. */
    private Path policy(String attestationRoot) {
        ObjectNode policy = JSON.createObjectNode();
        policy.putArray("roots").add(attestationRoot);
        policy.put("allowDevelopmentRoots", true);
        Path written = file.resolveSibling("evidence-policy.json").toAbsolutePath().normalize();
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(written.toFile(), policy);
        } catch (IOException e) {
            throw new UncheckedIOException("the policy for evidence cannot be written to " + written, e);
        }
        return written;
    }

    void remove() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("stack.json cannot be removed from " + file, e);
        }
    }

    // Where a node links, and whom it must find there.
    private static void peer(ObjectNode node, URI http, PublicKey key) {
        node.put("url", http.resolve("/v1/node").toString().replaceFirst("^http", "ws")).put("key", key.toBase58());
    }

    private static String path(Keys keys, String name) {
        return keys.path(name).toAbsolutePath().normalize().toString();
    }
}
