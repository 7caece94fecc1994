package network.nyxos.localnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/** What is this server's own and no validator's concern. */
class LocalRpcServerTest {

    private LocalChain chain;
    private LocalRpcServer server;
    private RpcProbe rpc;

    @BeforeEach
    void start() {
        chain = LocalChain.start(ChainOptions.defaults().withManualSlots());
        server = LocalRpcServer.start(chain, 0);
        rpc = new RpcProbe(server.httpUrl());
    }

    @AfterEach
    void stop() {
        rpc.close();
        server.close();
        chain.close();
    }

    @Test
    void itTakesItselfForDevnet() {
        assertThat(rpc.call("getGenesisHash").textValue()).isEqualTo("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG");
        assertThat(rpc.call("getHealth").textValue()).isEqualTo("ok");
    }

    @Test
    void aBrowserOnAnyPageMayAsk() throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> preflight = http.send(HttpRequest.newBuilder(server.httpUrl())
                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                    .header("Access-Control-Request-Headers", "content-type,solana-client").build(), HttpResponse.BodyHandlers.ofString());
            assertThat(preflight.statusCode()).isEqualTo(204);
            assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers")).contains("content-type,solana-client");
            assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        }
        assertThat(rpc.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSlot\"}").headers().firstValue("Access-Control-Allow-Origin")).contains("*");
    }

    @Test
    void aRequestThatIsTooLargeIsRefused() {
        HttpResponse<String> answer = rpc.post("[" + " ".repeat(LocalRpcServer.MAX_REQUEST_BYTES) + "]");

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(RpcProbe.parse(answer.body()).at("/error/message").textValue()).contains("at most 1048576 bytes");
    }

    @Test
    void aRequestWithoutAnIdIsNotAnswered() {
        assertThat(rpc.post("{\"jsonrpc\":\"2.0\",\"method\":\"getSlot\"}").statusCode()).isEqualTo(204);
    }

    @Test
    void aTakenPortIsReportedWithWhatToDo() {
        assertThatThrownBy(() -> LocalRpcServer.start(chain, "127.0.0.1", server.port(), 0))
                .isInstanceOf(ChainFailure.class).hasMessageContaining("Choose other ports");
    }

    @Test
    void theFaucetSaysWhenItHasNothingToGive() {
        PublicKey bob = Transactions.newSigner().publicKey();

        assertThat(rpc.error("requestAirdrop", bob.toBase58(), Long.MAX_VALUE).get("message").textValue()).startsWith("The faucet could not give");
        assertThat(rpc.error("requestAirdrop", bob.toBase58(), 0).get("code").intValue()).isEqualTo(-32602);
    }

    @Test
    void whatIsMadeByHandIsSeenOverRpc() {
        PublicKey mint = Transactions.newSigner().publicKey();
        PublicKey bob = Transactions.newSigner().publicKey();
        chain.createMint(mint, LocalChain.TOKEN_2022_PROGRAM, bob, 6);
        chain.mintTo(mint, bob, 3);
        PublicKey account = chain.mintTo(mint, bob, 4);

        assertThat(rpc.call("getTokenAccountBalance", account.toBase58()).at("/value/amount").textValue()).isEqualTo("7");
        assertThat(rpc.call("getTokenSupply", mint.toBase58()).at("/value/amount").textValue()).isEqualTo("7");
        assertThat(rpc.call("getTokenLargestAccounts", mint.toBase58()).at("/value/0/address").textValue()).isEqualTo(account.toBase58());
    }

    @Test
    void anAccountIsReadAsItIsNowAndSaysSo() {
        PublicKey bob = Transactions.newSigner().publicKey();
        chain.airdrop(bob, LocalChain.LAMPORTS_PER_SOL);
        var finalized = Map.of("commitment", "finalized");

        assertThat(rpc.call("getSlot", finalized).longValue()).as("the airdrop is not final").isLessThan(chain.slot());
        JsonNode balance = rpc.call("getBalance", bob.toBase58(), finalized);
        assertThat(balance.at("/value").longValue()).isEqualTo(LocalChain.LAMPORTS_PER_SOL);
        assertThat(balance.at("/context/slot").longValue()).isEqualTo(chain.slot());
        assertThat(rpc.call("getProgramAccounts", LocalChain.TOKEN_PROGRAM.toBase58(), Map.of("commitment", "finalized", "withContext", true))
                .at("/context/slot").longValue()).isEqualTo(chain.slot());
    }

    @Test
    void aDeployedProgramRunsAtOnce() {
        PublicKey program = Transactions.newSigner().publicKey();
        chain.deploy(program, chain.account(Transactions.MEMO).orElseThrow().data());
        var payer = rpc.funded(LocalChain.LAMPORTS_PER_SOL);

        String signature = rpc.sendAndConfirm(List.of(payer),
                Instruction.createInstruction(program, List.of(), new byte[] {'h', 'i'}));

        assertThat(rpc.transaction(signature, "json").at("/meta/logMessages").toString()).contains("Program " + program.toBase58() + " invoke [1]", "hi");
        assertThat(rpc.call("getAccountInfo", program.toBase58(), Map.of("encoding", "base64")).at("/value/executable").booleanValue()).isTrue();
    }

    @Test
    void healthIsAlsoAPage() throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(http.send(HttpRequest.newBuilder(URI.create(server.httpUrl() + "/health")).build(),
                    HttpResponse.BodyHandlers.ofString()).body()).isEqualTo("ok");
        }
    }

    @Test
    void theLibraryMatchesTheSourcesInTheJar() {
        assertThat(NativeLibrary.find().toString()).contains(NativeLibrary.sourceHash());
    }
}
