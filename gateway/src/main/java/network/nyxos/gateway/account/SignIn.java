package network.nyxos.gateway.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.gateway.payment.Json;
import network.nyxos.gateway.payment.KeyedHash;
import network.nyxos.gateway.payment.Network;
import network.nyxos.gateway.payment.PaymentException;
import software.sava.core.accounts.PublicKey;

/// x402's extension `sign-in-with-x` for Solana wallets (Sign-In With Solana). A challenge is good for one resource, five minutes and one use; nothing of it is stored
/// before it is used: its nonce is 8 random bytes and the first 8 bytes of an HMAC-SHA-256 over them, the time and the resource, so that only our own come back.
/// Of what a client sends, only address, nonce, time and signature are read; the message that must have been signed is made anew.
public final class SignIn {
    /// The extension's name, and that of the header.
    public static final String KEY = "sign-in-with-x";
    private static final String PREFIX = "invalid_siwx_";
    /// Nothing was sent that can be read.
    public static final String MALFORMED = PREFIX + "payload";
    /// Signed for another site.
    public static final String DOMAIN = PREFIX + "domain_mismatch";
    /// Signed for another resource.
    public static final String RESOURCE = PREFIX + "uri_mismatch";
    /// Another chain than ours.
    public static final String CHAIN = PREFIX + "unsupported_chain";
    /// The time is none.
    public static final String ISSUED_AT = PREFIX + "issued_at";
    /// Older than five minutes.
    public static final String TOO_OLD = PREFIX + "issued_at_too_old";
    /// From the future.
    public static final String IN_FUTURE = PREFIX + "issued_at_in_future";
    /// The nonce is not of ours, or was used.
    public static final String NONCE = PREFIX + "nonce";
    /// Signature or address are no such things.
    public static final String MALFORMED_SIGNATURE = PREFIX + "malformed_signature";
    /// The wallet did not sign this.
    public static final String SIGNATURE = PREFIX + "signature";

    /// How long a challenge may be used.
    public static final Duration LIFE = Duration.ofMinutes(5);
    private static final String STATEMENT = "Sign in to see what this wallet has bought";
    private static final String TYPE = "ed25519";
    private static final byte[] MAC_DOMAIN = "nyxos:siwx:v1".getBytes(StandardCharsets.US_ASCII);
    private static final int HALF = 8;

    private final KeyedHash hash;
    private final Network network;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /// @param key     secret, the same for all gateways of one address; 32 bytes or more
    /// @param network whose wallets may sign in
    public SignIn(byte[] key, Network network, InstantSource clock) {
        this.hash = new KeyedHash(key);
        this.network = network;
        this.clock = clock;
    }

    /// A wallet that signed in.
    ///
    /// @param wallet its key
    /// @param nonce  of the challenge, 16 bytes; whoever lets the wallet in sees to it that it is used once
    /// @param until  when the challenge ends
    public record Proof(PublicKey wallet, byte[] nonce, Instant until) {
    }

    /// A challenge.
    ///
    /// @param resource absolute URL of what is asked for
    /// @return the extension's declaration
    public ObjectNode challenge(URI resource) {
        Instant issued = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        byte[] nonce = new byte[2 * HALF];
        byte[] fresh = new byte[HALF];
        random.nextBytes(fresh);
        System.arraycopy(fresh, 0, nonce, 0, HALF);
        System.arraycopy(mac(fresh, issued, resource), 0, nonce, HALF, HALF);
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode info = root.putObject("info").put("domain", resource.getRawAuthority()).put("uri", resource.toString()).put("version", "1")
            .put("statement", STATEMENT).put("nonce", HexFormat.of().formatHex(nonce)).put("issuedAt", issued.toString()).put("expirationTime", issued.plus(LIFE).toString());
        info.putArray("resources").add(resource.toString());
        root.putArray("supportedChains").addObject().put("chainId", network.caip2()).put("type", TYPE).put("signatureScheme", "siws");
        root.set("schema", schema());
        return root;
    }

