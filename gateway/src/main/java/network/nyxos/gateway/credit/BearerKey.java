package network.nyxos.gateway.credit;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import software.sava.core.accounts.PublicKey;

/// A secret that spends what lies in the escrows of its session key: `nyx_` ‖ base58 of 32 random bytes, made by the client. It lives in memory for as long as its
/// request; `toString` shows the public key only.
public final class BearerKey {
    /// What every bearer key begins with.
    public static final String PREFIX = "nyx_";
    /// The code for one that has not the form of a bearer key.
    public static final String MALFORMED = "bearer_key_malformed";
    private static final String DOMAIN = "nyxos:bearer:v1";
    private static final String SCHEME = "bearer ";
    private static final int LONGEST = PREFIX.length() + 44;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Hash secret;
    private final Keypair session;

    private BearerKey(Hash secret) {
        this.secret = secret;
        this.session = Keypair.fromSeed(Hash.domain(DOMAIN, secret.bytes()).bytes());
    }

    /// A new key from the system's secure random source.
    public static BearerKey generate() {
        byte[] secret = new byte[Hash.LENGTH];
        RANDOM.nextBytes(secret);
        try {
            return new BearerKey(Hash.of(secret));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /// Reads a key as it is written.
    ///
    /// @throws ProtocolException `bearer_key_malformed`; the message holds nothing of the text
    public static BearerKey parse(String text) {
        if (text.startsWith(PREFIX) && text.length() <= LONGEST) {
            try {
                var key = new BearerKey(Hash.fromBase58(text.substring(PREFIX.length())));
                if (key.text().equals(text)) {
                    return key;
                }
            } catch (ProtocolException e) {
                throw malformed();
            }
        }
        throw malformed();
    }

    private static ProtocolException malformed() {
        return new ProtocolException(MALFORMED, "a bearer key is '" + PREFIX + "' and the base58 of 32 bytes");
    }

    /// The key of a header `Authorization`; empty for what is not meant to be one, such as the keys that other services give out.
    ///
    /// @throws ProtocolException `bearer_key_malformed`
    public static Optional<BearerKey> ofAuthorization(String header) {
        String value = header.strip();
        if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        String token = value.substring(SCHEME.length()).strip();
        return token.startsWith(PREFIX) ? Optional.of(parse(token)) : Optional.empty();
    }

    /// The key as it is written: the secret itself.
    public String text() {
        return PREFIX + secret.base58();
    }

    /// The session key that signs its vouchers: Ed25519 of the seed `H("nyxos:bearer:v1" ‖ the 32 bytes)`.
    public Keypair session() {
        return session;
    }

    /// The public half of {@link #session}; all that anybody else has to know.
    public PublicKey publicKey() {
        return session.publicKey();
    }

    /// The public key.
    @Override
    public String toString() {
        return publicKey().toBase58();
    }
}
