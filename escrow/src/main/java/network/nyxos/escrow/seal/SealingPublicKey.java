package network.nyxos.escrow.seal;

import java.util.Arrays;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// What prompts are sealed to: a public key with its suite.
///
/// Registry, report data and hello hold its {@link #id} alone, whatever the suite: 32 bytes that are a hash and never a key. So nobody can show a key of one suite
/// as one of another: it would have another id, and no evidence binds that. Immutable.
public final class SealingPublicKey {
    private static final String DOMAIN = "nyxos:sealing-key:v1";

    private final SealingSuite suite;
    private final byte[] bytes;
    // Asked for with every request that a node might take: hashed once.
    private final PublicKey id;

    /// Copies the bytes.
    ///
    /// @param suite how is sealed to it
    /// @param bytes as many as the suite's public keys have; checked no further
    /// @throws ProtocolException `sealing_key_malformed` for another length than the suite's
    public SealingPublicKey(SealingSuite suite, byte[] bytes) {
        if (bytes.length != suite.publicKeyLength()) {
            throw new ProtocolException("sealing_key_malformed", "a public key of suite " + suite.wireName() + " has " + suite.publicKeyLength() + " bytes, this has " + bytes.length);
        }
        this.suite = suite;
        this.bytes = bytes.clone();
        this.id = PublicKey.createPubKey(Hash.domain(DOMAIN, suite.numbers(), this.bytes).bytes());
    }

    /// The key as JSON has it.
    ///
    /// @param suite its {@link SealingSuite#wireName}
    /// @throws ProtocolException `sealing_suite_unknown`, `sealing_key_malformed`
    public static SealingPublicKey of(String suite, byte[] bytes) {
        return new SealingPublicKey(SealingSuite.ofWireName(suite).orElseThrow(() -> new ProtocolException("sealing_suite_unknown", "'" + suite + "' is no sealing suite that is known here: "
            + "x-wing or x25519")), bytes);
    }

    /// How is sealed to it.
    public SealingSuite suite() {
        return suite;
    }

    /// A copy of the key.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// `SHA-256("nyxos:sealing-key:v1" ‖ kem u16 ‖ kdf u16 ‖ aead u16 ‖ public key)`, numbers big-endian as RFC 9180 has them, in the type that the registry's
    /// accounts have for 32 bytes.
    public PublicKey id() {
        return id;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealingPublicKey that && suite == that.suite && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "SealingPublicKey[" + suite.wireName() + ", " + id + "]";
    }
}
