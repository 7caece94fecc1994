package network.nyxos.escrow.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Sampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.sava.core.accounts.PublicKey;

class PromptSealTest {
    private static final SealingKey NODE = SealingKey.generate();
    private static final PromptTerms TERMS = new PromptTerms(Keypair.generate().publicKey(), Hash.sha256(new byte[] {1}), 64, new Sampler(700_000, 950_000, 40));
    private static final byte[] REQUEST = utf8("{\"messages\":[{\"role\":\"user\",\"content\":\"What is the word? Geheimnis 🌊\"}]}");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(String code, Runnable action) {
        assertThatExceptionOfType(ProtocolException.class).isThrownBy(action::run).satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void the_node_reads_the_prompt_and_the_asker_reads_the_reply() {
        PromptSeal.Sealed sealed = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST);
        PromptSeal.Opened opened = PromptSeal.open(NODE, TERMS, sealed.prompt());
        assertThat(new String(opened.request(), StandardCharsets.UTF_8).stripTrailing().getBytes(StandardCharsets.UTF_8)).isEqualTo(REQUEST);

        ReplySealer sealer = opened.reply().sealer();
        ReplyOpener opener = sealed.reply().opener();
        assertThat(opener.open(sealer.head())).isEmpty();
        assertThat(opener.open(sealer.next(utf8("The word ")))).isEqualTo(utf8("The word "));
        assertThat(opener.open(sealer.next(utf8("is 🌊")))).isEqualTo(utf8("is 🌊"));
        assertThat(opener.isWhole()).isFalse();
        assertThat(opener.open(sealer.last(new byte[0]))).isEmpty();
        assertThat(opener.isWhole()).isTrue();
    }

    @Test
    void nothing_of_the_prompt_shows_but_its_length_in_steps() {
        PromptSeal.Sealed sealed = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST);
        assertThat(new String(sealed.prompt().ciphertext(), StandardCharsets.ISO_8859_1)).doesNotContain("Geheimnis", "word", "user");
        assertThat(sealed.prompt().plaintextLength()).isEqualTo(PromptSeal.PADDING);
        assertThat(PromptSeal.seal(NODE.publicKey(), TERMS, utf8("{}")).prompt().plaintextLength()).isEqualTo(PromptSeal.PADDING);
        assertThat(sealed + " " + sealed.reply() + NODE).doesNotContain("Geheimnis");
    }

    @Test
    void another_node_cannot_open_it() {
        SealedPrompt prompt = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST).prompt();
        SealingKey other = SealingKey.generate();
        refused("sealed_to_another_key", () -> PromptSeal.open(other, TERMS, prompt));
        refused("seal_broken", () -> PromptSeal.open(other, TERMS, new SealedPrompt(other.publicKey(), prompt.encapsulation(), prompt.ciphertext())));
    }

    private static Stream<UnaryOperator<PromptTerms>> otherTerms() {
        return Stream.of(
            terms -> new PromptTerms(NODE.publicKey(), terms.model(), terms.maxOutput(), terms.sampler()),
            terms -> new PromptTerms(terms.node(), Hash.ZERO, terms.maxOutput(), terms.sampler()),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput() + 1, terms.sampler()),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput(), new Sampler(0, 950_000, 40)),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput(), new Sampler(700_000, 1, 40)),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput(), new Sampler(700_000, 950_000, 41)));
    }

    @ParameterizedTest
    @MethodSource("otherTerms")
    void it_is_good_for_its_terms_only(UnaryOperator<PromptTerms> other) {
        SealedPrompt prompt = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST).prompt();
        refused("seal_broken", () -> PromptSeal.open(NODE, other.apply(TERMS), prompt));
    }

    @Test
    void every_altered_byte_is_noticed() {
        SealedPrompt prompt = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST).prompt();
        for (int i = 0; i < prompt.ciphertext().length; i++) {
            byte[] altered = prompt.ciphertext();
            altered[i] ^= 1;
            refused("seal_broken", () -> PromptSeal.open(NODE, TERMS, new SealedPrompt(prompt.sealingKey(), prompt.encapsulation(), altered)));
        }
        // The top bit of an X25519 key is ignored on its own (RFC 7748 §5), but the encapsulated key goes into the key derivation as it is.
        for (int i = 0; i < prompt.encapsulation().length; i++) {
            byte[] altered = prompt.encapsulation();
            altered[i] ^= (byte) 0x80;
            refused("seal_broken", () -> PromptSeal.open(NODE, TERMS, new SealedPrompt(prompt.sealingKey(), altered, prompt.ciphertext())));
        }
    }

    @Test
    void a_key_of_small_order_and_other_lengths_are_refused() {
        refused("sealing_key_malformed", () -> PromptSeal.seal(PublicKey.NONE, TERMS, REQUEST));
        refused("sealing_key_malformed", () -> SealingKey.of(new byte[31]));
        refused("sealed_prompt_malformed", () -> new SealedPrompt(NODE.publicKey(), new byte[31], new byte[16]));
        refused("sealed_prompt_malformed", () -> new SealedPrompt(NODE.publicKey(), new byte[32], new byte[15]));
        assertThat(SealingKey.of(NODE.secret()).publicKey()).isEqualTo(NODE.publicKey());
    }

    @Test
    void frames_missing_doubled_swapped_or_cut_off_are_noticed() {
        ReplySecret secret = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST).reply();
        ReplySealer sealer = secret.sealer();
        byte[] first = sealer.next(utf8("a"));
        byte[] second = sealer.next(utf8("b"));
        byte[] last = sealer.last(utf8("c"));
        assertThatIllegalStateException().isThrownBy(() -> sealer.next(utf8("d")));

        refused("reply_seal_broken", () -> secret.opener().open(first));
        refused("reply_seal_broken", () -> secret.opener().open(new byte[0]));
        refused("reply_seal_broken", () -> secret.opener().open(Arrays.copyOf(sealer.head(), 32)));
        ReplyOpener opener = secret.opener();
        opener.open(sealer.head());
        refused("reply_seal_broken", () -> opener.open(sealer.head()));
        refused("reply_seal_broken", () -> opener.open(second));
        opener.open(first);
        refused("reply_seal_broken", () -> opener.open(first));
        refused("reply_seal_broken", () -> opener.open(last));
        byte[] saidToBeLast = second.clone();
        saidToBeLast[0] = last[0];
        refused("reply_seal_broken", () -> opener.open(saidToBeLast));
        opener.open(second);
        assertThat(opener.isWhole()).isFalse();
        assertThat(opener.open(last)).isEqualTo(utf8("c"));
        refused("reply_seal_broken", () -> opener.open(last));
    }

    @Test
    void two_replies_to_one_prompt_have_nothing_in_common() {
        SealedPrompt prompt = PromptSeal.seal(NODE.publicKey(), TERMS, REQUEST).prompt();
        ReplySealer one = PromptSeal.open(NODE, TERMS, prompt).reply().sealer();
        ReplySealer two = PromptSeal.open(NODE, TERMS, prompt).reply().sealer();
        assertThat(one.head()).isNotEqualTo(two.head());
        assertThat(one.next(new byte[32])).isNotEqualTo(two.next(new byte[32]));
    }
}
