package network.nyxos.gateway.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Collectors;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.job.Tier;
import network.nyxos.escrow.seal.PromptSeal;
import network.nyxos.escrow.seal.PromptTerms;
import network.nyxos.escrow.seal.ReplySealer;
import network.nyxos.escrow.seal.SealedPrompt;
import network.nyxos.escrow.seal.SealingKey;
import network.nyxos.escrow.seal.SealingSuite;
import network.nyxos.escrow.wire.JobProof;
import network.nyxos.gateway.openai.ChatRequest;
import network.nyxos.gateway.openai.ChatRequestReader;
import network.nyxos.gateway.openai.Prompt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/// What a client sends for a sealed call, and how it reads what comes back.
class QuestionTest {
    private static final String SECRET = "attack at dawn";

    private final SealingKey key = SealingKey.generate(SealingSuite.X_WING);
    private final PublicKey node = Keypair.generate().publicKey();
    private final Hash model = Hash.sha256(new byte[] {1});
    private final List<String> shown = new ArrayList<>();

    private static ChatCall call(double temperature) {
        return new ChatCall("m", List.of(new ChatCall.Turn("system", "Be brief."), new ChatCall.Turn("user", SECRET)), 32, Tier.CONFIDENTIAL, OptionalDouble.of(temperature),
            OptionalLong.empty());
    }

    private Question ask(ChatCall call) {
        var verdict = new Verdict("test", Instant.EPOCH, Bytes.EMPTY, true, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(), List.of());
        return Question.sealed(call, true, new TrustedNode(node, node, key.publicKey(), model, false, verdict, new JobProof.Shown("test", model, new byte[0], "{}"), 0));
    }

    private static SealedPrompt carried(Question question) {
        ChatRequest read = new ChatRequestReader().read(question.body());
        return ((Prompt.Sealed) read.prompt()).prompt();
    }

    private PromptSeal.Opened opened(Question question) {
        return PromptSeal.open(key, new PromptTerms(node, model, 32, question.call().sampler()), carried(question));
    }

    private static String line(byte[] frame) {
        return Base64.getEncoder().encodeToString(frame) + "\n";
    }

    private static List<String> lines(ReplySealer sealer, String... pieces) {
        var lines = new ArrayList<>(List.of(line(sealer.head())));
        for (String piece : pieces) {
            lines.add(line(sealer.next(piece.getBytes(StandardCharsets.UTF_8))));
        }
        lines.add(line(sealer.last(new byte[0])));
        return lines;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.7, 1, 1.9999995, 2})
    void the_gateway_reads_the_sampler_that_the_prompt_is_sealed_for_and_not_the_prompt(double temperature) {
        Question question = ask(call(temperature));

        ChatRequest read = new ChatRequestReader().read(question.body());
        assertThat(read.sampler()).isEqualTo(question.call().sampler());
        assertThat(read.prompt().bound()).isEqualTo(question.promptBound());
        assertThat(new String(question.body(), StandardCharsets.UTF_8)).doesNotContain(SECRET, "Be brief");
        assertThat(new String(opened(question).request(), StandardCharsets.UTF_8)).contains(SECRET, "Be brief");
    }

    @Test
    void a_temperature_out_of_range_is_refused_before_anything_is_sealed() {
        assertThatThrownBy(() -> ask(call(-1))).isInstanceOfSatisfying(AgentException.class, e -> assertThat(e.code()).isEqualTo("sampler_range"));
    }

    @Test
    void a_reply_is_read_wherever_it_is_cut_into_parts() {
        var random = new Random(5);
        for (int run = 0; run < 50; run++) {
            Question question = ask(call(0));
            String all = String.join("", lines(opened(question).reply().sealer(), "Hé", "llo", " wörld"));
            shown.clear();
            Question.ReplyText reply = question.reply(shown::add);
            for (int at = 0, next; at < all.length(); at = next) {
                next = Math.min(all.length(), at + 1 + random.nextInt(100));
                reply.take(all.substring(at, next));
            }
            assertThat(reply.end()).isEqualTo("Héllo wörld");
            assertThat(shown).containsExactly("Hé", "llo", " wörld");
        }
    }

    @Test
    void a_prompt_sent_twice_gives_two_replies_that_are_read_each_by_itself() {
        Question question = ask(call(0));
        for (int i = 0; i < 2; i++) {
            Question.ReplyText reply = question.reply(shown::add);
            lines(opened(question).reply().sealer(), "again").forEach(reply::take);
            assertThat(reply.end()).isEqualTo("again");
        }
    }

    @Test
    void a_reply_that_was_cut_off_or_changed_is_not_taken_for_whole() {
        Question question = ask(call(0));
        List<String> lines = lines(opened(question).reply().sealer(), "one", "two");
        assertBroken(question, lines.subList(0, 3), "cut off");
        assertBroken(question, List.of(), "cut off");
        assertBroken(question, List.of(lines.get(0), lines.get(2), lines.get(1), lines.get(3)), "out of order");
        assertBroken(question, List.of(lines.get(0), lines.get(1), lines.get(3)), "missing");
        assertBroken(question, List.of("Hello, I am the gateway\n"), "not base64");
        String whole = lines.stream().collect(Collectors.joining());
        assertBroken(question, List.of(whole.substring(0, whole.length() - 1)), "cut off");
    }

    private void assertBroken(Question question, List<String> parts, String word) {
        Question.ReplyText reply = question.reply(shown::add);
        assertThatThrownBy(() -> {
            parts.forEach(reply::take);
            reply.end();
        }).isInstanceOfSatisfying(AgentException.class, e -> {
            assertThat(e.code()).isEqualTo("reply_seal_broken");
            assertThat(e).hasMessageContaining(word);
        });
    }
}
