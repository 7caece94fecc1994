package network.nyxos.localnet;

import static network.nyxos.localnet.Transactions.signed;
import static network.nyxos.localnet.Transactions.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;
import software.sava.core.tx.Instruction;

/** A chain with a directory: what it has answered for is there again, however it ended. */
class PersistenceTest {

    private static final long SOL = LocalChain.LAMPORTS_PER_SOL;

    @TempDir
    private Path directory;

    private final Signer alice = Transactions.newSigner();
    private final PublicKey bob = Transactions.newSigner().publicKey();
    private final PublicKey mint = Transactions.newSigner().publicKey();
    private final PublicKey program = Transactions.newSigner().publicKey();

    @Test
    void everythingIsThereAgain() {
        byte[] sent;
        ExecutedTransaction executed;
        PublicKey tokens;
        PublicKey faucet;
        long slot;
        long time;
        try (LocalChain chain = open()) {
            chain.airdrop(alice.publicKey(), 10 * SOL);
            chain.createMint(mint, LocalChain.TOKEN_2022_PROGRAM, alice.publicKey(), 6);
            tokens = chain.mintTo(mint, bob, 77);
            chain.deploy(program, chain.account(Transactions.MEMO).orElseThrow().data());
            chain.advanceSlots(700);
            chain.advanceTime(Duration.ofHours(5));
            sent = signed(chain.latestBlockhash(), alice, transfer(alice.publicKey(), bob, SOL));
            executed = chain.send(sent);
            faucet = chain.faucet();
            slot = chain.slot();
            time = chain.unixTime();
        }

        for (int generation = 0; generation < 3; generation++) {
            try (LocalChain chain = open()) {
                assertThat(chain.slot()).isGreaterThan(slot);
                assertThat(chain.unixTime()).isGreaterThanOrEqualTo(time);
                assertThat(chain.balance(bob)).isEqualTo(SOL);
                assertThat(chain.tokenBalance(tokens)).isEqualTo(77);
                assertThat(chain.faucet()).isEqualTo(faucet);
                assertThat(chain.transaction(executed.signature())).get()
                        .usingRecursiveComparison().ignoringFieldsMatchingRegexes(".*hashCode").isEqualTo(executed);
                assertThat(chain.transactionsOf(bob, Optional.empty(), Optional.empty(), 10)).hasSize(1);
                assertThatThrownBy(() -> chain.send(sent)).isInstanceOf(TransactionRefused.class).hasMessageContaining("AlreadyProcessed");
                assertThat(callProgram(chain)).isTrue();
            }
        }
    }

    @Test
    void aKilledChainHasLostNothingItAnsweredFor() throws IOException, InterruptedException {
        String signature;
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), Localnet.class.getName(),
                "--port", "0", "--data", directory.toString(), "--slot-millis", "10")
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        long slot;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            URI url = URI.create(out.lines().filter(line -> line.startsWith("JSON-RPC: ")).findFirst().orElseThrow().substring(10));
            try (RpcProbe rpc = new RpcProbe(url)) {
                Signer payer = rpc.funded(2 * SOL);
                signature = rpc.sendAndConfirm(List.of(payer), transfer(payer.publicKey(), bob, SOL));
                slot = rpc.call("getSlot", RpcProbe.CONFIRMED).longValue();
            }
            assertThatThrownBy(this::open).isInstanceOf(ChainFailure.class).hasMessageContaining("already running in another process");
        } finally {
            process.destroyForcibly().waitFor();
        }

        try (LocalChain chain = open()) {
            assertThat(chain.balance(bob)).isEqualTo(SOL);
            assertThat(chain.transaction(signature)).isPresent();
            assertThat(chain.slot()).isGreaterThan(slot);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11, 12, 30, 111})
    void anEntryCutShortAtTheEndIsDropped(int written) throws IOException {
        try (LocalChain chain = open()) {
            chain.airdrop(bob, SOL);
        }
        byte[] entry = new ByteWriter(112).u32(100).u32(~100).u32(0).raw(new byte[100]).toByteArray();
        Files.write(logFile(), Arrays.copyOf(entry, written), StandardOpenOption.APPEND);

        try (LocalChain chain = open()) {
            assertThat(chain.balance(bob)).isEqualTo(SOL);
        }
    }

    @Test
    void aDamagedLogIsRefusedAndLeftAsItIsWhicheverByteItIs() throws IOException {
        try (LocalChain chain = open()) {
            chain.airdrop(bob, SOL);
        }
        byte[] sound = Files.readAllBytes(logFile());
        for (int at = 0; at < sound.length; at += 7) {
            byte[] log = sound.clone();
            log[at] ^= 1;
            Files.write(logFile(), log);

            assertThatThrownBy(() -> ChainLog.open(directory, entry -> { }))
                    .isInstanceOf(ChainFailure.class).hasMessageContaining("damaged at byte");
            assertThat(Files.readAllBytes(logFile())).isEqualTo(log);
        }
    }

    @Test
    void oneDirectoryRunsOneChain() {
        try (LocalChain first = open()) {
            assertThatThrownBy(this::open).isInstanceOf(ChainFailure.class).hasMessageContaining("already running");
            assertThat(first.slot()).isPositive();
        }
    }

    @Test
    void anotherGenesisHashIsRefused() {
        open().close();

        assertThatThrownBy(() -> LocalChain.start(ChainOptions.defaults().withManualSlots().withData(directory)
                .withGenesisHash("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d")))
                .isInstanceOf(ChainFailure.class).hasMessageContaining("genesis hash");
    }

    private boolean callProgram(LocalChain chain) {
        byte[] wire = signed(chain.latestBlockhash(), alice, Instruction.createInstruction(
                program, List.of(), ("called in slot " + chain.slot()).getBytes(StandardCharsets.UTF_8)));
        return chain.send(wire).execution().succeeded();
    }

    private LocalChain open() {
        return LocalChain.start(ChainOptions.defaults().withManualSlots().withData(directory));
    }

    private Path logFile() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
        }
    }
}
