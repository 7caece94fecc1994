package network.nyxos.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.standing.BatchWork;
import network.nyxos.escrow.standing.Enrolment;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.escrow.standing.Standing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the mirror shows of a chain on which everything has happened once. Nothing here changes the chain.
class MirrorTest {
    private static Stage stage;

    @BeforeAll
    static void start() {
        stage = new Stage();
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @Test
    void what_events_made_is_what_the_accounts_say() {
        var report = stage.indexer.reconciler().check();
        assertThat(report.agrees()).as(report.toString()).isTrue();
        // 1 config, 1 proposal that waits, 2 models, 4 nodes, 2 validators of 3, 1 market, 1 pool, 1 open escrow of 4, 3 batches of 4, 2 claims, 1 locked job of 2, 1 payment of 2,
        // 1 poster of 2, 1 leaf of 2, 2 direct settlements of 3, 1 dispute of 2; its evidence is nobody's business
        assertThat(report.accounts()).isEqualTo(25);
        assertThat(report.moving()).isZero();
        assertThat(stage.get("/v1/status").path("indexed").path("decodeFailures").longValue()).isZero();
    }

    @Test
    void every_event_of_both_programs_is_there_and_failed_transactions_are_not() {
        Set<String> types = new HashSet<>(stage.walk("/v1/events?limit=7").stream().map(event -> event.get("type").textValue()).toList());
        assertThat(types).containsExactlyInAnyOrder("ConfigInitialized", "NodeRegistered", "BondAdded", "NodeUpdated", "UnbondRequested", "BondWithdrawn",
            "AttestationRecorded", "NodeSlashed", "PausedSet", "AuthorityProposed", "AuthorityAccepted", "VerifiersProposed", "VerifiersCancelled",
            "VerifiersApplied", "AttestationRevoked", "NodeClosed", "ModelRegistered", "ModelUpdated", "ModelRetired",
            "ValidatorRegistered", "ValidatorBondAdded", "ValidatorUpdated", "ValidatorUnbondRequested", "ValidatorBondWithdrawn", "ValidatorSlashed",
            "ValidatorClosed", "DisputeOpened", "DisputeMoved", "DisputeEnded",
            "MarketInitialized", "PoolInitialized", "EscrowOpened", "Deposited", "VouchersSettled", "ExitRequested",
            "EscrowExited", "InflowSynced", "SettledCollected", "MarketUpdated", "TermsProposed",
            "TermsApplied", "TermsCancelled", "OperatorRefreshed", "JobOpened", "JobReleased", "JobClosed",
            "PaymentReceived", "PaymentClosed", "BatchClosed", "DirectSettled", "DirectVoided", "DirectPaid", "DirectReturned", "DirectClosed", "PrepaidOpened", "TransfersCounted",
            "TransfersReturned", "BatchPosted", "BatchFinalized", "BatchVoided", "Claimed",
            "BatchChallenged", "PosterBonded", "PosterUnbondRequested", "PosterBondWithdrawn", "LeafProven", "LeafClosed");
        assertThat(stage.walk("/v1/events?type=ExitRequested")).as("one of the second payer, whose second attempt failed on chain").hasSize(3);
        assertThat(stage.walk("/v1/events?type=BatchFinalized")).as("the first attempt failed on chain").hasSize(1);
    }

    @Test
    void pages_hold_every_row_once_in_one_order() {
        List<JsonNode> whole = stage.walk("/v1/events?limit=100");
        for (int limit : List.of(1, 3, 99)) {
            assertThat(stage.walk("/v1/events?limit=" + limit)).isEqualTo(whole);
        }
        assertThat(whole.stream().map(event -> event.get("id").longValue()).distinct()).hasSize(whole.size());
        assertThat(stage.get("/v1/events?limit=1").path("items")).hasSize(1);
    }

    @Test
    void the_ledger_of_a_pool_balances_to_the_unit() {
        JsonNode pool = stage.get("/v1/pools").path("items").get(0);
        assertThat(pool.get("symbol").textValue()).isEqualTo("USDC");
        // Deposits 1000 + 500 + 300; settled and collected 700 + 100; the second payer left with 400. Transferred to a prepaid escrow and left with: 400. Inflow: settled 800, exact 200 + 50 + 40,
        // under references 15 + 10. Jobs: 1000 + 500 locked, 800 paid out, 200 given back. Direct: of 900 deposited 60 paid, 80 given back after the payer left with 760.
        assertThat(pool.get("deposited").textValue()).isEqualTo("4600");
        assertThat(pool.get("settled").textValue()).isEqualTo("800");
        assertThat(pool.get("exited").textValue()).isEqualTo("1840");
        assertThat(pool.get("direct").textValue()).isEqualTo("860");
        assertThat(pool.get("held").textValue()).isEqualTo("1100").isEqualTo(Long.toString(stage.world.chain.tokenBalance(stage.world.pool.depositVault())));
        assertThat(pool.get("uncollected").textValue()).isEqualTo("0");
        JsonNode first = stage.walk("/v1/escrows?state=open").getFirst();
        assertThat(first.get("settled").textValue()).as("50 of them settled last, and not collected").isEqualTo("750");
        assertThat(first.get("collected").textValue()).isEqualTo("700");
        assertThat(pool.get("inflow").textValue()).isEqualTo("1115");
        assertThat(pool.get("credited").textValue()).isEqualTo("850");
        assertThat(pool.get("claimed").textValue()).isEqualTo("638");
        assertThat(Long.parseLong(pool.get("inflow").textValue()) - Long.parseLong(pool.get("claimed").textValue()))
            .isEqualTo(stage.world.chain.tokenBalance(stage.world.pool.vault()));
    }

    @Test
    void a_prepaid_escrow_is_shown_as_one_with_what_was_counted_and_given_back() {
        List<JsonNode> left = stage.walk("/v1/escrows?state=exited");
        assertThat(left).filteredOn(escrow -> escrow.get("prepaid").booleanValue()).singleElement().satisfies(escrow -> {
            assertThat(escrow.get("deposited").textValue()).isEqualTo("400");
            assertThat(escrow.get("returned").textValue()).as("without the 60 that were never a deposit").isEqualTo("400");
            JsonNode returned = stage.walk("/v1/events?type=TransfersReturned&account=" + escrow.get("escrow").textValue()).getFirst().get("data");
            assertThat(returned.get("amount").textValue()).isEqualTo("60");
        });
        assertThat(left).filteredOn(escrow -> !escrow.get("prepaid").booleanValue()).hasSize(2);
    }

    @Test
    void disputes_are_shown_with_their_place_and_their_end_and_the_open_ones_at_their_node() {
        List<JsonNode> all = stage.walk("/v1/disputes");
        assertThat(all).extracting(one -> one.get("state").textValue()).containsExactly("open", "given_up");
        JsonNode open = all.getFirst();
        assertThat(open.get("phase").intValue()).as("the trace's root is asked for").isEqualTo(12);
        assertThat(open.get("stake").textValue()).isEqualTo(Long.toString(World.BOND));
        JsonNode ended = all.getLast();
        assertThat(List.of(ended.get("reward").textValue(), ended.get("burned").textValue(), ended.get("returned").textValue()))
            .containsExactly(Long.toString(World.BOND / 2), Long.toString(World.BOND - World.BOND / 2), "0");
        assertThat(stage.walk("/v1/disputes?state=open&node=" + open.get("node").textValue() + "&accuser=" + open.get("accuser").textValue())).containsExactly(open);
        JsonNode node = stage.get("/v1/nodes/" + open.get("node").textValue());
        assertThat(node.get("openDisputes").intValue()).isOne();
        assertThat(node.get("disputes")).containsExactly(open);
        assertThat(stage.walk("/v1/registries").getFirst().get("answerSlots").textValue()).isEqualTo(Long.toString(World.ANSWER));
    }

    @Test
    void a_nodes_standing_is_what_anybody_counts_from_its_jobs_and_batches() {
        Map<JsonNode, JsonNode> batches = stage.walk("/v1/batches").stream().collect(Collectors.toMap(batch -> batch.get("batch"), Function.identity()));
        var counted = new HashMap<String, Long>();
        for (JsonNode node : stage.walk("/v1/nodes")) {
            String key = node.get("nodeKey").textValue();
            JsonNode standing = stage.get("/v1/nodes/" + key + "/standing");
            long slot = Long.parseLong(standing.get("asOfSlot").textValue());
            var enrolment = new Enrolment(number(node, "registeredSlot"), node.get("state").textValue().equals("active"), node.get("openDisputes").intValue() > 0);
            List<BatchWork> work = stage.walk("/v1/jobs?tier=verified&node=" + key).stream().map(job -> batches.get(job.get("batch"))).filter(batch -> !batch.get("state").textValue().equals("void"))
                .map(batch -> new BatchWork(number(batch, "postedSlot"), number(batch, "finalSlot"), 1)).toList();
            Standing own = Standing.of(enrolment, work, slot);
            JsonNode pool = standing.get("pools").get(0);
            assertThat(standing.get("pools")).hasSize(1);
            assertThat(pool.get("symbol").textValue()).isEqualTo("USDC");
            assertThat(pool.get("jobs").get("verified").longValue()).isEqualTo(own.jobs());
            assertThat(pool.get("microJobs").textValue()).isEqualTo(Long.toString(own.microJobs()));
            assertThat(pool.get("samplePpm").intValue()).isEqualTo(SampleRule.DEFAULT.rate(own));
            assertThat(pool.get("unknownBatches").intValue()).isZero();
            assertThat(standing.get("accused").booleanValue()).isEqualTo(enrolment.accused());
            List<JsonNode> slashes = stage.walk("/v1/events?type=NodeSlashed&account=" + node.get("node").textValue());
            assertThat(standing.get("punishments")).extracting(one -> one.get("amount")).containsExactlyInAnyOrderElementsOf(slashes.stream().map(event -> event.get("data").get("amount")).toList());
            counted.put(key, own.jobs());
            if (enrolment.accused()) {
                assertThat(pool.get("samplePpm").intValue()).isEqualTo(SampleRule.ALL);
            }
        }
        assertThat(counted.values()).as("somebody has worked, somebody has not").contains(0L).anyMatch(jobs -> jobs > 0);
        assertThat(stage.response("/v1/nodes/" + stage.world.mint + "/standing").statusCode()).isEqualTo(404);
    }

    private static long number(JsonNode row, String field) {
        return Long.parseLong(row.get(field).textValue());
    }

    @Test
    void what_nodes_settled_by_themselves_is_shown_with_what_became_of_it() {
        List<JsonNode> settled = stage.walk("/v1/direct-settlements");
        assertThat(settled).extracting(one -> one.get("state").textValue()).containsExactly("returned", "returned", "paid");
        assertThat(settled).extracting(one -> one.get("charge").textValue()).containsExactly("80", "70", "60");
        assertThat(settled).extracting(one -> one.get("closed").booleanValue()).containsExactly(false, false, true);
        assertThat(settled.getFirst().get("voidReason").intValue()).isEqualTo(4);
        JsonNode paid = settled.getLast();
        assertThat(paid.get("fee").textValue()).as("of 3 %, rounded down").isEqualTo("1");
        assertThat(paid.get("voidReason").isNull()).isTrue();
        assertThat(stage.walk("/v1/direct-settlements?job=" + paid.get("job").textValue())).containsExactly(paid);
        assertThat(stage.walk("/v1/direct-settlements?state=open")).isEmpty();
        assertThat(stage.walk("/v1/direct-settlements?payer=" + paid.get("payer").textValue() + "&node=" + paid.get("node").textValue())).hasSize(3);
    }

    @Test
    void a_market_shows_its_terms_and_who_operates_its_escrows() {
        JsonNode market = stage.get("/v1/markets").path("items").get(0);
        assertThat(market.get("paused").booleanValue()).isFalse();
        assertThat(market.get("nominee").isNull()).isTrue();
        assertThat(market.get("authority").textValue()).isEqualTo(stage.world.admin.publicKey().toBase58());
        assertThat(market.get("feeBps").intValue()).isEqualTo(300);
        assertThat(market.get("verifiers")).hasSize(2);
        assertThat(market.get("gateways")).extracting(JsonNode::textValue).containsExactly(stage.world.gateway.publicKey().toBase58());
        assertThat(market.path("terms").path("state").textValue()).isEqualTo("applied");
        JsonNode escrow = stage.walk("/v1/escrows?state=open").getFirst();
        assertThat(escrow.get("operator").textValue()).as("refreshed while another operated").isNotEqualTo(market.get("operator").textValue());
    }

    @Test
    void locked_jobs_and_payments_are_found_by_whom_they_concern() {
        List<JsonNode> jobs = stage.walk("/v1/locked-jobs");
        assertThat(jobs).extracting(job -> job.get("state").textValue()).containsExactly("open", "closed");
        assertThat(jobs.getLast().get("released").textValue()).isEqualTo("800");
        assertThat(jobs.getLast().get("refunded").textValue()).isEqualTo("200");
        assertThat(stage.walk("/v1/locked-jobs?state=open&payer=" + jobs.getFirst().get("payer").textValue() + "&node=" + jobs.getFirst().get("node").textValue()))
            .hasSize(1);
        List<JsonNode> payments = stage.walk("/v1/payments");
        assertThat(payments).extracting(payment -> payment.get("amount").textValue()).containsExactly("10", "15");
        assertThat(stage.walk("/v1/payments?reference=" + payments.getLast().get("reference").textValue())).singleElement()
            .matches(payment -> payment.get("closed").booleanValue());
        assertThat(stage.response("/v1/payments?reference=AB").statusCode()).isEqualTo(400);
    }

    @Test
    void batches_show_their_jobs_and_credits_once_the_roots_are_the_chains() {
        JsonNode batch = stage.get("/v1/batches/" + stage.world.mint + "/2");
        assertThat(batch.get("state").textValue()).isEqualTo("final");
        assertThat(batch.path("content").path("state").textValue()).isEqualTo("verified");
        assertThat(batch.get("jobs")).hasSize(3);
        assertThat(batch.get("credits")).hasSize(4);
        assertThat(stage.get("/v1/batches/" + stage.world.mint + "/1").get("state").textValue()).isEqualTo("void");
        JsonNode challenged = stage.get("/v1/batches/" + stage.world.mint + "/3");
        assertThat(challenged.get("state").textValue()).isEqualTo("void");
        assertThat(challenged.get("fault").intValue()).isEqualTo(1);
        assertThat(challenged.get("challenger").textValue()).isNotEmpty();
        JsonNode claimed = null;
        for (JsonNode job : stage.walk("/v1/jobs")) {
            JsonNode one = stage.get("/v1/jobs/" + job.get("job").textValue());
            assertThat(one).isEqualTo(job);
            assertThat(one.get("state").textValue()).isEqualTo(switch (one.get("seq").textValue()) {
                case "1", "3" -> "void";
                case "2" -> one.get("tier").textValue().equals("open") ? "claimed" : "final";
                default -> "batched";
            });
            claimed = one.get("state").textValue().equals("claimed") ? one : claimed;
        }
        assertThat(claimed).isNotNull();
        assertThat(claimed.get("charge").textValue()).isEqualTo("600");
        assertThat(stage.walk("/v1/jobs?tier=confidential")).hasSize(1);
        assertThat(stage.walk("/v1/jobs?node=" + claimed.get("node").textValue())).hasSize(2);
    }

    @Test
    void nodes_show_state_tiers_earnings_and_name_a_development_attestation() {
        List<JsonNode> nodes = stage.walk("/v1/nodes?limit=1");
        assertThat(nodes).extracting(node -> node.get("state").textValue()).containsExactly("active", "active", "active", "slashed");
        JsonNode slashed = stage.walk("/v1/events?type=NodeSlashed&account=" + nodes.getLast().get("node").textValue()).getFirst().get("data");
        assertThat(slashed.get("amount").textValue()).isEqualTo(Long.toString(World.BOND - 10));
        assertThat(slashed.get("reward").textValue()).isEqualTo("10");
        assertThat(slashed.get("burned").textValue()).isEqualTo(Long.toString(World.BOND - 10 - 17));
        assertThat(slashed.get("evidenceHash").textValue()).isEqualTo(Hash.sha256(new byte[] {9}).hex());
        JsonNode open = stage.get("/v1/nodes/" + nodes.getFirst().get("nodeKey").textValue());
        assertThat(open.get("earnings").get(0).get("credited").textValue()).isEqualTo("588");
        assertThat(open.get("bond").textValue()).isEqualTo(Long.toString(World.BOND + 5));
        assertThat(nodes.get(1).get("attestation").isNull()).as("its operator ended it").isTrue();
        assertThat(nodes.get(2).get("attestation").isNull()).as("revoked").isTrue();
        assertThat(nodes.get(2).get("bond").textValue()).as("registered again after it had left").isEqualTo(Long.toString(World.BOND));
        assertThat(stage.get("/v1/status").get("attestation").textValue()).isEqualTo("development");
        assertThat(stage.get("/v1/status").at("/deployment/escrow/idl").textValue()).isEqualTo(network.nyxos.escrow.program.escrow.EscrowIdl.SHA256);
    }

    @Test
    void models_show_the_royalty_in_force_and_the_one_announced() {
        List<JsonNode> models = stage.walk("/v1/models?limit=1");
        assertThat(models).extracting(model -> model.get("state").textValue()).containsExactly("retired", "active");
        JsonNode model = stage.walk("/v1/models?state=active").getFirst();
        assertThat(model).isEqualTo(models.get(1));
        assertThat(model.get("royaltyBps").intValue()).isEqualTo(500);
        assertThat(model.get("pendingRoyaltyBps").intValue()).isEqualTo(800);
        assertThat(Long.parseLong(model.get("pendingSlot").textValue())).isEqualTo(Long.parseLong(model.get("registeredSlot").textValue()) + World.UNBONDING);
        assertThat(model.get("payee").textValue()).isEqualTo(stage.world.treasury.toBase58());
        assertThat(model.get("measurements")).isEmpty();
    }

    @Test
    void validators_show_their_bonds_and_what_became_of_them() {
        List<JsonNode> validators = stage.walk("/v1/validators?limit=1");
        assertThat(validators).extracting(validator -> validator.get("state").textValue()).containsExactly("active", "slashed", "closed");
        assertThat(validators).extracting(validator -> validator.get("bond").textValue())
            .containsExactly(Long.toString(World.BOND + 5), Long.toString(World.BOND / 2), "0");
        assertThat(validators.getFirst().get("payout").textValue()).isEqualTo(stage.world.treasury.toBase58());
        assertThat(validators.get(1).get("slashedTotal").textValue()).isEqualTo(Long.toString(World.BOND / 2));
        assertThat(stage.walk("/v1/validators?state=slashed")).containsExactly(validators.get(1));
    }

    @Test
    void a_registry_shows_its_rules_and_the_verifiers_that_are_proposed() {
        JsonNode registry = stage.get("/v1/registries").path("items").get(0);
        assertThat(List.of(registry.get("minBond").textValue(), registry.get("minValidatorBond").textValue(), registry.get("unbondingSlots").textValue()))
            .containsExactly(Long.toString(World.BOND), Long.toString(World.BOND), Long.toString(World.UNBONDING));
        assertThat(registry.get("validatorCount").textValue()).isEqualTo("3");
        assertThat(registry.at("/proposal/state").textValue()).isEqualTo("pending");
        assertThat(registry.at("/proposal/threshold").intValue()).isEqualTo(3);
        assertThat(registry.at("/proposal/verifiers")).hasSize(3);
        assertThat(registry.get("pendingAuthority").isNull()).isFalse();
    }

    @Test
    void balances_tell_a_wallet_what_it_earned_claimed_deposited_and_got_back() {
        JsonNode payout = stage.walk("/v1/nodes").getFirst().get("payout");
        JsonNode earned = stage.get("/v1/balances/" + payout.textValue()).get("earned").get(0);
        assertThat(earned.get("credited").textValue()).isEqualTo("588");
        assertThat(earned.get("pending").textValue()).as("of the batch in its window").isEqualTo("39");
        assertThat(earned.get("claimed").textValue()).isEqualTo("588");
        assertThat(earned.get("claimable").textValue()).isEqualTo("0");
        JsonNode refund = stage.walk("/v1/claims").stream().filter(claim -> claim.get("kind").textValue().equals("refund")).findFirst().orElseThrow();
        assertThat(stage.get("/v1/balances/" + refund.get("payee").textValue()).get("refunds").get(0).get("claimed").textValue()).isEqualTo("50");
        JsonNode escrow = stage.walk("/v1/escrows?state=exited").stream().filter(one -> !one.get("prepaid").booleanValue()).toList().getLast();
        JsonNode deposit = stage.get("/v1/balances/" + escrow.get("payer").textValue()).get("deposits").get(0);
        assertThat(deposit.get("deposited").textValue()).isEqualTo("500");
        assertThat(deposit.get("returned").textValue()).isEqualTo("400");
        assertThat(stage.walk("/v1/escrows?payer=" + escrow.get("payer").textValue())).hasSize(1);
    }

    @Test
    void what_the_relayer_reports_is_marked_as_its_word_and_passed_on_only_in_the_expected_form() {
        JsonNode job = stage.get("/v1/jobs?source=relayer").path("items").get(0);
        assertThat(job.get("source").textValue()).isEqualTo("relayer");
        assertThat(job.get("state").textValue()).isEqualTo("verifying");
        assertThat(job.has("reason")).as("a reason that is markup").isFalse();
    }

    @Test
    void a_wrong_question_gets_a_stable_code_and_what_to_do() {
        Map<String, String> wrong = Map.ofEntries(Map.entry("/v1/events?limit=0", "limit_invalid"), Map.entry("/v1/events?limit=101", "limit_invalid"),
            Map.entry("/v1/events?after=x", "cursor_invalid"), Map.entry("/v1/events?acount=x", "parameter_unknown"),
            Map.entry("/v1/escrows?payer=0OIl", "key_invalid"), Map.entry("/v1/nodes?state=dead", "parameter_invalid"),
            Map.entry("/v1/jobs/xyz", "job_id_invalid"), Map.entry("/v1/batches/" + stage.world.mint + "/one", "sequence_invalid"),
            Map.entry("/v1/batches/" + stage.world.mint + "/99999999999999999999", "not_found"), Map.entry("/v1/jobs/" + "0".repeat(64), "not_found"),
            Map.entry("/v1/nodes/" + stage.world.mint, "not_found"), Map.entry("/v2/all", "not_found"), Map.entry("/web/..%2Fapi", "not_found"));
        wrong.forEach((path, code) -> {
            HttpResponse<String> response = stage.response(path);
            assertThat(response.statusCode()).as(path).isBetween(400, 404);
            assertThat(response.body()).as(path).contains("\"code\":\"" + code + "\"").doesNotContain("Exception");
        });
    }

    @Test
    void the_description_names_every_path_and_every_path_answers_readers_of_any_origin() throws IOException {
        JsonNode paths = new ObjectMapper().readTree(stage.response("/openapi.json").body()).get("paths");
        String job = stage.walk("/v1/jobs").getFirst().get("job").textValue();
        String node = stage.walk("/v1/nodes").getFirst().get("nodeKey").textValue();
        paths.fieldNames().forEachRemaining(path -> {
            if (!path.equals("/v1/live")) {
                String real = path.replace("{mint}", stage.world.mint.toBase58()).replace("{seq}", "2").replace("{id}", job).replace("{key}", node)
                    .replace("{wallet}", stage.world.treasury.toBase58());
                HttpResponse<String> response = stage.response(real);
                assertThat(response.statusCode()).as(real + response.body()).isEqualTo(200);
                assertThat(response.headers().firstValue("access-control-allow-origin")).contains("*");
            }
        });
    }
}
