package network.nyxos.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// The page as a browser draws it. Without a browser on this machine only what is served is checked.
class PageTest {
    private static final Path SHOTS = Path.of("target", "screenshots");
    private static Stage stage;

    @BeforeAll
    static void start() {
        stage = new Stage();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    private static void seen(Browser browser, String... texts) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(browser.text()).contains(texts));
    }

    private static Browser browser(Path home) throws Exception {
        assumeTrue(Browser.installed().isPresent(), "no Chromium on this machine, so the page is not drawn (apt-get install chromium)");
        return new Browser(home);
    }

    @Test
    void every_file_is_served_under_a_strict_policy_and_names_no_other_host() {
        for (String path : List.of("/", "/web/style.css", "/web/mark.svg", "/web/app.js", "/web/api.js", "/web/dom.js", "/web/format.js", "/web/views.js")) {
            var response = stage.response(path);
            assertThat(response.statusCode()).as(path).isEqualTo(200);
            assertThat(response.headers().firstValue("content-security-policy").orElseThrow()).contains("default-src 'none'").doesNotContain("unsafe");
            assertThat(response.headers().firstValue("x-content-type-options")).contains("nosniff");
            assertThat(response.body().replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://").doesNotContain("https://").doesNotContain("innerHTML");
        }
    }

    @Test
    void the_overview_shows_everything_and_follows_the_chain(@TempDir(cleanup = CleanupMode.ALWAYS) Path home) throws Exception {
        try (Browser browser = browser(home)) {
            browser.look(1280, 1900, false);
            browser.open(stage.indexer.url() + "/");
            seen(browser, "Development network", "agrees", "USDC", "Claimed by payees", "checked against the chain", "reported by the relayer, not yet on chain",
                "confidential", "slashed", "0.0006", "live");
            assertThat(browser.text()).doesNotContain("alert(1)");
            browser.screenshot(SHOTS.resolve("overview.png"));
            browser.look(390, 3300, true);
            assertThat(browser.overflow()).as("nothing is wider than a phone").isLessThanOrEqualTo(0);
            browser.screenshot(SHOTS.resolve("phone-dark.png"));

            String before = stage.get("/v1/pools").path("items").get(0).path("deposited").textValue();
            World.Session session = stage.world.open(123_456_789);
            // The reader does nothing: the new deposit appears by itself.
            seen(browser, new BigDecimal(before).add(BigDecimal.valueOf(123_456_789)).movePointLeft(6).toPlainString());
            stage.world.exit(session);
            assertThat(browser.complaints).isEmpty();
        }
    }

    @Test
    void validators_disputes_models_and_rules_have_views_of_their_own(@TempDir(cleanup = CleanupMode.ALWAYS) Path home) throws Exception {
        try (Browser browser = browser(home)) {
            browser.look(1280, 700, false);
            browser.open(stage.indexer.url() + "/#/validators");
            seen(browser, "Bond back from slot", "active", "slashed", "closed");
            browser.screenshot(SHOTS.resolve("validators.png"));
            browser.open(stage.indexer.url() + "/#/disputes");
            seen(browser, "Move due before slot", "open", "Accuser");
            browser.screenshot(SHOTS.resolve("disputes.png"));
            stage.world.raiseRoyalty(950);
            browser.open(stage.indexer.url() + "/#/models");
            seen(browser, "retired", "8\u00a0%", "9.50\u00a0% from slot");
            browser.screenshot(SHOTS.resolve("models.png"));
            browser.look(1280, 1100, true);
            browser.open(stage.indexer.url() + "/#/rules");
            seen(browser, "Proposed verifiers", "3 of 3", "slots", "Bond of a validator", "slots for each move", "Market");
            browser.screenshot(SHOTS.resolve("rules-dark.png"));
            browser.look(390, 1800, true);
            for (String view : List.of("validators", "disputes", "models", "rules")) {
                browser.open(stage.indexer.url() + "/#/" + view);
                seen(browser, view.equals("rules") ? "Unbonding" : "State");
                assertThat(browser.overflow()).as(view + " on a phone").isLessThanOrEqualTo(0);
            }
            assertThat(browser.complaints).isEmpty();
        }
    }

    @Test
    void a_batch_a_job_and_a_node_have_views_of_their_own(@TempDir(cleanup = CleanupMode.ALWAYS) Path home) throws Exception {
        try (Browser browser = browser(home)) {
            browser.look(1280, 1300, true);
            browser.open(stage.indexer.url() + "/#/batches/" + stage.world.mint + "/2");
            seen(browser, "batch #2", "Receipts root", "refund");
            browser.screenshot(SHOTS.resolve("batch-dark.png"));
            String job = stage.walk("/v1/jobs").get(1).get("job").textValue();
            browser.open(stage.indexer.url() + "/#/jobs/" + job);
            seen(browser, job, "Prompt commitment");
            String node = stage.walk("/v1/nodes").getFirst().get("nodeKey").textValue();
            browser.open(stage.indexer.url() + "/#/nodes/" + node);
            seen(browser, node, "Earnings");
            browser.look(1280, 1100, false);
            browser.screenshot(SHOTS.resolve("node.png"));
            JsonNode slash = stage.walk("/v1/events?type=NodeSlashed").getFirst();
            browser.open(stage.indexer.url() + "/#/nodes/" + stage.walk("/v1/nodes?state=slashed").getFirst().get("nodeKey").textValue());
            seen(browser, "Burned", slash.path("data").path("evidenceHash").textValue());
            browser.open(stage.indexer.url() + "/#/nodes/" + stage.world.mint);
            seen(browser, "No node is registered", "not_found");
        }
    }
}
