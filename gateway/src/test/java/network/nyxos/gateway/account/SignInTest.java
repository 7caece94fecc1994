package network.nyxos.gateway.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.PaymentException;
import org.junit.jupiter.api.Test;

class SignInTest {
    private static final URI HERE = URI.create("https://gateway.example/v1/purchases");
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    private final SignIn signIn = new SignIn(new byte[32], Network.DEVNET, now::get);
    private final Keypair wallet = Keypair.generate();

    /// What a wallet makes of a challenge, by the form that Sign-In With Solana has.
    private ObjectNode proof(Keypair signer, JsonNode challenge) {
        JsonNode info = challenge.path("info");
        String message = """
            %s wants you to sign in with your Solana account:
            %s

            %s

            URI: %s
            Version: 1
            Chain ID: EtWTRABZaYq6iMfeYKouRu166VU2xqa1
            Nonce: %s
            Issued At: %s
            Expiration Time: %s
            Resources:
            - %s""".formatted(info.path("domain").asText(), signer.publicKey().toBase58(), info.path("statement").asText(), info.path("uri").asText(), info.path("nonce").asText(),
            info.path("issuedAt").asText(), info.path("expirationTime").asText(), info.path("resources").path(0).asText());
        ObjectNode proof = info.deepCopy();
        return proof.put("address", signer.publicKey().toBase58()).put("chainId", challenge.path("supportedChains").path(0).path("chainId").asText()).put("type", "ed25519")
            .put("signature", signer.sign(message.getBytes(StandardCharsets.UTF_8)).base58());
    }

    private void refused(String code, ObjectNode proof) {
        refused(code, Json.toHeader(proof), HERE);
    }

    private void refused(String code, String header, URI resource) {
        assertThatThrownBy(() -> signIn.verify(header, resource)).isInstanceOfSatisfying(PaymentException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private ObjectNode changed(Consumer<ObjectNode> change) {
        ObjectNode proof = proof(wallet, signIn.challenge(HERE));
        change.accept(proof);
        return proof;
    }

    @Test
    void aWalletThatSignedItsChallengeIsLetIn() {
        ObjectNode challenge = signIn.challenge(HERE);

        SignIn.Proof proof = signIn.verify(Json.toHeader(proof(wallet, challenge)), HERE);

        assertThat(proof.wallet()).isEqualTo(wallet.publicKey());
        assertThat(proof.until()).isEqualTo(now.get().plus(Duration.ofMinutes(5)));
        assertThat(challenge.path("info").path("domain").asText()).isEqualTo("gateway.example");
        assertThat(challenge.path("info").path("nonce").asText()).hasSize(32).isNotEqualTo(signIn.challenge(HERE).path("info").path("nonce").asText());
    }

    @Test
    void aProofIsForOneSiteOneResourceAndOneChain() {
        refused("invalid_siwx_domain_mismatch", changed(proof -> proof.put("domain", "evil.example")));
        refused("invalid_siwx_uri_mismatch", changed(proof -> proof.put("uri", "https://gateway.example/v1/other")));
        refused("invalid_siwx_unsupported_chain", changed(proof -> proof.put("chainId", Network.MAINNET.caip2())));
        refused("invalid_siwx_unsupported_chain", changed(proof -> proof.put("type", "eip191")));
        String good = Json.toHeader(proof(wallet, signIn.challenge(HERE)));
        refused("invalid_siwx_uri_mismatch", good, URI.create("https://gateway.example/v1/purchases/1/reply"));
        refused("invalid_siwx_domain_mismatch", good, URI.create("https://other.example/v1/purchases"));
    }

    @Test
    void aProofLastsFiveMinutes() {
        ObjectNode proof = proof(wallet, signIn.challenge(HERE));
        Instant issued = now.get();
        now.set(issued.plus(SignIn.LIFE));
        assertThat(signIn.verify(Json.toHeader(proof), HERE).wallet()).isEqualTo(wallet.publicKey());
        now.set(issued.plus(SignIn.LIFE).plusMillis(1));
        refused("invalid_siwx_issued_at_too_old", proof);
        now.set(issued.minusMillis(1));
        refused("invalid_siwx_issued_at_in_future", proof);
        now.set(issued);
        refused("invalid_siwx_issued_at", changed(other -> other.put("issuedAt", "yesterday")));
    }

    @Test
    void onlyOurOwnChallengesAreGood() {
        var stranger = new SignIn(new byte[] {1, 2, 3}, Network.DEVNET, now::get);

        refused("invalid_siwx_nonce", proof(wallet, stranger.challenge(HERE)));
        refused("invalid_siwx_nonce", changed(proof -> proof.put("nonce", "00".repeat(16))));
        refused("invalid_siwx_nonce", changed(proof -> proof.put("nonce", "no hex")));
        refused("invalid_siwx_nonce", changed(proof -> proof.put("issuedAt", now.get().minusSeconds(1).toString())));
    }

    @Test
    void onlyTheWalletItselfSignsIn() {
        refused("invalid_siwx_signature", changed(proof -> proof.put("address", Keypair.generate().publicKey().toBase58())));
        refused("invalid_siwx_signature", changed(proof -> proof.put("signature", wallet.sign("something else".getBytes(StandardCharsets.UTF_8)).base58())));
        refused("invalid_siwx_malformed_signature", changed(proof -> proof.put("signature", "abc")));
        refused("invalid_siwx_malformed_signature", changed(proof -> proof.put("address", "abc")));
        refused("invalid_siwx_payload", "not base64!", HERE);
        refused("invalid_siwx_payload", "e30=e30=", HERE);
    }

    @Test
    void whatAClientAddsIsNotReadAndSoNotSigned() {
        assertThat(signIn.verify(Json.toHeader(changed(proof -> proof.put("statement", "something else").put("requestId", "7"))), HERE).wallet()).isEqualTo(wallet.publicKey());
    }
}
