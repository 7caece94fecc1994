package network.nyxos.escrow.wire;

import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.voucher.RequestBinding;
import network.nyxos.escrow.voucher.Voucher;
import software.sava.core.accounts.PublicKey;

/// The payload of x402's scheme `escrow` (protocol §8): a voucher and what binds it to one request.
///
/// @param voucher          the voucher, which names the escrow
/// @param signature        the session key's over it
/// @param nonce            32 random bytes, never used twice with this escrow
/// @param requestSignature the session key's over the {@link RequestBinding}
public record EscrowPayload(Voucher voucher, Signature signature, Hash nonce, Signature requestSignature) {
    private static final String MALFORMED = "escrow_payload_malformed";

    /// Signs for a request.
    ///
    /// @param requestHash {@link RequestBinding#requestHash}
    public static EscrowPayload sign(Voucher voucher, Hash nonce, Hash requestHash, Keypair sessionKey) {
        return new EscrowPayload(voucher, voucher.sign(sessionKey), nonce, new RequestBinding(voucher.escrow(), voucher.cumulative(), nonce, requestHash).sign(sessionKey));
    }

    /// Reads the JSON object.
    ///
    /// @throws ProtocolException `escrow_payload_malformed`, or the voucher's code
    public static EscrowPayload decode(byte[] bytes) {
        Json json = Json.parse(bytes, "payload", MALFORMED);
        Voucher voucher = Voucher.decode(json.base64("voucher"));
        if (!json.key("escrow").equals(voucher.escrow())) {
            throw json.wrong("escrow", "the voucher's");
        }
        var payload = new EscrowPayload(voucher, json.signature("signature"), json.hash("nonce"), json.signature("requestSignature"));
        json.end();
        return payload;
    }

    /// Writes the JSON object.
    public byte[] encode() {
        return Json.bytes(Json.object().put("escrow", voucher.escrow().toBase58()).put("voucher", Json.base64(voucher.encode())).put("signature", signature.base64())
            .put("nonce", nonce.hex()).put("requestSignature", requestSignature.base64()));
    }

    /// Whether both signatures are the session key's, over this voucher and this request.
    public boolean verify(PublicKey sessionKey, Hash requestHash) {
        return voucher.verify(sessionKey, signature)
            && new RequestBinding(voucher.escrow(), voucher.cumulative(), nonce, requestHash).verify(sessionKey, requestSignature);
    }

    /// As the relayer is told.
    public PaymentRecord.ByVoucher record(PublicKey mint) {
        return new PaymentRecord.ByVoucher(voucher, signature, nonce, requestSignature, mint);
    }
}
