package network.nyxos.escrow.seal;

import java.util.Arrays;
import java.util.Objects;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.accounts.PublicKey;

/// A prompt that only the holder of a sealing key can read.
///
/// @param sealingKey    {@link SealingPublicKey#id} of the key that it is sealed to
/// @param encapsulation HPKE's encapsulated key, as long as one of a {@link SealingSuite}
/// @param ciphertext    at least 16 bytes
public record SealedPrompt(PublicKey sealingKey, byte[] encapsulation, byte[] ciphertext) {
    /// Copies the bytes.
    ///
    /// @throws ProtocolException `sealed_prompt_malformed` for a length that no suite has
    public SealedPrompt {
        int length = encapsulation.length;
        if (Arrays.stream(SealingSuite.values()).noneMatch(suite -> suite.encapsulationLength() == length) || ciphertext.length < SealingSuite.TAG_LENGTH) {
            throw malformed("a sealed prompt has an encapsulated key of 1120 (x-wing) or 32 bytes (x25519), not " + length + ", and a ciphertext of at least 16");
        }
        encapsulation = encapsulation.clone();
        ciphertext = ciphertext.clone();
    }

    @Override
    public byte[] encapsulation() {
        return encapsulation.clone();
    }

    @Override
    public byte[] ciphertext() {
        return ciphertext.clone();
    }

    /// Checks that it can be for a key of this suite.
    ///
    /// @throws ProtocolException `sealed_prompt_malformed` when its encapsulated key is one of another suite
    public void requireSuite(SealingSuite suite) {
        if (encapsulation.length != suite.encapsulationLength()) {
            throw malformed("key " + sealingKey + " is of suite " + suite.wireName() + ", whose encapsulated keys have " + suite.encapsulationLength() + " bytes; this one has "
                + encapsulation.length + ": seal it by the suite that the evidence binds");
        }
    }

    private static ProtocolException malformed(String why) {
        return new ProtocolException("sealed_prompt_malformed", why);
    }

    /// Bytes of the prompt, its padding included: what a carrier knows of its size.
    public int plaintextLength() {
        return ciphertext.length - SealingSuite.TAG_LENGTH;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealedPrompt that && sealingKey.equals(that.sealingKey) && Arrays.equals(encapsulation, that.encapsulation)
            && Arrays.equals(ciphertext, that.ciphertext);
    }

    @Override
    public int hashCode() {
        return Objects.hash(sealingKey, Arrays.hashCode(encapsulation), Arrays.hashCode(ciphertext));
    }

    @Override
    public String toString() {
        return "SealedPrompt[to " + sealingKey + ", " + ciphertext.length + " bytes]";
    }
}
