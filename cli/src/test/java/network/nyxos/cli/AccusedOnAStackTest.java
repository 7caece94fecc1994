package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.up.Cheat;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Programs;
import network.nyxos.node.NodeKeys;
import network.nyxos.node.account.DirectWriter;
import network.nyxos.node.dispute.Accuser;
import network.nyxos.node.dispute.Defender;
import network.nyxos.node.engine.DeterministicEngine;
import network.nyxos.node.engine.Model;
import network.nyxos.node.engine.TinyModel;
import network.nyxos.node.job.RevealMemory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that cheat where the registry has disputes: the node that finds one out takes it to the program by itself, which takes its bond without any verifier's word. */
class AccusedOnAStackTest {

    /** Thirty seconds on this stack: enough for a slow machine's moves, short enough to wait for a silent node. */
    private static final long ANSWER_SLOTS = 300;

    @TempDir
    private static Path work;

    private static CheaterGround ground;

    @BeforeAll
    static void start() {
        ground = new CheaterGround(work, ANSWER_SLOTS);
    }

    @AfterAll
    static void stop() {
        if (ground != null) {
            ground.close();
        }
    }

    private static JsonNode part(String job, int index) {
        return ground.dispute(job).path("parts").path(index);
    }

    private static void disputed(String job) {
        await().atMost(CheaterGround.PATIENCE).untilAsserted(() -> assertThat(part(job, 0).path("code").asText()).as(ground.dispute(job).toPrettyString()).isEqualTo("awaits_program"));
    }

    /** The chain's events of a dispute's end, and the relayer's books after it. */
    private static void decided(String job, String cheat, int outcome) {
        String node = account(cheat);
        await().atMost(CheaterGround.PATIENCE).untilAsserted(() -> assertThat(ground.events("DisputeEnded").map(JsonNode::toString)).anyMatch(event -> event.contains(node)
                && event.contains("\"outcome\":" + outcome)));
        assertThat(ground.events("NodeSlashed").map(JsonNode::toString).filter(event -> event.contains(node))).as("one slash for one cheat").hasSize(1);
        assertThat(part(job, 0).path("reason").asText()).contains("by a dispute before the registry's program");
        await().atMost(CheaterGround.PATIENCE).untilAsserted(() -> assertThat(part(job, 1).path("code").asText()).isEqualTo("proved_right"));
    }

    private static String account(String cheat) {
        try (ChainSession chain = ground.stack.market()) {
            return Programs.LOCAL.node(chain.registry().config(), ground.stack.node(cheat)).toBase58();
        }
    }

    @Test
    void another_models_output_is_proved_false_though_its_node_answers_everything() {
        try (Model other = Model.load(TinyModel.write(work, 43), Model.Options.named("other"));
                Model claimed = Model.load(ground.model, Model.Options.named("claimed"))) {
            NodeKeys keys = NodeKeys.readOrCreate(ground.stack.keys().node("swapped"));
            // It defends itself as well as it can: by the model that it really ran.
            try (Defender defender = new Defender(ground.stack.rpc(), new DirectWriter(ground.stack.rpc(), Programs.LOCAL), Programs.LOCAL, keys.node(),
                    Map.of(Hash.fromHex(claimed.card().id()), other), new RevealMemory(1_000))) {
                defender.start(Duration.ofMillis(100));
                String job = ground.caught("swapped", Cheat.otherModel(new DeterministicEngine(other)), AccusedOnAStackTest::disputed);
                decided(job, "swapped", Accuser.PROVEN);
            }
        }
    }

    @Test
    void one_token_changed_and_nothing_to_answer_with_though_accuser_and_relayer_are_started_again() {
        Consumer<String> restarted = job -> {
            disputed(job);
            ground.stack.stop("verified");
            ground.stack.stopRelayer();
            ground.stack.startRelayer();
            ground.stack.start("verified");
        };
        decided(ground.caught("flipped", Cheat.flipsOneToken(), restarted), "flipped", Accuser.NODE_SILENT);
    }

    /** What the program cannot decide: each token is right, and that there are no more of them is what is wrong. */
    @Test
    void a_reply_cut_short_is_judged_by_the_verifiers() {
        String job = ground.caught("truncated", Cheat.truncates(), _ -> { });
        String node = account("truncated");
        assertThat(ground.events("DisputeOpened").map(JsonNode::toString)).noneMatch(event -> event.contains(node));
        assertThat(part(job, 0).path("reason").asText()).contains("evidence " + ground.dispute(job).path("evidence").asText());
    }
}
