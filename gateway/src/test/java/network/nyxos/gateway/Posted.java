package network.nyxos.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.token.BuiltIn;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.transaction.TransactionBuilder;
import network.nyxos.localnet.LocalChain;
import software.sava.core.accounts.PublicKey;

/// Plain HTTP, to look at answers byte by byte.
public final class Posted {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Posted() {
    }

    public static String chat(String prompt, boolean stream) {
        return JSON.createObjectNode().put("model", Ground.MODEL).put("max_tokens", 32).put("temperature", 0).put("stream", stream)
            .set("messages", JSON.createArrayNode().add(JSON.createObjectNode().put("role", "user").put("content", prompt))).toString();
    }

    /// A request whose prompt only a node can read.
    public static String sealed(PublicKey node, SealedPrompt prompt) {
        ObjectNode body = JSON.createObjectNode().put("model", Ground.MODEL).put("max_tokens", 32).put("temperature", 0).put("peer_tier", "confidential");
        body.putObject("sealed").put("node", node.toBase58()).put("key", prompt.sealingKey().toBase58())
            .put("encapsulation", Base64.getEncoder().encodeToString(prompt.encapsulation())).put("ciphertext", Base64.getEncoder().encodeToString(prompt.ciphertext()));
        return body.toString();
    }

    public static HttpResponse<String> post(Gateway gateway, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(Ground.url(gateway) + path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    public static HttpResponse<String> get(Gateway gateway, String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(Ground.url(gateway) + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    public static HttpResponse<String> options(Gateway gateway, String path, String... headers) {
        return send(HttpRequest.newBuilder(URI.create(Ground.url(gateway) + path)).method("OPTIONS", HttpRequest.BodyPublishers.noBody()).headers(headers));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode header(HttpResponse<?> answer, String name) {
        return decoded(answer.headers().firstValue(name).orElseThrow());
    }

    /// A header's JSON.
    public static JsonNode decoded(String header) {
        return json(new String(Base64.getDecoder().decode(header), StandardCharsets.UTF_8));
    }

    /// The result of a tool that is called over the Model Context Protocol.
    ///
    /// @param meta JSON of `_meta`
    public static JsonNode tool(Gateway gateway, String name, String arguments, String meta) {
        HttpResponse<String> answer = post(gateway, "/mcp", "{\"jsonrpc\":\"2.0\",\"id\":\"" + name + "\",\"method\":\"tools/call\",\"params\":{\"name\":\"" + name + "\",\"arguments\":" + arguments
            + ",\"_meta\":" + meta + "}}", "Content-Type", "application/json", "Accept", "application/json, text/event-stream");
        return json(answer.body()).path("result");
    }

    public static String code(HttpResponse<String> answer) {
        return json(answer.body()).path("error").path("code").asText();
    }

    /// A challenge's offer of scheme `exact`.
    public static ObjectNode exactOffer(HttpResponse<String> challenge) {
        assertThat(challenge.statusCode()).as(challenge.body()).isEqualTo(402);
        return header(challenge, "PAYMENT-REQUIRED").path("accepts").get(0).deepCopy();
    }

    /// The transaction that a stock client makes of an offer, in base64.
    public static String transaction(ObjectNode offer, Keypair wallet, Hash blockhash, boolean memo) {
        PublicKey payTo = PublicKey.fromBase58Encoded(offer.path("payTo").asText());
        var builder = TransactionBuilder.legacy(PublicKey.fromBase58Encoded(offer.path("extra").path("feePayer").asText()))
            .add(BuiltIn.computeUnitLimit(20_000)).add(BuiltIn.computeUnitPrice(1))
            .add(Tokens.transferChecked(Tokens.associated(wallet.publicKey(), Ground.USDC, LocalChain.TOKEN_PROGRAM), Ground.USDC,
                Tokens.associated(payTo, Ground.USDC, LocalChain.TOKEN_PROGRAM), wallet.publicKey(), offer.path("amount").asLong(), 6, LocalChain.TOKEN_PROGRAM));
        if (memo) {
            builder.add(BuiltIn.memo(offer.path("extra").path("memo").asText()));
        }
        return Base64.getEncoder().encodeToString(builder.compile(blockhash).signPartly(wallet).bytes());
    }

    /// A payment header of version 2.
    public static String v2(ObjectNode offer, String transaction) {
        ObjectNode root = JSON.createObjectNode().put("x402Version", 2);
        root.set("accepted", offer);
        root.putObject("payload").put("transaction", transaction);
        return base64(root);
    }

    /// A payment header of version 2 for a purchase with a name.
    public static String named(ObjectNode offer, String transaction, String id) {
        ObjectNode root = JSON.createObjectNode().put("x402Version", 2);
        root.set("accepted", offer);
        root.putObject("payload").put("transaction", transaction);
        return base64(named(root, id));
    }

    /// A payment with a name.
    public static ObjectNode named(ObjectNode payment, String id) {
        payment.withObject("/extensions").putObject("payment-identifier").putObject("info").put("required", false).put("id", id);
        return payment;
    }

    /// A payment header of version 1.
    public static String v1(String transaction) {
        ObjectNode root = JSON.createObjectNode().put("x402Version", 1).put("scheme", "exact").put("network", "solana-devnet");
        root.putObject("payload").put("transaction", transaction);
        return base64(root);
    }

    /// A header.
    public static String base64(ObjectNode node) {
        return Base64.getEncoder().encodeToString(node.toString().getBytes(StandardCharsets.UTF_8));
    }
}
