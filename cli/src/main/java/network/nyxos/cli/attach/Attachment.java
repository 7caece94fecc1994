package network.nyxos.cli.attach;

import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import picocli.CommandLine.Option;
import software.sava.core.accounts.PublicKey;

/** Options that say where everything is. What is not given comes from a stack's file, where there is one. */
public final class Attachment {

    @Option(names = "--stack", paramLabel = "FILE", description = "A stack's stack.json, which fills in what is not given (default: .nyxos/stack.json where it exists).")
    private Optional<Path> stack = Optional.empty();

    @Option(names = "--rpc", paramLabel = "URL", description = "The chain's JSON-RPC.")
    private Optional<URI> rpc = Optional.empty();

    @Option(names = "--gateway", paramLabel = "URL", description = "The gateway.")
    private Optional<URI> gateway = Optional.empty();

    @Option(names = "--relayer", paramLabel = "URL", description = "The relayer.")
    private Optional<URI> relayer = Optional.empty();

    @Option(names = "--market", paramLabel = "ADDRESS", description = "The market's account.")
    private Optional<String> market = Optional.empty();

    @Option(names = "--programs", paramLabel = "REGISTRY,ESCROW", description = "The two programs' ids (default: those of the local chain).")
    private Optional<String> programs = Optional.empty();

    private Optional<StackDescription> description = Optional.empty();
    private boolean looked;

    private Optional<StackDescription> description() {
        if (!looked) {
            description = StackDescription.find(stack);
            looked = true;
        }
        return description;
    }

    private <T> Optional<T> of(Optional<T> given, Function<StackDescription, T> stacks) {
        return given.or(() -> description().map(stacks));
    }

    private static StackException missing(String code, String option, String what) {
        return new StackException(code, what + " is not known: give " + option + ", or --stack with a running stack's stack.json");
    }

    /** The gateway's base URL, or {@code gateway_missing}. */
    public URI gateway() {
        return findGateway().orElseThrow(() -> missing("gateway_missing", "--gateway", "the gateway"));
    }

    /** The gateway's base URL, where one is known. */
    public Optional<URI> findGateway() {
        return of(gateway, StackDescription::gateway);
    }

    /** The relayer's base URL, or {@code relayer_missing}. */
    public URI relayer() {
        return findRelayer().orElseThrow(() -> missing("relayer_missing", "--relayer", "the relayer"));
    }

    /** The relayer's base URL, where one is known. */
    public Optional<URI> findRelayer() {
        return of(relayer, StackDescription::relayer);
    }

    /** Whether a chain is known at all. */
    public boolean knowsChain() {
        return of(rpc, StackDescription::rpc).isPresent();
    }

    /** Whether a chain and the market on it are known. */
    public boolean knowsMarket() {
        return knowsChain() && (market.isPresent() || description().isPresent());
    }

    /**
     * What evidence of nodes must be: by the file that is named, else by the stack's, else strict, which takes genuine hardware of any measurement.
     *
     * @throws StackException {@code file_unreadable}
     */
    public Policy evidence(Optional<Path> named) {
        return of(named, StackDescription::evidencePolicy).map(PolicyFile::read).orElseGet(Policy::strict);
    }

    /** The chain with the market on it. The caller closes it. */
    public ChainSession chain() {
        URI url = of(rpc, StackDescription::rpc).orElseThrow(() -> missing("rpc_missing", "--rpc", "the chain"));
        PublicKey account = of(market.map(text -> key("--market", text)), StackDescription::market).orElseThrow(() -> missing("market_missing", "--market", "the market"));
        return ChainSession.open(url, programs(), account);
    }

    private Programs programs() {
        return of(programs.map(Attachment::programs), StackDescription::programs).orElse(Programs.LOCAL);
    }

    private static Programs programs(String text) {
        String[] parts = text.split(",");
        if (parts.length != 2) {
            throw new StackException("programs_malformed", "--programs takes two ids, REGISTRY,ESCROW, not '" + text + "'");
        }
        return new Programs(key("--programs", parts[0]), key("--programs", parts[1]));
    }

