package network.nyxos.localnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import software.sava.core.accounts.PublicKey;
import software.sava.core.accounts.Signer;
import software.sava.core.tx.Instruction;

/** A plain JSON-RPC client, so that tests see the very JSON. */
final class RpcProbe implements AutoCloseable {

    static final Map<String, Object> CONFIRMED = Map.of("commitment", "confirmed");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final URI url;
    private final HttpClient client = HttpClient.newHttpClient();

    RpcProbe(URI url) {
        this.url = url;
    }

    @Override
    public void close() {
        client.close();
    }

    HttpResponse<String> post(String body) {
        try {
            return client.send(HttpRequest.newBuilder(url).header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The result of a call that must succeed. */
    JsonNode call(String method, Object... params) {
        JsonNode answer = answer(method, params);
        assertThat(answer.has("error")).as("%s answered %s", method, answer).isFalse();
        return answer.get("result");
    }

    /** The error of a call that must fail. */
    JsonNode error(String method, Object... params) {
        JsonNode answer = answer(method, params);
        assertThat(answer.has("error")).as("%s answered %s", method, answer).isTrue();
        return answer.get("error");
    }

    JsonNode answer(String method, Object... params) {
        return parse(post(MAPPER.valueToTree(Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", List.of(params))).toString()).body());
    }

    static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    String blockhash() {
        return call("getLatestBlockhash", CONFIRMED).at("/value/blockhash").textValue();
    }

    Signer funded(long lamports) {
        Signer signer = Transactions.newSigner();
        confirm(call("requestAirdrop", signer.publicKey().toBase58(), lamports).textValue());
        return signer;
    }

    long balance(PublicKey address) {
        return call("getBalance", address.toBase58(), CONFIRMED).get("value").longValue();
    }

    String send(byte[] wire) {
        return call("sendTransaction", Base64.getEncoder().encodeToString(wire),
                Map.of("encoding", "base64", "preflightCommitment", "confirmed")).textValue();
    }

    JsonNode sendRefused(byte[] wire) {
        return error("sendTransaction", Base64.getEncoder().encodeToString(wire),
                Map.of("encoding", "base64", "preflightCommitment", "confirmed"));
    }

    String sendAndConfirm(List<Signer> signers, Instruction... instructions) {
        return confirm(send(Transactions.signed(blockhash(), signers, instructions)));
    }

    String confirm(String signature) {
        return reach(signature, "confirmed", "finalized");
    }

    String reach(String signature, String... statuses) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> {
            JsonNode status = call("getSignatureStatuses", List.of(signature)).at("/value/0");
            return status.isObject() && List.of(statuses).contains(status.get("confirmationStatus").textValue());
        });
        return signature;
    }

    JsonNode transaction(String signature, String encoding) {
        return call("getTransaction", signature,
                Map.of("encoding", encoding, "commitment", "confirmed", "maxSupportedTransactionVersion", 0));
    }
}
