package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.SolanaRpc;
import network.nyxos.chain.program.Loader;
import network.nyxos.chain.program.ProgramBuffer;
import network.nyxos.chain.program.ProgramState;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.ChainOptions;
import network.nyxos.localnet.LocalChain;
import network.nyxos.localnet.LocalRpcServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.meta.AccountMeta;
import software.sava.core.tx.Instruction;

/** {@code nyxos deploy} against the local chain, which runs the loader of validators. */
class DeployTest {

    private static final Path ARTIFACTS = Path.of("..", "onchain", "artifacts").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private LocalChain chain;
    private LocalRpcServer server;
    private SolanaRpc rpc;
    private Keypair payer;

    @BeforeEach
    void start() {
        start(ChainOptions.defaults().withSlotMillis(20));
    }

    private void start(ChainOptions options) {
        chain = LocalChain.start(options);
        server = LocalRpcServer.start(chain, 0);
        rpc = SolanaRpc.connect(server.httpUrl());
        payer = key("payer");
        chain.airdrop(payer.publicKey(), 20 * LocalChain.LAMPORTS_PER_SOL);
    }

    @AfterEach
    void stop() {
        rpc.close();
        server.close();
        chain.close();
    }

    private Keyring keys() {
        return new Keyring(folder);
    }

    private Keypair key(String name) {
        return keys().key(name);
    }

    private Path file(String name) {
        return keys().file(name);
    }

    private PublicKey address(String name) {
        return key(name).publicKey();
    }

    /** Runs {@code deploy}, the payer paying: words, where {@code @name} is the address of a key and {@code @name.json} its file. */
    private Ran deploy(String url, String words) {
        var all = new ArrayList<>(List.of("deploy"));
        all.addAll(keys().words(words));
        all.addAll(List.of("--rpc", url));
        if (!List.of("show", "check").contains(all.get(1))) {
            all.addAll(List.of("--payer", file("payer").toString()));
        }
        return Ran.command(all.toArray(String[]::new));
    }

    private Ran deploy(String words) {
        return deploy(server.httpUrl().toString(), words);
    }

    private Ran programs(String words) {
        return deploy("programs --artifacts " + ARTIFACTS + " " + words);
    }

    private static void failed(Ran ran, String code) {
        assertThat(ran.err()).contains("[" + code + "]");
        assertThat(ran.code()).isEqualTo(1);
    }

    private static void done(Ran ran) {
        assertThat(ran.err()).isEmpty();
        assertThat(ran.code()).isZero();
    }

    private ProgramState.Deployed deployed(PublicKey program) {
        return (ProgramState.Deployed) ProgramState.read(rpc, program, Commitment.CONFIRMED);
    }

