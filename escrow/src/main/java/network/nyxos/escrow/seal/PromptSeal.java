package network.nyxos.escrow.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import network.nyxos.escrow.ProtocolException;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import software.sava.core.accounts.PublicKey;

/// Seals and opens prompts (protocol §12): HPKE base mode of the key's {@link SealingSuite} with `info = "nyxos:prompt:v1" ‖ the key's id`, the {@link PromptTerms} as associated data,
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
    /// @param key     the node's public sealing key, whose id is in evidence that the asker has verified
    /// @param request what is asked, as JSON
    /// @throws ProtocolException `sealing_key_malformed` when it is no key of its suite that can be sealed to
    public static Sealed seal(SealingPublicKey key, PromptTerms terms, byte[] request) {
        PublicKey id = key.id();
        try {
            HPKE hpke = key.suite().hpke();
            HPKEContextWithEncapsulation context = hpke.setupBaseS(hpke.deserializePublicKey(key.bytes()), info(id));
            var prompt = new SealedPrompt(id, context.getEncapsulation(), context.seal(terms.encode(), padded(request)));
            return new Sealed(prompt, secret(context, prompt));
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("sealing has no input that it refuses", e);
        } catch (RuntimeException e) {
            // A point of small order: the shared secret would be zero for everybody (RFC 9180 §7.1.4). Or no polynomials of ML-KEM (FIPS 203 §7.2).
            throw new ProtocolException("sealing_key_malformed", "nothing can be sealed to " + key.suite().wireName() + " key " + id, e);
        }
    }

    /// Opens a prompt.
    ///
    /// @param terms those on which the node is asked to work
    /// @throws ProtocolException `sealed_to_another_key`, `sealed_prompt_malformed` when it was sealed by another suite, or `seal_broken` when it was altered or is not
    ///                           for these terms
    public static Opened open(SealingKey key, PromptTerms terms, SealedPrompt prompt) {
        if (!prompt.sealingKey().equals(key.id())) {
            throw new ProtocolException("sealed_to_another_key", "the prompt is sealed to " + prompt.sealingKey() + ", this node has " + key.id());
        }
        SealingSuite suite = key.publicKey().suite();
        prompt.requireSuite(suite);
        HPKEContext context;
        byte[] plaintext;
        try {
            context = suite.hpke().setupBaseR(prompt.encapsulation(), key.pair(), info(key.id()));
            plaintext = context.open(terms.encode(), prompt.ciphertext());
        } catch (InvalidCipherTextException | RuntimeException e) {
            throw new ProtocolException("seal_broken", "the sealed prompt was altered, or is for another node, model, length or sampler", e);
        }
        return new Opened(plaintext, secret(context, prompt));
    }

    private static ReplySecret secret(HPKEContext context, SealedPrompt prompt) {
        return new ReplySecret(context.export(REPLY, SECRET_LENGTH), prompt.encapsulation());
    }

    private static byte[] info(PublicKey id) {
        return ByteBuffer.allocate(INFO.length + PublicKey.PUBLIC_KEY_LENGTH).put(INFO).put(id.toByteArray()).array();
    }

    private static byte[] padded(byte[] json) {
        byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, PADDING) * PADDING);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }
}
