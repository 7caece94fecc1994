package network.nyxos.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import network.nyxos.escrow.crypto.Hash;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static final Hash ONE = Hash.sha256(new byte[] {1});
    private static final Hash TWO = Hash.sha256(new byte[] {2});
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final Answers answers = new Answers(10, Duration.ofMinutes(10), now::get);

    private void whole(Hash job, int bytes) {
        Answers.Answer answer = answers.begin(job);
        answer.write(new byte[bytes]);
        answer.done("text/plain", "settlement");
        answer.close();
    }

    @Test
    void anAnswerIsThereWhenItIsWhole() {
        Answers.Answer answer = answers.begin(ONE);
        answer.write(new byte[] {1});

        assertThat(answers.has(ONE)).isTrue();
        assertThat(answers.await(ONE, Duration.ZERO)).isEmpty();
        answer.write(new byte[] {2});
        answer.done("text/plain", "settlement");
        answer.close();

        assertThat(answers.await(ONE, Duration.ZERO)).hasValueSatisfying(whole -> {
            assertThat(whole.body()).containsExactly(1, 2);
            assertThat(whole.settlement()).isEqualTo("settlement");
            assertThat(whole.contentType()).isEqualTo("text/plain");
        });
    }

    @Test
    void anAnswerThatFailedIsNotThere() {
        answers.begin(ONE).close();

        assertThat(answers.has(ONE)).isFalse();
        assertThat(answers.await(ONE, Duration.ofSeconds(1))).isEmpty();
    }

    @Test
    void theOldestGoWhenTheyAreTooMany() {
        whole(ONE, 6);
        whole(TWO, 5);

        assertThat(answers.has(ONE)).isFalse();
        assertThat(answers.has(TWO)).isTrue();
    }

    @Test
    void oneThatIsOnItsWayIsNotPushedOut() {
        Answers.Answer running = answers.begin(ONE);
        running.write(new byte[20]);
        whole(TWO, 11);

        assertThat(answers.has(ONE)).isTrue();
        assertThat(answers.has(TWO)).isFalse();
    }

    @Test
    void anAnswerGoesAfterItsTime() {
        whole(ONE, 1);
        now.set(Instant.EPOCH.plus(Duration.ofMinutes(10)));
        assertThat(answers.has(ONE)).isTrue();
        now.set(Instant.EPOCH.plus(Duration.ofMinutes(10)).plusMillis(1));

        assertThat(answers.has(ONE)).isFalse();
    }
}
