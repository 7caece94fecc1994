package network.nyxos.escrow.crypto;

import java.util.List;
import software.sava.core.accounts.PublicKey;

/// Ed25519 as the chain means it. Both implementations accept exactly the same signatures, on every machine:
///
/// - `s` is below the group order, and the equation is checked without the cofactor, as ed25519-dalek's `verify_strict` does;
/// - the key and R are canonically encoded points of the prime-order group other than the identity.
///
/// The second rule is stricter than the chain for keys with a small-order part, which no honest generator makes. A signature accepted here is therefore
/// accepted on chain, which is what decides whether work may start on it. Thread-safe.
public sealed interface Ed25519 permits CorrettoEd25519, BouncyCastleEd25519 {
    /// Bytes in a secret seed.
    int SEED_LENGTH = 32;

    /// The fastest implementation that this machine can load. The same object every time.
    static Ed25519 fastest() {
        return Ed25519Providers.PRESENT.getFirst();
    }

    /// Every implementation that this machine can load, fastest first; never empty.
    static List<Ed25519> present() {
        return Ed25519Providers.PRESENT;
    }

    /// What stands behind it, for logs and benchmarks.
    String name();

    /// The public key of a seed.
    ///
    /// @param seed 32 secret bytes
    PublicKey publicKey(byte[] seed);

    /// A signer for one seed that keeps what it can prepare.
    ///
    /// @param seed 32 secret bytes, copied
    Signer signer(byte[] seed);

    /// Whether `signature` is `key`'s over `message`, by the rules above. Never throws for what the bytes say.
    boolean verify(PublicKey key, byte[] message, Signature signature);

    /// Whether `key` can sign at all: a canonical point of the prime-order group. A program address is not.
    boolean isValidKey(PublicKey key);

    /// Signs with one secret key. Thread-safe.
    interface Signer {
        /// The deterministic signature (RFC 8032) over the message.
        Signature sign(byte[] message);
    }
}
