package network.nyxos.cli.up;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;

/**
 * The stack's development keys: standard Solana keypair files in one folder, made at the first run and found again at the next.
 *
 * <p>They are made on this machine for this stack alone and hold no value anywhere else.
 */
public final class Keys {

    /** Names of the verifiers' keys; two of them are a quorum. */
    static final List<String> VERIFIERS = List.of("verifier-1", "verifier-2", "verifier-3");

    private final Path folder;

    public Keys(Path folder) {
        this.folder = Objects.requireNonNull(folder, "folder");
    }

    /** The key of this name, made if it is not there yet. */
    public Keypair key(String name) {
        return Keypair.readOrCreate(path(name));
    }

    /** The file of the key of this name. */
    public Path path(String name) {
        return folder.resolve(name + ".json");
    }

    /** The folder of a node's own keys, {@code node.json} and {@code receipt.json}. */
    public Path node(String name) {
        return folder.resolve("node-" + name);
    }

    /** Opens the registry and the market, and may admit mints. */
    public Keypair authority() {
        return key("authority");
    }

    /** The relayer's: settles vouchers and posts batches. */
    public Keypair operator() {
        return key("operator");
    }

    /** Pays the fees of sponsored x402 payments. */
    public Keypair sponsor() {
        return key("sponsor");
    }

    /** Signs the gateway's assignments and job records. */
    public Keypair gateway() {
        return key("gateway");
    }

    /** Holds SOL and tokens that tests and tools may give away. */
    public Keypair funder() {
        return key("funder");
    }

    /** Mint authority of the local USDC and $NYXOS. */
    public Keypair mintAuthority() {
        return key("mint-authority");
    }

    /** The paying agent's wallet. */
    public Keypair agent() {
        return key("agent");
    }

    /** The agent's session key: signs vouchers, cannot leave with the deposit. */
    public Keypair agentSession() {
        return key("agent-session");
    }

    /** The book of the vouchers that a session key's file has signed: {@code agent-session.json.book}. */
    public static Path vouchers(Path session) {
        return session.resolveSibling(session.getFileName() + ".book");
    }

    /** The author of the stack's model: registers it, and its wallet gets the royalty. */
    public Keypair author() {
        return key("model-author");
    }

    /** Takes the protocol's fee. */
    public PublicKey treasury() {
        return key("treasury").publicKey();
    }

    /** The verifiers' keys in the order of the market's set. */
    public List<Keypair> verifiers() {
        return VERIFIERS.stream().map(this::key).toList();
    }

    /** Public keys of every wallet that pays transaction fees. */
    public Stream<PublicKey> feePayers() {
        return Stream.of(authority(), operator(), sponsor(), funder(), mintAuthority(), agent(), author()).map(Keypair::publicKey);
    }
}
