package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.money.Price;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.gateway.Gateway;
import network.nyxos.gateway.GatewayConfig;
import network.nyxos.gateway.offer.MintTerms;
import network.nyxos.gateway.offer.ModelTerms;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.SponsorPolicy;
import network.nyxos.indexer.Indexer;
import network.nyxos.indexer.IndexerConfig;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import network.nyxos.relayer.Relayer;
import network.nyxos.relayer.RelayerConfig;
import network.nyxos.relayer.dispute.Replayer;
import network.nyxos.relayer.verifier.Verifier;
import network.nyxos.relayer.verifier.VerifierConfig;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** Every service holds the chain against its configuration before it touches anything else: none of these has a database to open. What is checked, and every code, is SelfCheckTest's. */
class StartCheckTest {

    private static final String NO_DATABASE = "jdbc:postgresql://127.0.0.1:1/none";
    private static final Keypair KEY = Keypair.generate();
    private static final PublicKey MINT = Keypair.generate().publicKey();
    private static final PublicKey MARKET = Keypair.generate().publicKey();
    /** Another version's hashes. */
    private static final AcceptedPrograms OTHER = new AcceptedPrograms(Set.of(), Set.of(Hash.sha256(new byte[] {1})));

    private static LocalChain chain;
    private static LocalRpcServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        chain = LocalChain.start(ChainOptions.defaults().withManualSlots());
        server = LocalRpcServer.start(chain, 0);
        Path artifacts = Path.of("..", "onchain", "artifacts");
        chain.deploy(Programs.LOCAL.registry(), Files.readAllBytes(artifacts.resolve("registry.so")));
        chain.deploy(Programs.LOCAL.escrow(), Files.readAllBytes(artifacts.resolve("escrow.so")));
    }

    @AfterAll
    static void stop() {
        server.close();
        chain.close();
    }

    private static void refused(ThrowingCallable start, String code) {
        assertThatThrownBy(start).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static URI nowhere() {
        return URI.create("http://127.0.0.1:1");
    }

    private static Gateway gateway(Network network, AcceptedPrograms accepted) {
        var model = new ModelTerms("m", Optional.empty(), 100, 10, Map.of(Tier.OPEN, Map.of(MINT, new Price(1, 1))));
        return Gateway.start(new GatewayConfig(GatewayConfig.Listen.LOCAL, NO_DATABASE, "gateway",
                new GatewayConfig.Chain(server.httpUrl(), server.wsUrl(), network, Programs.LOCAL, MARKET, MARKET, accepted), new GatewayConfig.Keys(KEY, KEY, new byte[32]),
                List.of(model), List.of(new MintTerms(MINT, LocalChain.TOKEN_PROGRAM, 6, "USD")), nowhere(), Optional.empty(), GatewayConfig.Timing.DEFAULT, SponsorPolicy.DEFAULT,
                true));
    }

    private static Relayer relayer(AcceptedPrograms accepted) {
        return Relayer.start(new RelayerConfig("127.0.0.1", 0, KEY, server.httpUrl(), NO_DATABASE, "relayer", Programs.LOCAL, MARKET, List.of(MINT), Set.of(KEY.publicKey()), List.of(),
                RelayerConfig.Gate.DEFAULT, RelayerConfig.Batches.DEFAULT, Policy.strict(), false, Optional.empty(), accepted));
    }

    private static Verifier verifier(AcceptedPrograms accepted) {
        return Verifier.start(new VerifierConfig("127.0.0.1", 0, KEY, server.httpUrl(), NO_DATABASE, "verifier", Programs.LOCAL, MARKET, List.of(MINT), Set.of(KEY.publicKey()), SampleRule.DEFAULT,
                Policy.strict(), false, Optional.empty(), accepted, Replayer.NONE));
    }

    private static IndexerConfig indexer() {
        return IndexerConfig.of(server.httpUrl(), NO_DATABASE, Programs.LOCAL);
    }

    private Ran node(String more) throws IOException {
        for (String name : List.of("node", "receipt", "operator")) {
            Keypair.readOrCreate(folder.resolve(name + ".json"));
        }
        Path file = Files.writeString(folder.resolve("node.properties"), "gateway.url=ws://127.0.0.1:1\ngateway.key=" + KEY + "\nrelayer.url=ws://127.0.0.1:1\nrelayer.key=" + KEY
                + "\nrpc=" + server.httpUrl() + "\nmarket=" + MARKET + "\nkeys=" + folder + "\noperator=" + folder.resolve("operator.json") + "\ndata=" + folder.resolve("data")
                + "\ntiers=open\nengine=http://127.0.0.1:1/v1\nmodel.name=m\nmodel.id=" + "ab".repeat(32) + "\nmodel.context=100\n" + more);
        return Ran.command("node", "run", "--config", file.toString());
    }

    @Test
    void no_service_starts_on_code_that_it_was_not_told_of() throws IOException {
        refused(() -> gateway(Network.DEVNET, OTHER), "program_hash");
        refused(() -> relayer(OTHER), "program_hash");
        refused(() -> verifier(OTHER), "program_hash");
        refused(() -> Indexer.start(indexer().accepting(OTHER)), "program_hash");
        assertThat(node("programs.escrow.sha256=" + "cd".repeat(32) + "\n").err()).contains("[program_hash]");
    }

    @Test
    void no_service_starts_on_a_market_that_is_not_there() throws IOException {
        refused(() -> gateway(Network.DEVNET, AcceptedPrograms.ANY), "market_absent");
        refused(() -> relayer(AcceptedPrograms.ANY), "market_absent");
        refused(() -> verifier(AcceptedPrograms.ANY), "market_absent");
        refused(() -> Indexer.start(indexer().withRelayer(nowhere(), Optional.of(MARKET.toBase58()))), "market_absent");
        assertThat(node("").err()).contains("[market_absent]");
    }

    @Test
    void a_gateway_does_not_take_one_networks_payments_for_anothers() {
        refused(() -> gateway(Network.MAINNET, AcceptedPrograms.ANY), "cluster_wrong");
    }

    @Test
    void a_hash_that_is_none_is_named() throws IOException {
        assertThat(node("programs.registry.sha256=zz\n").err()).contains("[config_invalid]");
    }
}
