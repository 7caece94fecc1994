package network.nyxos.escrow.voucher;

import java.nio.charset.StandardCharsets;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Ed25519;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import software.sava.core.accounts.PublicKey;

/// Ties a voucher to the one request it pays for: a second signature by the session key, off chain, so that nobody who sees the voucher can spend it on
/// another request and the same request cannot be charged twice.
///
/// @param escrow      the escrow's address
/// @param cumulative  the voucher's amount
/// @param nonce       32 random bytes of the payer; the job's id follows from it
/// @param requestHash {@link #requestHash}
public record RequestBinding(PublicKey escrow, long cumulative, Hash nonce, Hash requestHash) {
    /// `H(METHOD ‖ " " ‖ path ‖ "\n" ‖ body bytes)`.
    ///
    /// @param method upper case
    /// @param path   as sent, with the query where there is one
    /// @param body   the bytes as sent
    public static Hash requestHash(String method, String path, byte[] body) {
        return Hash.sha256((method + " " + path + "\n").getBytes(StandardCharsets.UTF_8), body);
    }

    /// What the session key signs: `H("nyxos:request:v1" ‖ escrow ‖ cumulative u64 ‖ nonce ‖ request_hash)`.
    public Hash digest() {
        return Hash.domain("nyxos:request:v1", new BorshWriter(104).publicKey(escrow).u64(cumulative).toByteArray(), nonce.bytes(), requestHash.bytes());
    }

    /// Signs with the escrow's session key.
    public Signature sign(Keypair sessionKey) {
        return sessionKey.sign(digest());
    }

    /// Whether the signature is the session key's over this binding.
    public boolean verify(PublicKey sessionKey, Signature signature) {
        return Ed25519.fastest().verify(sessionKey, digest().bytes(), signature);
    }
}
