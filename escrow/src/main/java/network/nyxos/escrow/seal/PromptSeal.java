package network.nyxos.escrow.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import network.nyxos.escrow.ProtocolException;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import software.sava.core.accounts.PublicKey;

/// Seals and opens prompts (protocol §12): HPKE base mode with `info = "nyxos:prompt:v1" ‖ sealing key`, the {@link PromptTerms} as associated data,
/// and the request as JSON, padded with spaces to a multiple of {@value #PADDING} bytes, as plaintext.
public final class PromptSeal {
    /// A prompt's length shows in steps of this many bytes only.
    public static final int PADDING = 256;

    private static final byte[] INFO = "nyxos:prompt:v1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPLY = "nyxos:reply:v1".getBytes(StandardCharsets.US_ASCII);
    private static final int SECRET_LENGTH = 32;

    private PromptSeal() {
    }

    /// What the asker has after sealing.
    ///
    /// @param prompt goes to the node
    /// @param reply  stays with the asker: it opens the reply
    public record Sealed(SealedPrompt prompt, ReplySecret reply) {
    }

    /// What the node has after opening.
    ///
    /// @param request what is asked, JSON with spaces behind it
    /// @param reply   seals the reply
    public record Opened(byte[] request, ReplySecret reply) {
    }

    /// Seals a request to a node.
    ///
    /// @param sealingKey the node's public sealing key, from evidence that the asker has verified
    /// @param request    what is asked, as JSON
    /// @throws ProtocolException `sealing_key_malformed` when it is no X25519 key that can be sealed to
    public static Sealed seal(PublicKey sealingKey, PromptTerms terms, byte[] request) {
        try {
            HPKEContextWithEncapsulation context = Hpke.suite().setupBaseS(new X25519PublicKeyParameters(sealingKey.toByteArray()), info(sealingKey));
            var prompt = new SealedPrompt(sealingKey, context.getEncapsulation(), context.seal(terms.encode(), padded(request)));
            return new Sealed(prompt, secret(context, prompt));
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("sealing has no input that it refuses", e);
        } catch (RuntimeException e) {
            // A key of small order: the shared secret would be zero for everybody (RFC 9180 §7.1.4).
            throw new ProtocolException("sealing_key_malformed", "nothing can be sealed to " + sealingKey, e);
        }
    }

    /// Opens a prompt.
    ///
    /// @param terms those on which the node is asked to work
    /// @throws ProtocolException `sealed_to_another_key`, or `seal_broken` when the prompt was altered or is not for these terms
    public static Opened open(SealingKey key, PromptTerms terms, SealedPrompt prompt) {
        if (!prompt.sealingKey().equals(key.publicKey())) {
            throw new ProtocolException("sealed_to_another_key", "the prompt is sealed to " + prompt.sealingKey() + ", this node has " + key.publicKey());
        }
        HPKEContext context;
        byte[] plaintext;
        try {
            context = Hpke.suite().setupBaseR(prompt.encapsulation(), key.pair(), info(key.publicKey()));
            plaintext = context.open(terms.encode(), prompt.ciphertext());
        } catch (InvalidCipherTextException | RuntimeException e) {
            throw new ProtocolException("seal_broken", "the sealed prompt was altered, or is for another node, model, length or sampler", e);
        }
        return new Opened(plaintext, secret(context, prompt));
    }

    private static ReplySecret secret(HPKEContext context, SealedPrompt prompt) {
        return new ReplySecret(context.export(REPLY, SECRET_LENGTH), prompt.encapsulation());
    }

    private static byte[] info(PublicKey sealingKey) {
        return ByteBuffer.allocate(INFO.length + Hpke.KEY_LENGTH).put(INFO).put(sealingKey.toByteArray()).array();
    }

    private static byte[] padded(byte[] json) {
        byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, PADDING) * PADDING);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }
}
