package network.nyxos.chain.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.MarketCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.RegistryCalls;
import network.nyxos.escrow.token.WellKnown;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/// A service that was told something wrong about the chain does not start: every wrong thing has its code, against the built programs on the local chain.
class SelfCheckTest {
    private static final Programs PROGRAMS = Programs.LOCAL;
    private static final Keypair AUTHORITY = Keypair.generate();
    private static final PublicKey OPERATOR = Keypair.generate().publicKey();
    private static final PublicKey VERIFIER = Keypair.generate().publicKey();
    private static final PublicKey USD = Keypair.generate().publicKey();
    private static final PublicKey OTHER = Keypair.generate().publicKey();

    private static LocalChain chain;
    private static LocalRpcServer server;
    private static SolanaRpc rpc;
    private static PublicKey config;
    private static PublicKey market;
    private static PublicKey foreignMarket;

    private static byte[] artifact(String name) throws IOException {
        return Files.readAllBytes(Path.of("..", "onchain", "artifacts", name + ".so"));
    }

    private static Hash hash(String name) throws IOException {
        return Hash.sha256(artifact(name));
    }

    @BeforeAll
    static void open() throws IOException {
        chain = LocalChain.start(ChainOptions.defaults().withSlotMillis(50));
        server = LocalRpcServer.start(chain, 0);
        rpc = SolanaRpc.connect(server.httpUrl());
        chain.deploy(PROGRAMS.registry(), artifact("registry"));
        chain.deploy(PROGRAMS.escrow(), artifact("escrow"));
        chain.airdrop(AUTHORITY.publicKey(), 10 * LocalChain.LAMPORTS_PER_SOL);
        chain.createMint(USD, LocalChain.TOKEN_PROGRAM, AUTHORITY.publicKey(), 6);
        chain.createMint(OTHER, LocalChain.TOKEN_PROGRAM, AUTHORITY.publicKey(), 6);
        PublicKey creator = AUTHORITY.publicKey();
        config = PROGRAMS.config(creator, 1);
        send(new RegistryCalls(PROGRAMS, config, USD, WellKnown.TOKEN).initialize(creator, creator,
            new RegistryCalls.Terms(1, creator, 1, 1, 150, 1, List.of(VERIFIER), 0)));
        market = market(rpc.genesisHash());
        // Anybody may make a market that says another cluster's name; nothing signed for it would mean anything here.
        foreignMarket = market(Hash.sha256(new byte[] {1}));
        new MarketCalls(PROGRAMS, market, config).pool(USD, WellKnown.TOKEN).initialize(creator, creator).forEach(SelfCheckTest::send);
    }

    @AfterAll
    static void close() {
        rpc.close();
        server.close();
        chain.close();
    }

    private static PublicKey market(Hash cluster) {
        PublicKey creator = AUTHORITY.publicKey();
        PublicKey address = PROGRAMS.market(cluster, creator, 1);
        var market = new MarketCalls(PROGRAMS, address, config);
        send(market.initialize(creator, creator, market.posters(USD, WellKnown.TOKEN),
            new MarketCalls.Terms(1, cluster, creator, OPERATOR, creator, 100, 10, 150, 1_000, 0, 1, List.of(VERIFIER), List.of())));
        return address;
    }

    private static void send(Instruction instruction) {
        rpc.send(TransactionBuilder.legacy(AUTHORITY.publicKey()).add(instruction).compile(rpc.latestBlockhash(Commitment.CONFIRMED).blockhash()).sign(AUTHORITY), false);
    }

    private static Expectation right() {
        return Expectation.of(PROGRAMS, AcceptedPrograms.ANY);
    }

    private static Expectation rightMarket() {
        return right().withCluster("this one", rpc.genesisHash()::equals).withMarket(market).withRegistryConfig(config).withOperator(OPERATOR).withVerifier(VERIFIER)
            .withMint(USD, WellKnown.TOKEN, 6).withMint(USD);
    }