    private static ObjectNode schema() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("$schema", "https://json-schema.org/draft/2020-12/schema").put("type", "object");
        ObjectNode members = schema.putObject("properties");
        var required = schema.putArray("required");
        for (String name : new String[] {"domain", "address", "uri", "version", "chainId", "type", "nonce", "issuedAt", "signature"}) {
            members.putObject(name).put("type", "string");
            required.add(name);
        }
        return schema;
    }

    private byte[] mac(byte[] fresh, Instant issued, URI resource) {
        return hash.of(HALF, MAC_DOMAIN, fresh, issued.toString().getBytes(StandardCharsets.US_ASCII), resource.toString().getBytes(StandardCharsets.UTF_8));
    }

    /// Verifies what a client sent in the header.
    ///
    /// @param header   base64 of a JSON object
    /// @param resource absolute URL of what is asked for
    /// @throws PaymentException with one of the codes above
    public Proof verify(String header, URI resource) {
        JsonNode said = read(header);
        require(said.path("domain").asText().equals(resource.getRawAuthority()), DOMAIN, "the sign-in is for '" + clip(said.path("domain")) + "', this is " + resource.getRawAuthority());
        require(said.path("uri").asText().equals(resource.toString()), RESOURCE, "the sign-in is for another resource; sign the challenge of this one");
        require(said.path("chainId").asText().equals(network.caip2()) && said.path("type").asText().equals(TYPE), CHAIN, "wallets of " + network.caip2() + " sign in here, by " + TYPE);
        Instant issued = issued(said);
        Instant now = clock.instant();
        require(!issued.isAfter(now), IN_FUTURE, "the sign-in is from the future");
        require(!now.isAfter(issued.plus(LIFE)), TOO_OLD, "the sign-in is older than " + LIFE.toMinutes() + " minutes; sign a new challenge");
        byte[] nonce = nonce(said, issued, resource);
        PublicKey wallet = Json.key(said, "address").orElseThrow(() -> new PaymentException(MALFORMED_SIGNATURE, "address must be a base58 key"));
        Signature signature = signature(said);
        byte[] message = message(wallet, HexFormat.of().formatHex(nonce), issued, resource).getBytes(StandardCharsets.UTF_8);
        require(Ed25519.fastest().verify(wallet, message, signature), SIGNATURE, "wallet " + wallet + " did not sign this challenge as it was given");
        return new Proof(wallet, nonce, issued.plus(LIFE));
    }

    private static void require(boolean holds, String code, String message) {
        if (!holds) {
            throw new PaymentException(code, message);
        }
    }

    private static String clip(JsonNode text) {
        return text.asText().substring(0, Math.min(64, text.asText().length()));
    }

    private static JsonNode read(String header) {
        try {
            return Json.header(header);
        } catch (PaymentException e) {
            throw new PaymentException(MALFORMED, "the header must be base64 of a JSON object");
        }
    }

    private static Instant issued(JsonNode said) {
        try {
            return Instant.parse(said.path("issuedAt").asText());
        } catch (DateTimeParseException e) {
            throw new PaymentException(ISSUED_AT, "issuedAt is no time");
        }
    }

    private byte[] nonce(JsonNode said, Instant issued, URI resource) {
        byte[] nonce;
        try {
            nonce = HexFormat.of().parseHex(said.path("nonce").asText());
        } catch (IllegalArgumentException e) {
            nonce = new byte[0];
        }
        boolean ours = nonce.length == 2 * HALF
            && MessageDigest.isEqual(Arrays.copyOfRange(nonce, HALF, 2 * HALF), mac(Arrays.copyOf(nonce, HALF), issued, resource));
        require(ours, NONCE, "this nonce was not given for this resource and time; sign the challenge as it was given");
        return nonce;
    }

    private static Signature signature(JsonNode said) {
        try {
            return Signature.fromBase58(said.path("signature").asText());
        } catch (ProtocolException e) {
            throw new PaymentException(MALFORMED_SIGNATURE, "signature must be 64 bytes in base58");
        }
    }

    /// The text that a wallet shows and signs.
    String message(PublicKey wallet, String nonce, Instant issued, URI resource) {
        return resource.getRawAuthority() + " wants you to sign in with your Solana account:\n" + wallet.toBase58() + "\n\n" + STATEMENT + "\n\nURI: " + resource + "\nVersion: 1\nChain ID: "
            + network.caip2().substring("solana:".length()) + "\nNonce: " + nonce + "\nIssued At: " + issued + "\nExpiration Time: " + issued.plus(LIFE) + "\nResources:\n- " + resource;
    }
}