    private static byte[] artifact(String name) {
        try {
            return Files.readAllBytes(ARTIFACTS.resolve(name + ".so"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private long balance() {
        return rpc.balance(payer.publicKey(), Commitment.CONFIRMED);
    }

    /** A folder of artifacts whose registry is another program: the next version. */
    private String nextVersion() throws IOException {
        return version("next", artifact("escrow"));
    }

    /** A folder of artifacts in which the registry's code is this one. */
    private String version(String name, byte[] code) throws IOException {
        Path version = Files.createDirectories(folder.resolve(name));
        Files.write(version.resolve("registry.so"), code);
        Files.writeString(version.resolve("SHA256SUMS"), Hash.sha256(code).hex() + "  registry.so\n");
        return version.toString();
    }

    @Test
    void programs_are_deployed_to_an_authority_that_does_not_sign_at_the_price_that_was_told() {
        key("registry");
        key("escrow");
        long before = balance();
        Ran asked = programs("--registry @registry.json --escrow @escrow.json --authority @multisig");
        failed(asked, "yes_missing");
        assertThat(asked.out()).contains("first deployment at " + address("registry"), "upgrade authority " + address("multisig"), "lamports");
        assertThat(balance()).isEqualTo(before);

        Ran ran = programs("--registry @registry.json --escrow @escrow.json --authority @multisig --yes");
        done(ran);
        for (String name : List.of("registry", "escrow")) {
            ProgramState.Deployed found = deployed(address(name));
            assertThat(found.code().bytes()).isEqualTo(artifact(name));
            assertThat(found.authority()).contains(address("multisig"));
            assertThat(found.executable()).isTrue();
        }
        Matcher told = Pattern.compile("costs (\\d+) lamports").matcher(asked.out());
        assertThat(told.find()).isTrue();
        assertThat(before - balance()).isEqualTo(Long.parseLong(told.group(1)));

        long after = balance();
        Ran again = programs("--registry @registry --escrow @escrow --authority @multisig");
        done(again);
        assertThat(again.out().lines().filter(line -> line.contains("is as it should be"))).hasSize(2);
        assertThat(balance()).isEqualTo(after);

        Ran shown = deploy("show --program @escrow");
        done(shown);
        assertThat(shown.out()).contains(Hash.sha256(artifact("escrow")).hex(), address("multisig").toBase58());
    }

    @Test
    void nothing_is_spent_by_who_has_too_little_for_the_way() {
        key("registry");
        Keypair poor = Keypair.generate();
        poor.write(file("poor"));
        chain.airdrop(poor.publicKey(), LocalChain.LAMPORTS_PER_SOL / 10);
        Ran ran = Ran.command("deploy", "programs", "--rpc", server.httpUrl().toString(), "--payer", file("poor").toString(), "--artifacts", ARTIFACTS.toString(), "--registry",
                file("registry").toString(), "--authority", address("multisig").toBase58(), "--yes");
        failed(ran, "sol_insufficient");
        assertThat(rpc.balance(poor.publicKey(), Commitment.CONFIRMED)).isEqualTo(LocalChain.LAMPORTS_PER_SOL / 10);
    }

    @Test
    void an_interrupted_upload_goes_on_where_it_was() {
        key("escrow");
        long before = balance();
        String words = "programs --artifacts " + ARTIFACTS + " --escrow @escrow.json --authority @multisig --yes";
        try (var wire = new Wire(server.httpUrl(), _ -> false, number -> number > 40, () -> { })) {
            failed(deploy(wire.url(), words), "rpc_unreachable");
        }
        Ran resumed;
        int sent;
        try (var wire = new Wire(server.httpUrl(), _ -> false, _ -> false, () -> { })) {
            resumed = deploy(wire.url(), words);
            sent = wire.sent();
        }
        done(resumed);
        Matcher told = Pattern.compile("(\\d+) chunks, of which (\\d+) are there already").matcher(resumed.out());
        assertThat(told.find()).isTrue();
        assertThat(Integer.parseInt(told.group(2))).isBetween(20, 40);
        // Besides the missing chunks there is the deployment alone, sent once or, where its confirmation was late, once more.
        assertThat(sent).isBetween(Integer.parseInt(told.group(1)) - Integer.parseInt(told.group(2)) + 1, Integer.parseInt(told.group(1)) - 1);
        assertThat(deployed(address("escrow")).code().bytes()).isEqualTo(artifact("escrow"));
        // The buffer's rent came back: what is gone is the program's rent and the fees.
        long rent = rpc.minimumRent(Loader.PROGRAM_SIZE) + rpc.minimumRent(Loader.DATA_HEADER + artifact("escrow").length);
        // A signature a chunk, of the first forty perhaps two; the calls around them have a few each.
        assertThat(before - balance() - rent).isBetween(0L, 5_000L * (Integer.parseInt(told.group(1)) + 60));
    }

    @Test
    void chunks_that_get_lost_until_their_blockhash_expires_are_signed_again() {
        key("registry");
        // Every second transaction of the first eighty vanishes, and time flies when one does.
        try (var wire = new Wire(server.httpUrl(), number -> number > 1 && number < 80 && number % 2 == 0, _ -> false, () -> chain.advanceSlots(8))) {
            done(deploy(wire.url(), "programs --artifacts " + ARTIFACTS + " --registry @registry.json --authority @multisig --yes"));
        }
        assertThat(deployed(address("registry")).code().bytes()).isEqualTo(artifact("registry"));
    }

    @Test
    void a_transaction_whose_blockhash_expires_again_and_again_is_given_up_with_nothing_changed() {
        key("registry");
        try (var wire = new Wire(server.httpUrl(), _ -> true, _ -> false, () -> chain.advanceSlots(160))) {
            failed(deploy(wire.url(), "programs --artifacts " + ARTIFACTS + " --registry @registry.json --authority @multisig --yes"), "transaction_expired");
        }
        assertThat(ProgramState.read(rpc, address("registry"), Commitment.CONFIRMED)).isInstanceOf(ProgramState.Absent.class);
    }

    @Test
    void an_upgrade_makes_room_and_keeps_the_authority() throws IOException {
        key("registry");
        key("owner");
        List<byte[]> codes = Stream.of("registry", "escrow").map(DeployTest::artifact).sorted(Comparator.comparing(code -> code.length)).toList();
        String first = version("first", codes.getFirst());
        done(deploy("programs --artifacts " + first + " --registry @registry.json --authority-key @owner.json --yes"));
        assertThat(deployed(address("registry")).authority()).contains(address("owner"));
        String next = version("next", codes.getLast());
        failed(deploy("programs --artifacts " + next + " --registry @registry --yes"), "authority_key_missing");
        failed(deploy("programs --artifacts " + next + " --registry @registry --authority @other --yes"), "authority_wrong");

        Ran ran = deploy("programs --artifacts " + next + " --registry @registry --authority-key @owner.json --yes");
        done(ran);
        assertThat(ran.out()).contains("bytes longer than now", "verified on chain byte for byte");
        ProgramState.Deployed found = deployed(address("registry"));
        assertThat(found.code().bytes()).isEqualTo(codes.getLast());
        assertThat(found.authority()).contains(address("owner"));

        // And back to the shorter one, whose remains behind it are zeros.
        done(deploy("programs --artifacts " + first + " --registry @registry --authority-key @owner.json --yes"));
        assertThat(deployed(address("registry")).code().bytes()).isEqualTo(codes.getFirst());
    }

    @Test
    void a_multisig_gets_a_finished_buffer_and_what_it_has_to_sign() throws IOException {
        key("registry");
        done(programs("--registry @registry.json --authority @multisig --yes"));
        String next = nextVersion();
        failed(deploy("programs --artifacts " + next + " --registry @registry --authority @other --buffer-only --yes"), "authority_wrong");
        Ran staged = deploy("programs --artifacts " + next + " --registry @registry --buffer-only --yes");
        done(staged);
        assertThat(deployed(address("registry")).code().bytes()).isEqualTo(artifact("registry"));
        Matcher named = Pattern.compile("--buffer (\\w+) must say SHA-256 (\\w+)").matcher(staged.out());
        assertThat(named.find()).isTrue();
        PublicKey buffer = PublicKey.fromBase58Encoded(named.group(1));
        assertThat(named.group(2)).isEqualTo(Hash.sha256(artifact("escrow")).hex());
        assertThat(ProgramBuffer.read(rpc, buffer, Commitment.CONFIRMED).orElseThrow().authority()).contains(address("multisig"));
        assertThat(deploy("show --buffer " + buffer).out()).contains(named.group(2), address("multisig").toBase58());

        // A second run finds the finished buffer and asks for the same signature.
        Ran again = deploy("programs --artifacts " + next + " --registry @registry --buffer-only --yes");
        done(again);
        assertThat(again.out()).contains("--buffer " + buffer + " must say");

        // The members sign exactly what was printed.
        chain.airdrop(address("multisig"), LocalChain.LAMPORTS_PER_SOL);
        send(Printed.instruction(staged.out()), key("multisig"));
        Awaitility.await().until(() -> deployed(address("registry")).code().equals(network.nyxos.chain.program.ProgramCode.ofFile(artifact("escrow"))));
        assertThat(deployed(address("registry")).authority()).contains(address("multisig"));
    }

    private void send(Instruction instruction, Keypair signer) {
        long slot = rpc.slot(Commitment.CONFIRMED);
        Awaitility.await().until(() -> rpc.slot(Commitment.CONFIRMED) > slot);
        rpc.send(TransactionBuilder.legacy(signer.publicKey()).add(instruction).compile(rpc.latestBlockhash(Commitment.CONFIRMED).blockhash()).sign(signer), false);
    }

    @Test
    void the_authority_is_handed_over_and_given_up() {
        key("registry");
        key("next");
        done(programs("--registry @registry.json --authority @payer --yes"));
        // The same code for another authority: the payer holds it and gives it.
        done(programs("--registry @registry --authority-key @next.json --yes"));
        assertThat(deployed(address("registry")).authority()).contains(address("next"));
        failed(deploy("authority --program @registry --to @payer --yes"), "authority_wrong");
        failed(deploy("authority --program @registry --authority-key @next.json --final"), "yes_missing");
        done(deploy("authority --program @registry --authority-key @next.json --final --yes"));
        assertThat(deployed(address("registry")).authority()).isEmpty();
        failed(programs("--registry @registry --authority @next --yes"), "program_final");
    }

    @Test
    void an_id_that_cannot_be_a_program_is_refused_before_anything_is_spent() throws IOException {
        key("registry");
        failed(programs("--registry @payer --authority @multisig --yes"), "program_id_taken");
        failed(programs("--registry @registry --authority @multisig --yes"), "program_key_missing");
        failed(programs("--registry @registry.json --escrow @registry --authority @multisig --yes"), "programs_same");
        failed(programs("--registry @registry.json --yes"), "authority_missing");
        failed(programs("--registry @registry.json --authority @multisig --buffer-only --yes"), "program_absent");
        failed(programs("--registry @registry.json --authority @multisig --reserve 5 --yes"), "reserve_range");
        done(programs("--registry @registry.json --authority @payer --yes"));
        PublicKey data = Loader.dataAddress(address("registry"));
        Instruction close = Instruction.createInstruction(Loader.UPGRADEABLE, List.of(AccountMeta.createWrite(data), AccountMeta.createWrite(payer.publicKey()),
                AccountMeta.createReadOnlySigner(payer.publicKey()), AccountMeta.createWrite(address("registry"))), new BorshWriter(4).u32(5).toByteArray());
        send(close, payer);
        Awaitility.await().until(() -> ProgramState.read(rpc, address("registry"), Commitment.CONFIRMED) instanceof ProgramState.Closed);
        failed(programs("--registry @registry.json --authority @payer --yes"), "program_closed");
        failed(deploy("show --program @registry"), "program_closed");
        failed(deploy("market --yes --file " + deployment(Map.of())), "program_closed");
    }

    @Test
    void a_file_that_is_not_the_committed_one_is_not_deployed() throws IOException {
        key("registry");
        Path changed = Files.createDirectories(folder.resolve("changed"));
        byte[] bytes = artifact("registry");
        bytes[bytes.length / 2] ^= 1;
        Files.write(changed.resolve("registry.so"), bytes);
        Files.copy(ARTIFACTS.resolve("SHA256SUMS"), changed.resolve("SHA256SUMS"));
        failed(deploy("programs --artifacts " + changed + " --registry @registry.json --authority @multisig --yes"), "artifact_mismatch");
        failed(deploy("programs --artifacts " + folder.resolve("nowhere") + " --registry @registry.json --authority @multisig --yes"), "artifact_unreadable");
    }

    @Test
    void a_buffer_that_nobody_wants_any_more_gives_its_rent_back() throws IOException {
        key("registry");
        done(programs("--registry @registry.json --authority @payer --yes"));
        Ran staged = deploy("programs --artifacts " + nextVersion() + " --registry @registry --buffer-only --yes");
        done(staged);
        Matcher named = Pattern.compile("--buffer (\\w+) must say").matcher(staged.out());
        assertThat(named.find()).isTrue();
        long before = balance();
        done(deploy("close-buffer --buffer " + named.group(1) + " --yes"));
        assertThat(balance()).isEqualTo(before + rpc.minimumRent(Loader.BUFFER_HEADER + artifact("escrow").length) - 5_000);
        failed(deploy("close-buffer --buffer " + named.group(1) + " --yes"), "buffer_absent");
    }

    // --- market and check --------------------------------------------------------------------------------------------

    private static final String DEPLOYMENT = """
            cluster = %s
            programs.registry = @registry
            programs.escrow = @escrow
            programs.authority = @multisig
            registry.id = 7
            registry.creator = @payer
            registry.authority = @council
            registry.bond-mint = @nyx
            registry.min-bond = 12.5
            registry.min-validator-bond = 7.5
            registry.unbonding-slots = 1000
            registry.threshold = 2
            registry.verifiers = @v1, @v2, @v3
            market.id = 3
            market.creator = @payer
            market.authority = @council
            market.operator = @operator
            market.treasury = @treasury
            market.fee-bps = 250
            market.challenge-slots = 500
            market.exit-slots = 900
            market.direct-slots = 9000
            market.bond-mint = @nyx
            market.min-poster-bond = 40.25
            market.threshold = 2
            market.verifiers = @v1, @v2, @v3
            market.mints = @usd, @nyx
            """;

    private Path deployment(Map<String, String> changes) throws IOException {
        String text = DEPLOYMENT.formatted(ChainOptions.DEVNET_GENESIS_HASH);
        for (var change : changes.entrySet()) {
            text = text.replaceFirst("(?m)^" + Pattern.quote(change.getKey()) + " = .*$", change.getValue().isEmpty() ? "" : change.getKey() + " = " + change.getValue());
        }
        return Files.writeString(folder.resolve("deployment.properties"), keys().named(text));
    }

    private Ran check(Map<String, String> changes) throws IOException {
        return deploy("check --artifacts " + ARTIFACTS + " --file " + deployment(changes));
    }

    private void mints() {
        chain.createMint(address("usd"), LocalChain.TOKEN_PROGRAM, address("mints"), 6);
        chain.createMint(address("nyx"), LocalChain.TOKEN_2022_PROGRAM, address("mints"), 6);
    }

    @Test
    void a_market_is_opened_from_a_file_once_and_checked_field_by_field() throws IOException {
        mints();
        key("registry");
        key("escrow");
        done(programs("--registry @registry.json --escrow @escrow.json --authority @multisig --yes"));
        assertThat(check(Map.of()).out()).contains("DIFFERS  registry:", "DIFFERS  market:", "DIFFERS  market.mints:");

        String open = "market --file " + deployment(Map.of());
        Ran asked = deploy(open);
        failed(asked, "yes_missing");
        assertThat(asked.out().lines().filter(line -> line.startsWith("to make: "))).hasSize(4);

        // Without the key of the market's authority, its share is told and not done; the rest stands.
        Ran half = deploy(open + " --yes");
        assertThat(half.code()).isEqualTo(1);
        assertThat(half.out()).contains("NOT made: pool").contains(address("council") + " signs");
        done(deploy(open + " --key @council.json --yes"));
        Ran again = deploy(open + " --yes");
        done(again);
        assertThat(again.out()).contains("all is as it should be");

        Ran same = check(Map.of());
        assertThat(same.out()).contains("all is as the file says");
        done(same);
        var programs = new Programs(address("registry"), address("escrow"));
        Hash cluster = Hash.fromBase58(ChainOptions.DEVNET_GENESIS_HASH);
        Market market = Market.decode(rpc.account(programs.market(cluster, payer.publicKey(), 3), Commitment.CONFIRMED).orElseThrow().data());
        assertThat(market.operator()).isEqualTo(address("operator"));
        assertThat(market.bondMint()).isEqualTo(address("nyx"));
        assertThat(market.minPosterBond()).isEqualTo(40_250_000);
        assertThat(Config.decode(rpc.account(market.registryConfig(), Commitment.CONFIRMED).orElseThrow().data()).minBond()).isEqualTo(12_500_000);

        Ran other = check(Map.of("market.operator", "@other", "market.fee-bps", "300", "registry.min-bond", "13", "registry.min-validator-bond", "8",
                "registry.verifiers", "@v1, @v2", "market.bond-mint", "@usd", "market.min-poster-bond", "41", "programs.authority", "none"));
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.out()).contains("DIFFERS  market.operator: the file says " + address("other") + ", the chain says " + address("operator"),
                "DIFFERS  market.fee-bps: the file says 300, the chain says 250", "DIFFERS  registry.min-bond: the file says 13.000000",
                "DIFFERS  registry.min-validator-bond: the file says 8.000000", "DIFFERS  registry.verifiers: ",
                "DIFFERS  programs.authority: the file says none, the chain says " + address("multisig"), "DIFFERS  market.bond-mint: ", "DIFFERS  market.min-poster-bond: the file says 41.000000", "9 differences");
        failed(deploy("market --yes --file " + deployment(Map.of("market.fee-bps", "300"))), "deployment_differs");
    }

    @Test
    void programs_and_upgrades_outlive_the_local_chains_process() throws IOException {
        stop();
        var lasting = ChainOptions.defaults().withSlotMillis(20).withData(folder.resolve("chain"));
        start(lasting);
        key("registry");
        key("escrow");
        mints();
        // The ids change places first, so that what runs after the restart is the upgrade.
        Path swapped = Files.createDirectories(folder.resolve("swapped"));
        Files.write(swapped.resolve("registry.so"), artifact("escrow"));
        Files.write(swapped.resolve("escrow.so"), artifact("registry"));
        Files.writeString(swapped.resolve("SHA256SUMS"), Hash.sha256(artifact("escrow")).hex() + "  registry.so\n" + Hash.sha256(artifact("registry")).hex() + "  escrow.so\n");
        done(deploy("programs --artifacts " + swapped + " --registry @registry.json --escrow @escrow.json --authority @payer --yes"));
        done(programs("--registry @registry --escrow @escrow --authority @multisig --yes"));
        stop();
        start(lasting);
        key("council");
        done(deploy("market --yes --key @council.json --file " + deployment(Map.of())));
        done(check(Map.of()));
    }

    @Test
    void the_local_chain_lets_a_program_be_called_in_the_slot_of_its_deployment() throws IOException {
        stop();
        // A validator would make the caller wait for the next slot; here no slot passes at all.
        start(ChainOptions.defaults().withManualSlots());
        key("registry");
        key("escrow");
        key("council");
        mints();
        long slot = chain.slot();
        done(programs("--registry @registry.json --escrow @escrow.json --authority @multisig --yes"));
        done(deploy("market --yes --key @council.json --file " + deployment(Map.of())));
        assertThat(chain.slot()).isEqualTo(slot);
        assertThat(deployed(address("escrow")).slot()).isEqualTo(slot);
    }

    @Test
    void a_file_for_another_cluster_does_nothing_here() throws IOException {
        Map<String, String> mainnet = Map.of("cluster", "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d");
        failed(check(mainnet), "cluster_wrong");
        failed(deploy("market --yes --file " + deployment(mainnet)), "cluster_wrong");
    }

    @Test
    void no_market_is_opened_without_programs() throws IOException {
        mints();
        failed(deploy("market --yes --file " + deployment(Map.of())), "program_absent");
        assertThat(check(Map.of()).out()).contains("DIFFERS  programs.registry: the file says program " + address("registry") + ", the chain says nothing");
    }

    @ParameterizedTest
    @CsvSource({"market.fee-bps, 2001, config_invalid", "market.exit-slots, 10, config_invalid", "registry.threshold, 4, config_invalid", "market.verifiers, '@v1,@v1', config_invalid",
            "registry.unbonding-slots, 149, config_invalid", "registry.unbonding-slots, 999, config_invalid",
            "market.operator, here, key_malformed", "market.treasury, '', config_missing", "cluster, zzz, config_invalid", "registry.id, one, config_invalid"})
    void a_wrong_file_is_named(String key, String value, String code) throws IOException {
        failed(check(Map.of(key, value)), code);
    }

    @Test
    void a_misspelt_key_is_no_rule() throws IOException {
        Path file = deployment(Map.of());
        Files.writeString(file, Files.readString(file) + "market.fee = 1\n");
        failed(deploy("check --file " + file), "config_key_unknown");
    }
}
