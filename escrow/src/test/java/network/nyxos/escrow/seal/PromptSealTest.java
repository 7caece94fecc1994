package network.nyxos.escrow.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Sampler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PromptSealTest {
    private static final SealingKey HYBRID = SealingKey.generate(SealingSuite.X_WING);
    private static final SealingKey PLAIN = SealingKey.generate(SealingSuite.X25519);
    private static final PromptTerms TERMS = new PromptTerms(Keypair.generate().publicKey(), Hash.sha256(new byte[] {1}), 64, new Sampler(700_000, 950_000, 40));
    private static final byte[] REQUEST = utf8("{\"messages\":[{\"role\":\"user\",\"content\":\"What is the word? Geheimnis 🌊\"}]}");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(String code, Runnable action) {
        assertThatExceptionOfType(ProtocolException.class).isThrownBy(action::run).satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    private static SealingKey keyOf(SealingSuite suite) {
        return suite == SealingSuite.X_WING ? HYBRID : PLAIN;
    }

    @ParameterizedTest
    @EnumSource
    void the_node_reads_the_prompt_and_the_asker_reads_the_reply(SealingSuite suite) {
        SealingKey node = keyOf(suite);
        PromptSeal.Sealed sealed = PromptSeal.seal(node.publicKey(), TERMS, REQUEST);
        assertThat(sealed.prompt().encapsulation()).hasSize(suite.encapsulationLength());
        PromptSeal.Opened opened = PromptSeal.open(node, TERMS, sealed.prompt());
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
        PromptSeal.Sealed sealed = PromptSeal.seal(HYBRID.publicKey(), TERMS, REQUEST);
        assertThat(new String(sealed.prompt().ciphertext(), StandardCharsets.ISO_8859_1)).doesNotContain("Geheimnis", "word", "user");
        assertThat(sealed.prompt().plaintextLength()).isEqualTo(PromptSeal.PADDING);
        assertThat(PromptSeal.seal(HYBRID.publicKey(), TERMS, utf8("{}")).prompt().plaintextLength()).isEqualTo(PromptSeal.PADDING);
        assertThat(sealed + " " + sealed.reply() + HYBRID).doesNotContain("Geheimnis");
    }

    @ParameterizedTest
    @EnumSource
    void another_node_cannot_open_it(SealingSuite suite) {
        SealedPrompt prompt = PromptSeal.seal(keyOf(suite).publicKey(), TERMS, REQUEST).prompt();
        SealingKey other = SealingKey.generate(suite);
        refused("sealed_to_another_key", () -> PromptSeal.open(other, TERMS, prompt));
        refused("seal_broken", () -> PromptSeal.open(other, TERMS, new SealedPrompt(other.id(), prompt.encapsulation(), prompt.ciphertext())));
    }

    private static Stream<UnaryOperator<PromptTerms>> otherTerms() {
        return Stream.of(
            terms -> new PromptTerms(PLAIN.id(), terms.model(), terms.maxOutput(), terms.sampler()),
            terms -> new PromptTerms(terms.node(), Hash.ZERO, terms.maxOutput(), terms.sampler()),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput() + 1, terms.sampler()),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput(), new Sampler(0, 950_000, 40)),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput(), new Sampler(700_000, 1, 40)),
            terms -> new PromptTerms(terms.node(), terms.model(), terms.maxOutput(), new Sampler(700_000, 950_000, 41)));
    }

    @ParameterizedTest
    @MethodSource("otherTerms")
    void it_is_good_for_its_terms_only(UnaryOperator<PromptTerms> other) {
        SealedPrompt prompt = PromptSeal.seal(HYBRID.publicKey(), TERMS, REQUEST).prompt();
        refused("seal_broken", () -> PromptSeal.open(HYBRID, other.apply(TERMS), prompt));
    }

    @ParameterizedTest
    @EnumSource
    void every_altered_byte_is_noticed(SealingSuite suite) {
        SealingKey node = keyOf(suite);
        SealedPrompt prompt = PromptSeal.seal(node.publicKey(), TERMS, REQUEST).prompt();
        for (int i = 0; i < prompt.ciphertext().length; i++) {
            byte[] altered = prompt.ciphertext();
            altered[i] ^= 1;
            refused("seal_broken", () -> PromptSeal.open(node, TERMS, new SealedPrompt(prompt.sealingKey(), prompt.encapsulation(), altered)));
        }
        // The top bit of an X25519 key is ignored on its own (RFC 7748 §5), but the encapsulated key goes into the key derivation as it is.
        for (int i = 0; i < prompt.encapsulation().length; i++) {
            byte[] altered = prompt.encapsulation();
            altered[i] ^= (byte) 0x80;
            refused("seal_broken", () -> PromptSeal.open(node, TERMS, new SealedPrompt(prompt.sealingKey(), altered, prompt.ciphertext())));
        }
    }

    @Test
    void keys_that_nothing_can_be_sealed_to_and_other_lengths_are_refused() {
        refused("sealing_key_malformed", () -> PromptSeal.seal(new SealingPublicKey(SealingSuite.X25519, new byte[32]), TERMS, REQUEST));
        byte[] smallOrder = HYBRID.publicKey().bytes();
        Arrays.fill(smallOrder, smallOrder.length - 32, smallOrder.length, (byte) 0);
        refused("sealing_key_malformed", () -> PromptSeal.seal(new SealingPublicKey(SealingSuite.X_WING, smallOrder), TERMS, REQUEST));
        byte[] noPolynomials = HYBRID.publicKey().bytes();
        Arrays.fill(noPolynomials, 0, 1152, (byte) 0xff);
        refused("sealing_key_malformed", () -> PromptSeal.seal(new SealingPublicKey(SealingSuite.X_WING, noPolynomials), TERMS, REQUEST));
        for (SealingSuite suite : SealingSuite.values()) {
            refused("sealing_key_malformed", () -> SealingKey.of(suite, new byte[31]));
            refused("sealing_key_malformed", () -> new SealingPublicKey(suite, new byte[suite.publicKeyLength() - 1]));
            refused("sealed_prompt_malformed", () -> new SealedPrompt(keyOf(suite).id(), new byte[suite.encapsulationLength() - 1], new byte[16]));
            refused("sealed_prompt_malformed", () -> new SealedPrompt(keyOf(suite).id(), new byte[suite.encapsulationLength()], new byte[15]));
            assertThat(SealingKey.of(suite, keyOf(suite).secret()).publicKey()).isEqualTo(keyOf(suite).publicKey());
        }
        refused("sealing_suite_unknown", () -> SealingPublicKey.of("kyber", new byte[32]));
    }

    @Test
    void an_id_is_of_one_suite_and_key_and_is_never_a_key() {
        // Whoever shows the id of a hybrid key as a plain key, or the plain part of a hybrid key as a key of its own, shows a key with another id.
        SealingPublicKey hybrid = HYBRID.publicKey();
        var disguised = new SealingPublicKey(SealingSuite.X25519, HYBRID.id().toByteArray());
        var part = new SealingPublicKey(SealingSuite.X25519, Arrays.copyOfRange(hybrid.bytes(), 1184, 1216));
        assertThat(Set.of(hybrid.id(), disguised.id(), part.id(), PLAIN.id())).hasSize(4);
        assertThat(PLAIN.id().toByteArray()).as("plain keys have an id, too").isNotEqualTo(PLAIN.publicKey().bytes());
        // docs/protocol.md §12.
        byte[] plain = new byte[32];
        plain[0] = 9;
        assertThat(new SealingPublicKey(SealingSuite.X25519, plain).id().toByteArray())
            .isEqualTo(Hash.sha256("nyxos:sealing-key:v1".getBytes(StandardCharsets.US_ASCII), new byte[] {0, 0x20, 0, 1, 0, 3}, plain).bytes());
        byte[] numbers = {0x64, 0x7a, 0, 1, 0, 3};
        assertThat(hybrid.id().toByteArray()).isEqualTo(Hash.sha256("nyxos:sealing-key:v1".getBytes(StandardCharsets.US_ASCII), numbers, hybrid.bytes()).bytes());
    }

    @Test
    void a_prompt_of_another_suite_is_told_from_a_broken_one() {
        SealedPrompt plain = PromptSeal.seal(PLAIN.publicKey(), TERMS, REQUEST).prompt();
        refused("sealed_prompt_malformed", () -> PromptSeal.open(HYBRID, TERMS, new SealedPrompt(HYBRID.id(), plain.encapsulation(), plain.ciphertext())));
        SealedPrompt hybrid = PromptSeal.seal(HYBRID.publicKey(), TERMS, REQUEST).prompt();
        refused("sealed_prompt_malformed", () -> PromptSeal.open(PLAIN, TERMS, new SealedPrompt(PLAIN.id(), hybrid.encapsulation(), hybrid.ciphertext())));
    }

    @Test
    void frames_missing_doubled_swapped_or_cut_off_are_noticed() {
        ReplySecret secret = PromptSeal.seal(HYBRID.publicKey(), TERMS, REQUEST).reply();
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
        SealedPrompt prompt = PromptSeal.seal(HYBRID.publicKey(), TERMS, REQUEST).prompt();
        ReplySealer one = PromptSeal.open(HYBRID, TERMS, prompt).reply().sealer();
        ReplySealer two = PromptSeal.open(HYBRID, TERMS, prompt).reply().sealer();
        assertThat(one.head()).isNotEqualTo(two.head());
        assertThat(one.next(new byte[32])).isNotEqualTo(two.next(new byte[32]));
    }
}
