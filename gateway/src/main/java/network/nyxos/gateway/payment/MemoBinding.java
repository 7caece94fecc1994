package network.nyxos.gateway.payment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// Ties a transfer to the one request that it pays for. The memo, which stock clients copy into their transaction, is
/// `nyx1.` ‖ nonce ‖ `.` ‖ the first 18 bytes of HMAC-SHA-256 over nonce, request hash, mint, receiver and amount (both in base64url): 41 characters.
/// Nothing is stored: who holds the key derives it again when the request comes back paid. The nonce makes two like requests two payments.
public final class MemoBinding {
    /// Bytes that the key must have at least.
    public static final int MIN_KEY_LENGTH = 32;
    private static final String PREFIX = "nyx1.";
    private static final int NONCE_LENGTH = 8;
    private static final int MAC_LENGTH = 18;
    private static final byte[] DOMAIN = "nyxos:memo:v1".getBytes(StandardCharsets.US_ASCII);

    private final KeyedHash hash;
    private final SecureRandom random = new SecureRandom();

    /// @param key secret, the same for all gateways that serve one address; 32 bytes or more
    public MemoBinding(byte[] key) {
        if (key.length < MIN_KEY_LENGTH) {
            throw new IllegalArgumentException("the memo key has " + key.length + " bytes, must have " + MIN_KEY_LENGTH);
        }
        this.hash = new KeyedHash(key);
    }

    /// A memo for a new offer.
    public String create(Hash requestHash, PublicKey mint, PublicKey payTo, long amount) {
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        return memo(nonce, requestHash, mint, payTo, amount);
    }

    /// Whether the text has the form of our memos; it may still be bound to another request, or to none.
    public static boolean looksOurs(String memo) {
        return memo.startsWith(PREFIX);
    }

    /// Whether we made this memo for this request and price.
    public boolean binds(String memo, Hash requestHash, PublicKey mint, PublicKey payTo, long amount) {
        String[] parts = memo.split("\\.", -1);
        if (parts.length != 3 || !looksOurs(memo)) {
            return false;
        }
        byte[] nonce;
        try {
            nonce = Base64.getUrlDecoder().decode(parts[1]);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return nonce.length == NONCE_LENGTH && MessageDigest.isEqual(memo.getBytes(StandardCharsets.UTF_8),
            memo(nonce, requestHash, mint, payTo, amount).getBytes(StandardCharsets.UTF_8));
    }

    private String memo(byte[] nonce, Hash requestHash, PublicKey mint, PublicKey payTo, long amount) {
        byte[] mac = hash.of(MAC_LENGTH, DOMAIN, nonce, requestHash.bytes(), mint.toByteArray(), payTo.toByteArray(), ByteBuffer.allocate(Long.BYTES).putLong(amount).array());
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return PREFIX + encoder.encodeToString(nonce) + "." + encoder.encodeToString(mac);
    }
}