    private static void refused(Expectation expected, String code) {
        assertThatThrownBy(() -> SelfCheck.run(rpc, expected)).isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void what_is_as_it_should_be_is_reported() throws IOException {
        Expectation pinned = Expectation.of(PROGRAMS, new AcceptedPrograms(Set.of(hash("registry"), Hash.sha256()), Set.of(hash("escrow")))).withMarket(market);
        ChainReport report = SelfCheck.run(rpc, pinned);
        assertThat(report.escrow().hash()).isEqualTo(hash("escrow"));
        assertThat(report.escrow().pinned()).isTrue();
        assertThat(report.registry().authority()).isEmpty();
        byte[] idl = Files.readAllBytes(Path.of("..", "onchain", "idl", "registry.json"));
        assertThat(report.registry().idl()).isEqualTo(Hash.sha256(idl).hex());
        assertThat(report.json().at("/escrow/hash").textValue()).isEqualTo(hash("escrow").hex());
        assertThat(report.json().at("/cluster").textValue()).isEqualTo(ChainOptions.DEVNET_GENESIS_HASH);
        assertThat(report.json().at("/market").textValue()).isEqualTo(market.toBase58());
        assertThat(SelfCheck.run(rpc, rightMarket()).escrow().pinned()).isFalse();
    }

    @Test
    void another_cluster_is_refused() {
        refused(rightMarket().withCluster("mainnet", _ -> false), "cluster_wrong");
    }

    @Test
    void programs_must_be_there_and_be_programs() {
        PublicKey nowhere = Keypair.generate().publicKey();
        refused(Expectation.of(new Programs(nowhere, PROGRAMS.escrow()), AcceptedPrograms.ANY), "program_absent");
        refused(Expectation.of(new Programs(PROGRAMS.registry(), nowhere), AcceptedPrograms.ANY), "program_absent");
        refused(Expectation.of(new Programs(PROGRAMS.registry(), USD), AcceptedPrograms.ANY), "program_not_executable");
        refused(Expectation.of(new Programs(Loader.dataAddress(PROGRAMS.registry()), PROGRAMS.escrow()), AcceptedPrograms.ANY), "program_not_executable");
    }

    @Test
    void other_code_is_refused() throws IOException {
        refused(Expectation.of(PROGRAMS, new AcceptedPrograms(Set.of(hash("escrow")), Set.of())), "program_hash");
        refused(Expectation.of(PROGRAMS, new AcceptedPrograms(Set.of(), Set.of(hash("registry")))), "program_hash");
    }

    @Test
    void the_market_must_be_this_ones() {
        refused(right().withMarket(OPERATOR), "market_absent");
        refused(right().withMarket(config), "market_absent");
        refused(right().withMarket(PROGRAMS.pool(market, USD)), "market_version");
        refused(right().withMarket(foreignMarket), "market_cluster");
        refused(rightMarket().withRegistryConfig(PROGRAMS.config(AUTHORITY.publicKey(), 2)), "market_registry");
    }

    @Test
    void a_key_without_its_part_in_the_market_is_refused() {
        refused(rightMarket().withOperator(VERIFIER), "config_operator");
        refused(rightMarket().withVerifier(OPERATOR), "config_verifier");
    }

    @Test
    void mints_must_be_as_they_were_told() {
        refused(rightMarket().withMint(OTHER), "pool_absent");
        refused(rightMarket().withMint(USD, WellKnown.TOKEN_2022, 6), "mint_program");
        refused(rightMarket().withMint(USD, WellKnown.TOKEN, 9), "mint_decimals");
    }

    @Test
    void code_is_found_in_its_padding_and_nothing_behind_it_escapes_the_hash() throws IOException {
        byte[] elf = artifact("escrow");
        byte[] padded = java.util.Arrays.copyOf(elf, elf.length + 5_000);
        assertThat(ProgramCode.ofAccount(padded)).isEqualTo(ProgramCode.ofFile(elf));
        padded[padded.length - 1_000] = 1;
        assertThat(ProgramCode.ofAccount(padded).length()).isEqualTo(padded.length - 999);
        assertThat(ProgramCode.ofAccount(new byte[100]).length()).isZero();
        byte[] lying = elf.clone();
        // Section headers that would end behind the account are none.
        java.util.Arrays.fill(lying, 40, 48, (byte) 0x7F);
        assertThat(ProgramCode.ofAccount(lying).length()).isLessThanOrEqualTo(lying.length).isPositive();
    }
}
