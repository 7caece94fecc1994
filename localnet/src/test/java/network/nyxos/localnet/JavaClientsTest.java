package network.nyxos.localnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.p2p.solanaj.core.Account;
import org.p2p.solanaj.programs.SystemProgram;
import org.p2p.solanaj.rpc.RpcClient;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;
import software.sava.rpc.json.http.client.SolanaRpcClient;
import software.sava.rpc.json.http.request.Commitment;
import software.sava.rpc.json.http.ws.SolanaRpcWebsocket;

/** The chain through two Java clients written by others. */
class JavaClientsTest {

    private static final long SOL = LocalChain.LAMPORTS_PER_SOL;

    private final PublicKey bob = Transactions.newSigner().publicKey();
    private LocalChain chain;
    private LocalRpcServer server;

    @BeforeEach
    void start() {
        chain = LocalChain.start(ChainOptions.defaults().withSlotMillis(20).withFinalitySlots(0));
        server = LocalRpcServer.start(chain, 0);
    }

    @AfterEach
    void stop() {
        server.close();
        chain.close();
    }

    @Test
    void savaSendsReadsAndListens() throws InterruptedException {
        Signer alice = Transactions.newSigner();
        try (HttpClient http = HttpClient.newHttpClient()) {
            SolanaRpcClient rpc = SolanaRpcClient.createClient(server.httpUrl(), http, Commitment.CONFIRMED);
            assertThat(rpc.getGenesisHash().join()).isEqualTo(ChainOptions.DEVNET_GENESIS_HASH);
            rpc.requestAirdrop(alice.publicKey(), 3 * SOL).join();

            LinkedBlockingQueue<Long> told = new LinkedBlockingQueue<>();
            SolanaRpcWebsocket socket = SolanaRpcWebsocket.build().uri(server.wsUrl()).webSocketBuilder(http.newWebSocketBuilder())
                    .commitment(Commitment.CONFIRMED).create();
            try {
                LinkedBlockingQueue<Boolean> subscribed = new LinkedBlockingQueue<>();
                socket.accountSubscribe(Commitment.CONFIRMED, bob, subscription -> subscribed.add(true), info -> told.add(info.lamports()));
                socket.connect().join();
                assertThat(subscribed.poll(30, TimeUnit.SECONDS)).isTrue();

                byte[] wire = Transactions.signed(rpc.getLatestBlockHash().join().blockHash(), alice,
                        Transactions.transfer(alice.publicKey(), bob, SOL));
                String signature = rpc.sendTransaction(Base64.getEncoder().encodeToString(wire), 0).join();

                assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo(SOL);
                assertThat(rpc.getBalance(bob).join().lamports()).isEqualTo(SOL);
                assertThat(rpc.getAccountInfo(bob).join().owner()).isEqualTo(LocalChain.SYSTEM_PROGRAM);
                assertThat(rpc.getSignatureStatuses(List.of(signature), true).join().get(signature).error()).isNull();
                var found = rpc.getTransaction(signature).join();
                assertThat(found.meta().fee()).isEqualTo(5_000);
                assertThat(found.data()).isEqualTo(wire);
                assertThat(rpc.getSignaturesForAddress(bob, 10).join()).singleElement()
                        .satisfies(listed -> assertThat(listed.signature()).isEqualTo(signature));

                byte[] failing = Transactions.signed(rpc.getLatestBlockHash().join().blockHash(), alice,
                        Transactions.transfer(alice.publicKey(), bob, 50 * SOL));
                assertThatThrownBy(() -> rpc.sendTransaction(Base64.getEncoder().encodeToString(failing), 0).join())
                        .hasMessageContaining("custom program error: 0x1");
            } finally {
                socket.close();
            }
        }
    }

    @Test
    void solanajSendsAndReads() throws org.p2p.solanaj.rpc.RpcException {
        RpcClient rpc = new RpcClient(server.httpUrl().toString());
        Account alice = new Account();
        var recipient = new org.p2p.solanaj.core.PublicKey(bob.toBase58());
        rpc.getApi().requestAirdrop(alice.getPublicKey(), 3 * SOL);

        org.p2p.solanaj.core.Transaction transfer = new org.p2p.solanaj.core.Transaction();
        transfer.addInstruction(SystemProgram.transfer(alice.getPublicKey(), recipient, SOL));
        String signature = rpc.getApi().sendTransaction(transfer, alice);

        assertThat(rpc.getApi().getBalance(recipient)).isEqualTo(SOL);
        assertThat(rpc.getApi().getTransaction(signature).getMeta().getFee()).isEqualTo(5_000);
        assertThat(rpc.getApi().getSignatureStatuses(List.of(signature), true).getValue()).hasSize(1);

        org.p2p.solanaj.core.Transaction tooMuch = new org.p2p.solanaj.core.Transaction();
        tooMuch.addInstruction(SystemProgram.transfer(alice.getPublicKey(), recipient, 50 * SOL));
        // solanaj skips the preflight, so that the transaction lands and fails there.
        String failed = rpc.getApi().sendTransaction(tooMuch, alice);
        assertThat(rpc.getApi().getTransaction(failed).getMeta().getErr().toString()).contains("InstructionError", "Custom");
    }
}
