package network.nyxos.escrow.seal;

import java.util.Arrays;
import java.util.Objects;
import network.nyxos.escrow.ProtocolException;
import software.sava.core.accounts.PublicKey;

/// A prompt that only the holder of a sealing key can read.
///
/// @param sealingKey    the key it is sealed to
/// @param encapsulation HPKE's encapsulated key, 32 bytes
/// @param ciphertext    at least 16 bytes
public record SealedPrompt(PublicKey sealingKey, byte[] encapsulation, byte[] ciphertext) {
    /// Copies the bytes.
    ///
    /// @throws ProtocolException `sealed_prompt_malformed` for another length
    public SealedPrompt {
        if (encapsulation.length != Hpke.KEY_LENGTH || ciphertext.length < Hpke.TAG_LENGTH) {
            throw new ProtocolException("sealed_prompt_malformed", "a sealed prompt has an encapsulated key of 32 bytes and a ciphertext of at least 16");
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

    /// Bytes of the prompt, its padding included: what a carrier knows of its size.
    public int plaintextLength() {
        return ciphertext.length - Hpke.TAG_LENGTH;
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