    /**
     * The wallet that is named, else the stack's agent.
     *
     * @throws StackException {@code wallet_missing}, {@code key_unreadable}
     */
    public Keypair wallet(Optional<Path> named) {
        return keypair(walletFile(named));
    }

    /** The file of the wallet that is named, else of the stack's agent. */
    public Path walletFile(Optional<Path> named) {
        return of(named, StackDescription::agent).orElseThrow(() -> missing("wallet_missing", "--wallet", "the wallet"));
    }

    /**
     * Reads a keypair file.
     *
     * @throws StackException {@code key_unreadable}
     */
    public static Keypair keypair(Path file) {
        return keypair(file, "wallet new FILE");
    }

    /**
     * As {@link #keypair(Path)}.
     *
     * @param maker the command that makes such a file, without {@code nyxos}
     */
    public static Keypair keypair(Path file, String maker) {
        try {
            return Keypair.read(file);
        } catch (UncheckedIOException e) {
            throw new StackException("key_unreadable", "keypair file " + file + " cannot be read; `nyxos " + maker + "` makes one");
        }
    }

    /**
     * Reads a keypair file of a node's or its operator's.
     *
     * @throws StackException {@code key_unreadable}
     */
    public static Keypair nodeKeypair(Path file) {
        return keypair(file, "node keys DIR");
    }

    /**
     * Reads a keypair file, which is made where it does not exist.
     *
     * @throws StackException {@code file_unwritable}
     */
    public static Keypair keypairOrNew(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new StackException("file_unwritable", file + " cannot be written: " + folder + " is no folder");
        }
        try {
            return Keypair.readOrCreate(file);
        } catch (UncheckedIOException e) {
            throw new StackException("file_unwritable", file + " cannot be read or written; look at the permissions of " + folder);
        }
    }

    /**
     * What a stack's file says for a node's configuration, by its keys.
     *
     * @throws StackException {@code stack_unreadable}, {@code stack_malformed}
     */
    public static Map<String, String> nodeValues(Path stack) {
        return StackDescription.nodeValues(stack);
    }

    /**
     * The address behind {@code usdc}, {@code nyxos} or an address in base58.
     *
     * @throws StackException {@code key_malformed}
     */
    public PublicKey mint(String name) {
        return switch (name) {
            case "usdc" -> description().map(StackDescription::usdc).orElse(Mint.USDC.address());
            case "nyxos" -> description().map(StackDescription::nyxos).orElse(Mint.NYXOS.address());
            default -> address(name).orElseThrow(() -> new StackException("key_malformed", "--mint takes usdc, nyxos or an address in base58, not '" + name + "'"));
        };
    }

    /**
     * A mint with its program and decimals: read from the chain where one is known.
     *
     * @throws StackException {@code mint_unknown}, {@code rpc_missing}
     */
    public Mint terms(String name) {
        PublicKey address = mint(name);
        if (knowsChain()) {
            try (ChainSession chain = chain()) {
                return chain.mint(address);
            }
        }
        return java.util.stream.Stream.of(Mint.USDC, Mint.NYXOS).filter(known -> known.address().equals(address)).findFirst()
                .orElseThrow(() -> missing("rpc_missing", "--rpc", "the chain, which tells the decimals of " + address + ","));
    }

    /**
     * Reads an address.
     *
     * @param what what it is, for the message
     * @throws StackException {@code key_malformed}
     */
    public static PublicKey key(String what, String text) {
        return address(text).orElseThrow(() -> new StackException("key_malformed", what + " takes an address in base58, not '" + text + "'"));
    }

    /**
     * Reads a hash.
     *
     * @param what what it is, for the message
     * @throws StackException {@code hash_malformed}
     */
    public static Hash hash(String what, String text) {
        try {
            return Hash.fromHex(text);
        } catch (ProtocolException e) {
            throw new StackException("hash_malformed", what + " takes 64 hex digits, not '" + text + "'");
        }
    }

    private static Optional<PublicKey> address(String text) {
        try {
            return Optional.of(PublicKey.fromBase58Encoded(text.strip()));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
