package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import network.nyxos.cli.CheaterGround.Payer;
import network.nyxos.cli.up.Cheat;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.RunningStack;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Engine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.TinyModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.sava.core.accounts.PublicKey;

/** Nodes that cheat where the registry has no disputes: what the verifiers' quorum takes from them, what payers have back, and that nobody else is touched. */
class CheatersOnAStackTest {

    @TempDir
    private static Path work;

    private static CheaterGround ground;
    private static RunningStack stack;

    @BeforeAll
    static void start() {
        ground = new CheaterGround(work, 0);
        stack = ground.stack;
    }

    @AfterAll
    static void stop() {
        if (ground != null) {
            ground.close();
        }
    }

    private static void caught(String name, UnaryOperator<Engine> engine) {
        shown(ground.caught(name, engine, job -> { }));
    }

    /** What the indexer shows of it. */
    private static void shown(String job) {
        String evidence = ground.dispute(job).path("evidence").asText();
        await().atMost(CheaterGround.PATIENCE).untilAsserted(() -> assertThat(ground.events("NodeSlashed")).anyMatch(event -> event.toString().contains(evidence)
                && event.toString().contains(Long.toString(CheaterGround.BOND)) && event.toString().contains(Long.toString(CheaterGround.BOND / 2))));
    }

    @Test
    void another_models_output_under_the_claimed_id() {
        try (Model other = Model.load(TinyModel.write(work, 43), Model.Options.named("other"))) {
            caught("swapped", Cheat.otherModel(new DeterministicEngine(other)));
        }
    }

    @Test
    void one_token_changed() {
        caught("flipped", Cheat.flipsOneToken());
    }

    @Test
    void a_reply_cut_short_and_called_complete() {
        caught("truncated", Cheat.truncates());
    }

    @Test
    void the_right_tokens_by_another_computation() {
        caught("copied", Cheat.othersWork());
    }

    @Test
    void another_question_answered_rightly() {
        caught("another", Cheat.answersAnother());
    }

    @Test
    void a_replay_that_lies_costs_the_liar_and_not_the_accused() throws IOException {
        stack.stop("confidential");
        Payer payer = ground.new Payer();
        long rewards = stack.earned("verified", Mint.NYXOS);
        String job = payer.asks();
        PublicKey liar = stack.join("lying", Cheat.liesAboutOthers());
        ground.becomes(job, "disputed", "replayer_slashed");
        await().atMost(CheaterGround.PATIENCE).until(() -> payer.has() == Payer.MONEY);
        assertThat(ground.account(liar).state()).isEqualTo(CheaterGround.SLASHED);
        assertThat(ground.account(liar).bond()).isZero();
        assertThat(ground.account(stack.node("verified")).bond()).isEqualTo(CheaterGround.BOND);
        assertThat(stack.earned("verified", Mint.NYXOS) - rewards).as("half to the accused").isEqualTo(CheaterGround.BOND / 2);
        ground.checked(job, liar);
        shown(job);
        stack.stop("lying");
        stack.start("confidential");
    }

    @Test
    void papers_that_were_changed_and_honest_jobs_convict_nobody() throws IOException {
        Payer payer = ground.new Payer();
        String job = payer.asks();
        await().atMost(CheaterGround.PATIENCE).until(() -> List.of("final", "claimed").contains(ground.job(job).path("state").asText()));
        assertThat(payer.has()).isLessThan(Payer.MONEY);
        Path nonsense = Files.writeString(work.resolve("nonsense.json"), "{\"evidence\":\"" + "00".repeat(32) + "\"}");
        Ran read = Ran.on(stack, "verify", "--dispute", nonsense.toString(), "--weights", ground.model.toString());
        assertThat(read.code()).isEqualTo(1);
        assertThat(read.err()).contains("[json_field]");
        Ran unknown = Ran.on(stack, "verify", "--dispute", "00".repeat(32), "--weights", ground.model.toString());
        assertThat(unknown.err()).contains("[dispute_unknown]");
        assertThat(Arrays.asList(read.code(), unknown.code())).containsOnly(1);
    }
}
