package network.nyxos.gateway.payment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;
import software.sava.core.encoding.Base58;

/// x402's extension `offer-receipt`: what is offered, and that it was paid for and served, signed by the gateway's key. Signatures are compact JWS with `EdDSA`;
/// `kid` is the key itself as a `did:key`, so that anybody can verify them without asking, and `/.well-known/did.json` says that it is this gateway's.
public final class OfferReceipt {
    /// The extension's name.
    public static final String KEY = "offer-receipt";
    private static final int VERSION = 1;
    private static final byte[] ED25519 = {(byte) 0xed, 0x01};
    private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

    private final Keypair signer;
    private final String header;
    private final Network network;
    private final InstantSource clock;

    /// @param signer  the gateway's key
    /// @param network that it is paid on
    public OfferReceipt(Keypair signer, Network network, InstantSource clock) {
        this.signer = signer;
        this.network = network;
        this.clock = clock;
        this.header = base64(Json.bytes(JsonNodeFactory.instance.objectNode().put("alg", "EdDSA").put("kid", "did:key:" + multibase(signer.publicKey()))));
    }

    /// A key as DIDs write it.
    public static String multibase(PublicKey key) {
        byte[] bytes = new byte[ED25519.length + PublicKey.PUBLIC_KEY_LENGTH];
        System.arraycopy(ED25519, 0, bytes, 0, ED25519.length);
        System.arraycopy(key.toByteArray(), 0, bytes, ED25519.length, PublicKey.PUBLIC_KEY_LENGTH);
        return "z" + Base58.encode(bytes);
    }

    /// Signs the offers of scheme `exact`: all of them for the body, which may be long, and the preferred one for the header, which has to be short.
    ///
    /// @param resource what is paid for
    /// @param accepts  the offers
    public PaymentRequired.Extension offers(String resource, List<Requirements> accepts) {
        long until = clock.instant().getEpochSecond();
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        ArrayNode preferred = JsonNodeFactory.instance.arrayNode();
        for (int at = 0; at < accepts.size(); at++) {
            Requirements each = accepts.get(at);
            if (!each.scheme().equals(Requirements.EXACT)) {
                continue;
            }
            ObjectNode signed = signed(JsonNodeFactory.instance.objectNode().put("version", VERSION).put("resourceUrl", resource).put("scheme", each.scheme())
                .put("network", each.network()).put("asset", each.asset().toBase58()).put("payTo", each.payTo().toBase58()).put("amount", Long.toString(each.amount()))
                .put("validUntil", until + each.maxTimeoutSeconds()));
            if (preferred.isEmpty()) {
                preferred.add(signed.deepCopy().put("acceptIndex", at));
            }
            // The body has offers of this scheme alone.
            all.add(signed.put("acceptIndex", all.size()));
        }
        return new PaymentRequired.Extension(KEY, declaration(preferred), Optional.of(declaration(all)));
    }

    private static ObjectNode declaration(ArrayNode offers) {
        ObjectNode declaration = JsonNodeFactory.instance.objectNode();
        declaration.putObject("info").set("offers", offers);
        declaration.set("schema", schema("offers", "array"));
        return declaration;
    }

    /// Signs that something was paid for and served.
    ///
    /// @param resource    what was paid for
    /// @param payer       who paid
    /// @param transaction base58 signature; empty where there is none
    /// @return `{format, signature}`
    public ObjectNode receipt(String resource, String payer, String transaction) {
        ObjectNode payload = JsonNodeFactory.instance.objectNode().put("version", VERSION).put("network", network.caip2()).put("resourceUrl", resource).put("payer", payer)
            .put("issuedAt", clock.instant().getEpochSecond());
        if (!transaction.isEmpty()) {
            payload.put("transaction", transaction);
        }
        return signed(payload);
    }

    /// A receipt as a settlement response carries it.
    public static ObjectNode inSettlement(ObjectNode receipt) {
        ObjectNode extension = JsonNodeFactory.instance.objectNode();
        extension.putObject("info").set("receipt", receipt);
        extension.set("schema", schema("receipt", "object"));
        return extension;
    }

    private static ObjectNode schema(String member, String type) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("$schema", DRAFT).put("type", "object");
        schema.putObject("properties").putObject(member).put("type", type);
        schema.putArray("required").add(member);
        return schema;
    }

    private ObjectNode signed(ObjectNode payload) {
        String input = header + "." + base64(Json.canonical(payload));
        return JsonNodeFactory.instance.objectNode().put("format", "jws")
            .put("signature", input + "." + base64(signer.sign(input.getBytes(StandardCharsets.US_ASCII)).bytes()));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
