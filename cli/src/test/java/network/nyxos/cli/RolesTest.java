package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import network.nyxos.escrow.borsh.BorshWriter;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Digests;
import network.nyxos.escrow.program.PoolCalls;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.Quorum;
import network.nyxos.escrow.program.Settlement;
import network.nyxos.escrow.program.escrow.Escrow;
import network.nyxos.escrow.program.escrow.Job;
import network.nyxos.escrow.program.escrow.Pool;
import network.nyxos.escrow.program.registry.Model;
import network.nyxos.escrow.program.registry.Node;
import network.nyxos.escrow.token.Tokens;
import network.nyxos.escrow.tree.Credit;
import network.nyxos.escrow.tree.CreditKind;
import network.nyxos.escrow.tree.CreditNode;
import network.nyxos.escrow.tree.CreditTree;
import network.nyxos.escrow.voucher.Voucher;
import network.nyxos.escrow.wire.ProofDocument;
import network.nyxos.localnet.LocalChain;
import network.nyxos.relayer.batch.BatchDocument;
import network.nyxos.relayer.credit.CreditRules;
import network.nyxos.relayer.wire.BatchJson;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.sava.core.accounts.PublicKey;

/** What providers, publishers, payers of long jobs and anybody who cares do on the chain itself. Every test has parties of its own. */
class RolesTest {

    private static final String MEASUREMENT = "ab".repeat(48);
    private static final int DAY = 216_000;

    @TempDir
    private static Path folder;

    private static OpenMarket open;

    @BeforeAll
    static void start() {
        open = OpenMarket.open(folder);
        open.sol("anybody");
    }

    @AfterAll
    static void stop() {
        open.close();
    }

    /** The folder of a node's keys, whose operator has SOL and two bonds. */
    private static String node(String name) {
        Path keys = folder.resolve(name);
        assertThat(Ran.command("node", "keys", keys.toString()).code()).isZero();
        PublicKey operator = Keypair.read(keys.resolve("operator.json")).publicKey();
        open.chain().airdrop(operator, 1_000_000_000);
        open.chain().mintTo(open.address("nyx"), operator, 2 * OpenMarket.BOND);
        return keys.toString();
    }

    private static PublicKey key(String node, String file) {
        return Keypair.read(Path.of(node, file + ".json")).publicKey();
    }

    private static Node account(String node) {
        return open.account(open.registry().node(key(node, "node")), Node::decode);
    }

    // --- nodes -----------------------------------------------------------------------------------------------------

    @Test
    void a_node_is_registered_bonded_unbonded_withdrawn_closed_and_registered_again() {
        String node = node("whole");
        open.refused("node_missing", "node bond 1 --keys " + node);
        assertThat(open.done("node register --tiers open,verified --keys " + node).out()).contains("is registered with a bond of 12.500000", "open, verified", "transaction ");
        assertThat(open.done("node register --tiers open,verified --keys " + node).out()).contains("is registered so already").doesNotContain("transaction");
        assertThat(open.done("node register --tiers open --payout @chest --keys " + node).out()).contains("is changed", "paid out to " + open.address("chest"));
        assertThat(open.done("node bond 2.5 --keys " + node).out()).contains("2.500000", "the bond is 15.000000", "transaction ");
        open.refused("balance_too_low", "node bond 500 --keys " + node);
        open.refused("amount_zero", "node bond 0 --keys " + node);
        open.refused("operator_other", "node bond 1 --operator @anybody.json --node " + key(node, "node"));
        open.refused("operator_missing", "node bond 1 --node " + key(node, "node"));
        open.refused("unbond_not_requested", "node withdraw --keys " + node);
        open.refused("node_state", "node close --yes --keys " + node);
        open.refused("attestation_absent", "node attestation withdraw --yes --keys " + node);

        assertThat(open.refused("yes_missing", "node unbond --keys " + node).out()).contains("gets no more jobs", "150 slots (about 60 s) later", "15.000000");
        assertThat(account(node).state()).isEqualTo(1);
        assertThat(open.done("node unbond --yes --keys " + node).out()).contains("can be withdrawn from slot ", "transaction ");
        assertThat(open.done("node unbond --yes --keys " + node).out()).contains("asked for already");
        open.refused("node_state", "node bond 1 --keys " + node);
        assertThat(open.refused("withdraw_too_early", "node withdraw --keys " + node).err()).contains("slot " + account(node).unbondSlot());
        open.chain().advanceSlots(OpenMarket.UNBONDING);
        assertThat(open.done("node withdraw --keys " + node).out()).contains("15.000000", "paid to " + key(node, "operator"), "transaction ");
        assertThat(open.balance(key(node, "operator"), "nyx")).isEqualTo(2 * OpenMarket.BOND);
        assertThat(open.done("node withdraw --keys " + node).out()).contains("nothing to withdraw");
        assertThat(open.refused("yes_missing", "node close --keys " + node).out()).contains("claim what it earned first");
        open.done("node close --yes --keys " + node);
        open.refused("node_missing", "node withdraw --keys " + node);
        assertThat(open.done("node register --keys " + node).out()).contains("is registered with");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--tiers fast              | tier_unknown",
            "--tiers open,confidential | evidence_missing",
            "--bond 1                  | bond_too_low",
            "--bond 500                | balance_too_low",
            "--payout here             | key_malformed"})
    void a_registration_that_cannot_be_is_told_and_costs_nothing(String options, String code) {
        String node = node("refused" + Math.abs(options.hashCode()));
        open.refused(code, "node register --keys " + node + " " + options);
        assertThat(open.exists(open.registry().node(key(node, "node")))).isFalse();
    }

    @Test
    void an_attestation_is_withdrawn_for_good_and_holds_the_account_until_it_would_have_expired() {
        String node = node("attested");
        open.done("node register --keys " + node);
        Hash quote = Hash.sha256(new byte[] {7});
        long expiry = open.slot() + 400;
        recordAttestation(node, quote, expiry);
        assertThat(open.refused("yes_missing", "node attestation withdraw --keys " + node).out()).contains(quote.toString(), "slot " + expiry);
        assertThat(open.done("node attestation withdraw --yes --keys " + node).out()).contains("transaction ");
        assertThat(account(node).attestationKind()).isZero();
        open.done("node unbond --yes --keys " + node);
        open.chain().advanceSlots(OpenMarket.UNBONDING);
        open.done("node withdraw --keys " + node);
        assertThat(open.refused("close_too_early", "node close --yes --keys " + node).err()).contains("slot " + expiry);
        open.chain().advanceSlots(400);
        open.done("node close --yes --keys " + node);
    }

    @Test
    void an_attestation_is_revoked_by_as_many_verifiers_as_the_registry_asks_for() {
        String node = node("revoked");
        open.done("node register --keys " + node);
        String key = key(node, "node").toBase58();
        open.refused("attestation_absent", "node attestation revoke " + key + " --verifier @v1.json");
        Hash quote = Hash.sha256(new byte[] {8});
        recordAttestation(node, quote, open.slot() + 400);

        Ran alone = open.done("node attestation revoke " + key + " --verifier @v1.json");
        assertThat(alone.out()).contains("1 of 2 signatures, nothing was sent");
        String signature = alone.out().lines().findFirst().orElseThrow();
        open.refused("verifier_unknown", "node attestation revoke " + key + " --verifier @council.json --signature " + signature);
        open.refused("signature_wrong", "node attestation revoke " + key + " --signature " + signature.replace(signature.substring(0, signature.indexOf(':')), open.address("v2").toBase58()));
        open.refused("signature_malformed", "node attestation revoke " + key + " --signature " + open.address("v1") + ":here");
        assertThat(open.refused("yes_missing", "node attestation revoke " + key + " --wallet @anybody.json --verifier @v2.json --signature " + signature).out()).contains(quote.toString(), "is paid for no confidential work");
        assertThat(account(node).attestationKind()).isEqualTo(1);

        assertThat(open.done("node attestation revoke " + key + " --yes --wallet @anybody.json --verifier @v2.json --signature " + signature).err()).contains("attestation revoked, transaction ");
        assertThat(account(node).attestationKind()).isZero();
        assertThat(account(node).revokedQuoteHash()).isEqualTo(quote);
    }

    private void recordAttestation(String node, Hash quote, long expiry) {
        byte[] measurement = new byte[48];
        Hash digest = Digests.attestation(Programs.LOCAL.registry(), open.registry().node(key(node, "node")), 1, measurement, quote, account(node).receiptKey(), account(node).sealingKey(), expiry);
        open.send(open.registry().recordAttestation(key(node, "node"), 1, measurement, quote, account(node).receiptKey(), account(node).sealingKey(), expiry, quorum(digest)), "anybody");
    }

    private static Quorum quorum(Hash digest) {
        return new Quorum(digest, Map.of(open.address("v1"), open.keys().key("v1").sign(digest), open.address("v2"), open.keys().key("v2").sign(digest)));
    }

    @Test
    void a_paused_registry_takes_no_node_bond_or_model_and_says_so() {
        String registered = node("before");
        String late = node("late");
        open.done("node register --keys " + registered);
        whilePaused("registry", () -> {
            open.refused("registry_paused", "node register --keys " + late);
            open.refused("registry_paused", "node bond 1 --keys " + registered);
            open.refused("registry_paused", "model publish " + id("late") + " --publisher @publisher.json --key @council.json --yes");
            open.done("node unbond --yes --keys " + registered);
        });
        open.done("node register --keys " + late);
    }

    /** The market is everybody's: whatever fails, it goes on. */
    private static void whilePaused(String kind, Runnable tried) {
        open.done(kind + " pause --key @council.json --yes");
        try {
            tried.run();
        } finally {
            open.done(kind + " resume --key @council.json --yes");
        }
    }

    // --- validators ------------------------------------------------------------------------------------------------

    @Test
    void a_validator_is_registered_bonded_unbonded_withdrawn_and_closed() {
        open.fund("watcher", "nyx", 20_000_000);
        String words = " --validator @judge --wallet @watcher.json";
        open.refused("validator_missing", "validator bond 1" + words);
        assertThat(open.done("validator show").out()).contains("has no validators");
        assertThat(open.done("validator register --validator @judge.json --wallet @watcher.json").err()).contains("registered with a bond of 7.500000", "paid out to " + open.address("watcher"), "transaction ");
        open.refused("validator_registered", "validator register --validator @judge.json --wallet @watcher.json");
        assertThat(open.done("validator bond 2.5" + words).err()).contains("2.500000", "the bond is 10.000000", "transaction ");
        open.refused("balance_too_low", "validator bond 500" + words);
        open.refused("operator_other", "validator bond 1 --validator @judge --wallet @anybody.json");
        assertThat(open.done("validator update --payout @chest" + words).err()).contains("credited to " + open.address("chest"), "transaction ");
        assertThat(open.done("validator update --payout @chest" + words).out()).contains("already");
        assertThat(open.json("validator show").path(0).path("bond").asText()).isEqualTo("10000000");
        open.refused("unbond_not_requested", "validator withdraw" + words);
        open.refused("validator_state", "validator close" + words);

        assertThat(open.refused("yes_missing", "validator unbond" + words).out()).contains("count no more", "150 slots (about 60 s) later");
        assertThat(open.done("validator unbond --yes" + words).err()).contains("can be withdrawn from slot ", "transaction ");
        assertThat(open.done("validator unbond --yes" + words).out()).contains("asked for already");
        open.refused("validator_state", "validator bond 1" + words);
        open.refused("withdraw_too_early", "validator withdraw" + words);
        assertThat(open.json("validator show @judge").path("state").asText()).isEqualTo("unbonding");
        open.chain().advanceSlots(OpenMarket.UNBONDING);
        assertThat(open.done("validator withdraw" + words).err()).contains("10.000000", "paid to " + open.address("watcher"), "transaction ");
        assertThat(open.balance(open.address("watcher"), "nyx")).isEqualTo(20_000_000);
        assertThat(open.done("validator withdraw" + words).out()).contains("nothing to withdraw");
        assertThat(open.done("validator close" + words).err()).contains("closed", "transaction ");
        open.refused("validator_missing", "validator show @judge");
        assertThat(open.done("validator register --bond 8 --validator @judge.json --wallet @watcher.json").err()).contains("8.000000");
        open.done("validator unbond --yes" + words);
    }

    @Test
    void a_validator_that_cannot_be_registered_is_told_before_a_bond_is_paid() {
        open.fund("hopeful", "nyx", 9_000_000);
        String words = " --validator @doubtful.json --wallet @hopeful.json";
        open.refused("bond_too_low", "validator register --bond 7.4" + words);
        open.refused("balance_too_low", "validator register --bond 10" + words);
        open.refused("key_malformed", "validator register --payout here" + words);
        whilePaused("registry", () -> open.refused("registry_paused", "validator register" + words));
        assertThat(open.balance(open.address("hopeful"), "nyx")).isEqualTo(9_000_000);
    }

    // --- posters ---------------------------------------------------------------------------------------------------

    @Test
    void a_poster_bonds_asks_for_it_back_and_withdraws() {
        open.fund("clerk", "nyx", 9_000_000);
        String words = " --wallet @clerk.json";
        open.refused("poster_missing", "poster show @clerk");
        open.refused("poster_missing", "poster unbond --yes" + words);
        open.refused("amount_zero", "poster bond 0" + words);
        open.refused("balance_too_low", "poster bond 10" + words);
        assertThat(open.done("poster bond 3" + words).err()).contains("3.000000", "the bond is 3.000000", "the market asks for ", "transaction ");
        assertThat(open.done("poster bond 1.5" + words).err()).contains("the bond is 4.500000");
        assertThat(open.json("poster show @clerk").path("bond").asText()).isEqualTo("4500000");
        open.refused("unbond_not_requested", "poster withdraw" + words);

        assertThat(open.refused("yes_missing", "poster unbond" + words).out()).contains("posts no batch", OpenMarket.EXIT + OpenMarket.CHALLENGE + " slots");
        assertThat(open.done("poster unbond --yes" + words).err()).contains("can be withdrawn from slot ", "transaction ");
        assertThat(open.done("poster unbond --yes" + words).out()).contains("asked for already");
        open.refused("withdraw_too_early", "poster withdraw" + words);
        open.done("poster bond 0.5" + words);
        open.refused("unbond_not_requested", "poster withdraw" + words);
        open.done("poster unbond --yes" + words);
        open.chain().advanceSlots(OpenMarket.EXIT + OpenMarket.CHALLENGE);
        assertThat(open.done("poster withdraw" + words).err()).contains("5.000000", "paid to " + open.address("clerk"), "transaction ");
        assertThat(open.balance(open.address("clerk"), "nyx")).isEqualTo(9_000_000);
        open.refused("poster_missing", "poster show @clerk");
    }

    // --- models ----------------------------------------------------------------------------------------------------

    private static String id(String name) {
        return Hash.sha256(name.getBytes(StandardCharsets.UTF_8)).hex();
    }

    @Test
    void a_model_is_published_changed_and_retired() {
        String model = id("model");
        open.sol("publisher");
        open.refused("model_unknown", "model show " + model);
        assertThat(open.refused("yes_missing", "model publish " + model + " --royalty-bps 500 --publisher @publisher.json --key @council.json").out())
                .contains("royalty 5.00 % to " + open.address("publisher"), "any measurement");
        open.done("model publish " + model + " --royalty-bps 500 --measurement " + MEASUREMENT + " --publisher @publisher.json --key @council.json --yes");
        open.refused("model_published", "model publish " + model + " --publisher @publisher.json --key @council.json --yes");
        JsonNode shown = open.json("model show " + model);
        assertThat(shown.path("royalty").asInt()).isEqualTo(500);
        assertThat(shown.path("measurements").path(0).asText()).isEqualTo(MEASUREMENT);
        assertThat(open.done("model list").out()).contains(model);

        assertThat(open.done("model update " + model + " --royalty-bps 800 --wallet @publisher.json").err()).contains("royalty 5.00 % to ", "8.00 % from slot ", "transaction ");
        assertThat(open.json("model show " + model).path("announced").asInt()).isEqualTo(800);
        open.done("model update " + model + " --payee @chest --any-measurement --wallet @publisher.json");
        Model changed = open.account(Programs.LOCAL.model(open.registry().config(), Hash.fromHex(model)), Model::decode);
        assertThat(changed.pendingRoyaltyBps()).as("what was announced stays announced").isEqualTo(800);
        assertThat(changed.payee()).isEqualTo(open.address("chest"));
        assertThat(changed.measurementCount()).isZero();
        open.refused("model_same", "model update " + model + " --payee @chest --wallet @publisher.json");
        open.chain().advanceSlots(OpenMarket.UNBONDING);
        assertThat(open.json("model show " + model).path("royalty").asInt()).as("its slot has come, nobody had to send anything").isEqualTo(800);
        open.done("model update " + model + " --royalty-bps 100 --wallet @publisher.json");
        assertThat(open.json("model show " + model).path("royalty").asInt()).as("a lower one at once").isEqualTo(100);

        open.refused("publisher_other", "model update " + model + " --royalty-bps 0 --wallet @anybody.json");
        open.refused("publisher_other", "model retire " + model + " --yes --wallet @anybody.json");
        assertThat(open.refused("yes_missing", "model retire " + model + " --wallet @publisher.json").out()).contains("is retired");
        open.done("model retire " + model + " --yes --wallet @publisher.json");
        open.refused("model_retired", "model update " + model + " --royalty-bps 0 --wallet @publisher.json");
        assertThat(open.json("model show " + model).path("state").asText()).isEqualTo("retired");
    }

    @Test
    void a_model_of_an_authority_elsewhere_is_printed_for_both_signers() {
        open.sol("maker");
        Ran printed = open.run("model publish " + id("elsewhere") + " --publisher @maker.json");
        assertThat(printed.code()).isEqualTo(1);
        assertThat(printed.out()).contains("NOT done: " + open.address("council") + " has to sign", open.address("maker") + " signs the same transaction");
        open.send(List.of(Printed.instruction(printed.out())), "council", "maker");
        assertThat(open.exists(Programs.LOCAL.model(open.registry().config(), Hash.fromHex(id("elsewhere"))))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "model publish abc --publisher @anybody.json                                                    | hash_malformed",
            "model publish 00 --royalty-bps 3001 --publisher @anybody.json                                   | royalty_range",
            "model publish 00 --measurement abcd --publisher @anybody.json                                   | measurement_malformed",
            "model update 00 --royalty-bps -1 --wallet @anybody.json                                         | royalty_range",
            "model show 00                                                                                   | model_unknown"})
    void a_model_that_cannot_be_is_told(String command, String code) {
        open.refused(code, command.replace(" 00", " " + "00".repeat(32)));
    }

    // --- jobs ------------------------------------------------------------------------------------------------------

    private static String openJob(String payer, String node, String amount, int slots) {
        return open.done("job open " + amount + " --mint @usd --node " + key(node, "node") + " --deadline-slots " + slots + " --wallet @" + payer + ".json").out().strip();
    }

    @Test
    void a_job_is_opened_released_part_by_part_and_the_rest_goes_back() throws IOException {
        String node = node("worker");
        open.done("node register --keys " + node);
        open.fund("patron", "usd", 10_000_000);
        Path terms = Files.writeString(folder.resolve("terms.txt"), "fine-tune it until Tuesday");
        Ran opened = open.done("job open 4 --mint @usd --node " + key(node, "node") + " --deadline-slots 200 --terms " + terms + " --wallet @patron.json");
        assertThat(opened.err()).contains("4.000000", "in 200 slots (about 80 s)", "transaction ");
        String job = opened.out().strip();
        Job locked = open.account(PublicKey.fromBase58Encoded(job), Job::decode);
        assertThat(locked.termsHash()).isEqualTo(Hash.sha256(Files.readAllBytes(terms)));
        assertThat(open.done("job show --wallet @patron.json").out()).contains(job, "released             0.000000");
        assertThat(open.json("job show --node " + key(node, "node")).path(0).path("job").asText()).isEqualTo(job);
        assertThat(open.done("job show --wallet @anybody.json").out()).startsWith("no job of ");

        open.refused("total_missing", "job release " + job + " --wallet @patron.json");
        open.refused("total_missing", "job release " + job + " 1 --all --wallet @patron.json");
        open.refused("payer_other", "job release " + job + " 1 --wallet @anybody.json");
        open.refused("job_exceeded", "job release " + job + " 4.1 --wallet @patron.json");
        assertThat(open.done("job release " + job + " 1 --wallet @patron.json").err()).contains("0.975000", "fee 0.025000", "3.000000", "transaction ");
        assertThat(open.done("job release " + job + " 1 --wallet @patron.json").out()).as("the same again pays once").contains("released already");
        assertThat(open.balance(key(node, "operator"), "usd")).isEqualTo(975_000);
        assertThat(open.json("job show " + job).path("left").asText()).isEqualTo("3000000");

        open.refused("refund_too_early", "job refund " + job + " --wallet @anybody.json");
        open.chain().advanceSlots(200);
        assertThat(open.done("job refund " + job + " --wallet @anybody.json").err()).contains("3.000000", "went back to " + open.address("patron"), "transaction ");
        assertThat(open.balance(open.address("patron"), "usd")).isEqualTo(9_000_000);
        open.refused("job_unknown", "job show " + job);
        open.refused("job_unknown", "job refund " + job + " --wallet @anybody.json");
    }

    @Test
    void all_of_a_job_is_released_and_its_account_closed() {
        String node = node("finisher");
        open.done("node register --keys " + node);
        open.fund("client", "usd", 1_000_000);
        String job = openJob("client", node, "1", 1_000);
        open.done("job release " + job + " --all --wallet @client.json");
        assertThat(open.refused("refund_too_early", "job refund " + job + " --wallet @anybody.json").err()).contains("can be closed from");
        open.chain().advanceSlots(150);
        assertThat(open.done("job refund " + job + " --wallet @anybody.json").err()).contains("0.000000", "closed");
    }

    @Test
    void a_job_that_cannot_be_opened_is_told_before_anything_is_locked() {
        String node = node("idle");
        open.fund("asker", "usd", 1_000_000);
        String words = " --mint @usd --wallet @asker.json --node " + key(node, "node");
        open.refused("node_missing", "job open 1 --deadline-slots 200" + words);
        open.done("node register --keys " + node);
        open.refused("deadline_range", "job open 1 --deadline-slots 149" + words);
        open.refused("deadline_range", "job open 1 --deadline-slots 78840001" + words);
        open.refused("balance_too_low", "job open 2 --deadline-slots 200" + words);
        open.refused("amount_zero", "job open 0 --deadline-slots 200" + words);
        open.refused("file_unreadable", "job open 1 --terms nowhere.txt --deadline-slots 200" + words);
        whilePaused("market", () -> open.refused("market_paused", "job open 1 --deadline-slots 200" + words));
        open.done("node unbond --yes --keys " + node);
        open.refused("node_state", "job open 1 --deadline-slots 200" + words);
        open.refused("job_unknown", "job release " + open.address("asker") + " 1 --wallet @asker.json");
        assertThat(open.balance(open.address("asker"), "usd")).isEqualTo(1_000_000);
    }

    // --- escrows ---------------------------------------------------------------------------------------------------

    @Test
    void escrows_get_the_markets_new_operator_from_anybody() {
        open.fund("saver", "usd", 1_000_000);
        String escrow = open.done("escrow open 1 --mint @usd --wallet @saver.json").out().strip();
        assertThat(open.done("escrow refresh-operator --wallet @anybody.json").out()).contains("every escrow of market");
        open.done("market operator @another --key @council.json --yes");
        assertThat(open.done("escrow refresh-operator --wallet @anybody.json").err()).contains("escrows that " + open.address("another") + " settles from now on: ", "transaction ");
        assertThat(open.account(PublicKey.fromBase58Encoded(escrow), Escrow::decode).operator()).isEqualTo(open.address("another"));
        open.done("market operator @operator --key @council.json --yes");
        open.done("escrow refresh-operator " + escrow + " --wallet @anybody.json");
        assertThat(open.account(PublicKey.fromBase58Encoded(escrow), Escrow::decode).operator()).isEqualTo(open.address("operator"));
        open.refused("escrow_unknown", "escrow refresh-operator " + open.address("saver") + " --wallet @anybody.json");
    }

    @Test
    void the_record_of_a_payment_is_closed_after_a_day() {
        open.fund("buyer", "usd", 1_000_000);
        Hash reference = Hash.sha256(new byte[] {1});
        open.send(List.of(open.usd().pay(open.address("buyer"), open.address("buyer"), reference, 1_000)), "buyer");
        PublicKey payment = open.usd().payment(open.address("buyer"), reference);
        open.refused("payment_too_early", "escrow close-payment " + payment + " --wallet @buyer.json");
        open.refused("rent_payer_other", "escrow close-payment " + payment + " --wallet @anybody.json");
        open.refused("payment_unknown", "escrow close-payment " + open.address("buyer") + " --wallet @buyer.json");
        assertThat(open.done("escrow close-payment --wallet @buyer.json").out()).contains("no record");
        open.chain().advanceSlots(DAY);
        assertThat(open.done("escrow close-payment --wallet @buyer.json").err()).contains("record " + payment + " closed", "transaction ");
        assertThat(open.exists(payment)).isFalse();
    }

    // --- upkeep ----------------------------------------------------------------------------------------------------

    @Test
    void a_pool_is_kept_going_by_anybody() {
        open.sol("operator");
        open.fund("spender", "nyx", 5_000_000);
        open.refused("batch_none", "batch show --mint @nyx");
        assertThat(open.done("batch finalize --mint @nyx --wallet @anybody.json").out()).contains("no batch");
        assertThat(open.done("batch collect --mint @nyx --wallet @anybody.json").out()).contains("nothing to collect");

        PublicKey escrow = PublicKey.fromBase58Encoded(open.done("escrow open 5 --mint @nyx --wallet @spender.json").out().strip());
        Keypair session = Keypair.read(folder.resolve("spender-session.json"));
        var voucher = new Voucher(escrow, 2_000_000, 0);
        PoolCalls nyx = open.market().pool(open.address("nyx"), LocalChain.TOKEN_2022_PROGRAM);
        open.send(nyx.settle(open.address("operator"), List.of(new Settlement(session.publicKey(), voucher, voucher.sign(session), 1_500_000))), "operator");
        assertThat(open.done("batch collect --mint @nyx --wallet @anybody.json").err()).contains("1.500000", "escrows: 1", "transaction ");
        assertThat(open.done("batch collect --mint @nyx --wallet @anybody.json").out()).contains("nothing to collect");
        assertThat(open.done("batch sync --mint @nyx --wallet @anybody.json").err()).contains("0.000000", "1.500000", "transaction ");

        post(nyx, 1, 1_000_000);
        JsonNode posted = open.json("batch show --mint @nyx");
        assertThat(posted.path("state").asText()).isEqualTo("posted");
        assertThat(posted.path("credited").asText()).isEqualTo("1000000");
        assertThat(open.refused("batch_too_early", "batch finalize --mint @nyx --wallet @anybody.json").err()).contains("slot " + posted.path("finalFrom").asLong());
        open.refused("batch_needed", "batch close 1 --mint @nyx --yes --wallet @operator.json");
        open.chain().advanceSlots(OpenMarket.CHALLENGE);
        assertThat(open.done("batch finalize --mint @nyx --wallet @anybody.json").err()).contains("batch 1 is final", "1.000000", "transaction ");
        assertThat(open.json("batch show --mint @nyx").path("state").asText()).isEqualTo("final");
        open.refused("batch_needed", "batch close 1 --mint @nyx --yes --wallet @operator.json");
        post(nyx, 2, 1_500_000);
        open.chain().advanceSlots(OpenMarket.CHALLENGE);
        open.done("batch finalize --mint @nyx --wallet @anybody.json");
        open.refused("rent_payer_other", "batch close 1 --mint @nyx --yes --wallet @anybody.json");
        assertThat(open.refused("yes_missing", "batch close 1 --mint @nyx --wallet @operator.json").out()).contains("history of its posting");
        assertThat(open.done("batch close 1 --mint @nyx --yes --wallet @operator.json").err()).contains("closed", "transaction ");
        open.refused("batch_unknown", "batch show 1 --mint @nyx");
        assertThat(open.account(nyx.pool(), Pool::decode).finalSeq()).isEqualTo(2);
    }

    /** Batches of a mint of its own, the last in its window; with the files of their documents. */
    private record Window(PoolCalls pool, String mint, List<Path> documents) {
    }

    private static Window window(String mint, List<Map<String, Long>> batches) throws IOException {
        open.mint(mint);
        open.sol("operator");
        PoolCalls pool = open.market().pool(open.address(mint), LocalChain.TOKEN_PROGRAM);
        open.chain().mintTo(open.address(mint), pool.pool(), 10_000_000);
        var files = new ArrayList<Path>();
        for (int batch = 0; batch < batches.size(); batch++) {
            List<Credit> credits = batches.get(batch).entrySet().stream().map(credit -> new Credit(open.address(credit.getKey()), CreditKind.REFUND, credit.getValue())).toList();
            var document = new BatchDocument(pool.pool(), open.address(mint), batch + 1, batch, new CreditRules(0, 250, open.address("treasury"), List.of()), List.of(), List.of(), List.of(), List.of(),
                    CreditTree.of(pool.pool(), credits).credits());
            BatchDocument.Header header = document.header();
            open.send(pool.post(open.address("operator"), open.address("operator"), header.seq(), header.receiptsRoot(), 0, header.credits(), header.payeeCount(),
                    quorum(header.digest(Programs.LOCAL.escrow()))), "operator");
            if (batch < batches.size() - 1) {
                open.chain().advanceSlots(OpenMarket.CHALLENGE);
                open.done("batch finalize --mint @" + mint + " --wallet @anybody.json");
            }
            files.add(Files.write(folder.resolve(mint + "-" + (batch + 1) + ".json"), BatchJson.write(document).toString().getBytes(StandardCharsets.UTF_8)));
        }
        return new Window(pool, mint, files);
    }

    private static String challenge(Window window) {
        return "batch challenge --mint @" + window.mint() + " --wallet @challenger.json --batch " + window.documents().getLast() + " --base " + window.documents().get(window.documents().size() - 2);
    }

    @ParameterizedTest
    @CsvSource({"lowered, p1, 'lowers the credit of'", "omitted, '', 'leaves out the credit of'"})
    void a_batch_that_takes_a_credit_back_is_void_by_anybodys_challenge(String mint, String kept, String said) throws IOException {
        open.sol("challenger");
        Map<String, Long> second = kept.isEmpty() ? Map.of("p2", 700_000L, "p3", 500_000L) : Map.of("p1", 100_000L, "p2", 700_000L, "p3", 500_000L);
        Window window = window(mint, List.of(Map.of("p1", 300_000L, "p2", 200_000L, "p3", 400_000L), second));
        assertThat(open.refused("yes_missing", challenge(window)).out()).contains(said, open.address("p1").toBase58(), "is void");
        long before = open.balance(open.address("challenger"), "nyx");
        assertThat(open.done(challenge(window) + " --yes").err()).contains("batch 2 is void", "20.000000", "proofs closed", "transaction ");
        assertThat(open.balance(open.address("challenger"), "nyx") - before).as("half of the bond").isEqualTo(OpenMarket.POSTER_BOND / 2);
        assertThat(open.json("batch show 2 --mint @" + mint).path("state").asText()).isEqualTo("void");
        assertThat(open.done(challenge(window) + " --yes").out()).contains("no batch of ");
        // Who was caught posts again for what it has at stake.
        open.fund("operator", "nyx", OpenMarket.POSTER_BOND);
        open.done("poster bond 40 --wallet @operator.json");
    }

    @Test
    void a_batch_that_takes_nothing_back_is_not_challenged() throws IOException {
        open.sol("challenger");
        Window window = window("kept", List.of(Map.of("p1", 300_000L), Map.of("p1", 300_000L, "p2", 1L)));
        assertThat(open.done(challenge(window) + " --yes").out()).contains("takes nothing back");
        open.refused("batch_other", "batch challenge --mint @kept --wallet @challenger.json --batch " + window.documents().getFirst() + " --base " + window.documents().getFirst());
        open.chain().advanceSlots(OpenMarket.CHALLENGE);
        open.refused("challenge_too_late", challenge(window) + " --yes");
        open.done("batch finalize --mint @kept --wallet @anybody.json");
    }

    private static void post(PoolCalls pool, long seq, long cumulative) {
        var tree = CreditTree.of(pool.pool(), List.of(new Credit(open.address("treasury"), CreditKind.TREASURY, cumulative)));
        Hash receipts = Hash.sha256(new byte[] {(byte) seq});
        open.send(pool.post(open.address("operator"), open.address("operator"), seq, receipts, 1, tree.root(), 1, quorum(pool.batchDigest(seq, receipts, 1, tree.root(), 1))), "operator");
    }

    /** Two payees among a million: their leaves are the first two, everybody else is in subtrees that are made up. */
    private static List<Path> millionPayees(PoolCalls pool, List<Credit> first) throws IOException {
        CreditTree pair = CreditTree.of(pool.pool(), first);
        CreditNode reached = pair.root();
        var others = new ArrayList<CreditNode>();
        for (int level = 1; level < 20; level++) {
            var other = new CreditNode(Hash.sha256(new byte[] {(byte) level}), 1);
            others.add(other);
            byte[] node = new BorshWriter(81).u8(1).bytes(reached.hash().bytes(), 32).u64(reached.sum()).bytes(other.hash().bytes(), 32).u64(other.sum()).toByteArray();
            reached = new CreditNode(Hash.sha256(node), reached.sum() + other.sum());
        }
        Hash receipts = Hash.sha256();
        open.send(pool.post(open.address("operator"), open.address("operator"), 1, receipts, 0, reached, 1 << 20, quorum(pool.batchDigest(1, receipts, 0, reached, 1 << 20))), "operator");
        open.chain().advanceSlots(OpenMarket.CHALLENGE);
        open.done("batch finalize --mint @crowd --wallet @anybody.json");
        var files = new ArrayList<Path>();
        for (Credit credit : first) {
            int index = pair.indexOf(credit.payee(), credit.kind()).orElseThrow();
            List<CreditNode> proof = Stream.concat(pair.proof(index).stream(), others.stream()).toList();
            files.add(Files.write(folder.resolve("proof-" + index + ".json"), new ProofDocument(1, pool.batch(1), index, 1 << 20, credit.cumulative(), proof).encode()));
        }
        return files;
    }

    @Test
    void one_of_a_million_payees_is_paid_by_way_of_a_lookup_table() throws IOException {
        open.sol("collector");
        open.mint("crowd");
        PoolCalls pool = open.market().pool(open.address("crowd"), LocalChain.TOKEN_PROGRAM);
        open.chain().mintTo(open.address("crowd"), pool.pool(), 10_000_000);
        List<Path> proofs = millionPayees(pool, List.of(new Credit(open.address("collector"), CreditKind.REFUND, 1_234), new Credit(open.address("late"), CreditKind.REFUND, 777)));
        String claim = "claim --mint @crowd --wallet @collector.json --proof " + proofs.getFirst();
        String late = "claim --mint @crowd --payee @late --wallet @anybody.json --proof " + proofs.getLast();

        assertThat(open.refused("claim_needs_table", claim).err()).contains("market table make", "nothing was sent");
        open.refused("mint_unknown", "market table make --mint @nobody --wallet @collector.json");

        String table = open.done("market table make --mint @crowd --wallet @collector.json").out().strip();
        assertThat(open.done("market table make --mint @crowd --wallet @collector.json").out()).contains("has one already: " + table);
        assertThat(open.json("market table list --owner @collector").path("table").path(0).path("forClaimsOf").asText()).isEqualTo(open.address("crowd").toBase58());
        assertThat(open.done(claim).out()).contains("0.001234", "transaction ");
        assertThat(open.chain().tokenBalance(Tokens.associated(open.address("collector"), open.address("crowd"), LocalChain.TOKEN_PROGRAM))).isEqualTo(1_234);

        open.refused("claim_needs_table", late);
        open.done("market table make --wallet @operator.json --mint @crowd --mint @usd");
        assertThat(open.done(late).out()).as("the operator's table serves everybody").contains("0.000777");

        open.refused("table_foreign", "market table close " + table + " --wallet @anybody.json");
        assertThat(open.done("market table close " + table + " --wallet @collector.json").err()).contains("out of use");
        open.refused("table_too_early", "market table close " + table + " --wallet @collector.json");
        open.chain().advanceSlots(520);
        assertThat(open.done("market table close " + table + " --wallet @collector.json").err()).contains("its rent went to");
        open.refused("table_unknown", "market table close " + table + " --wallet @collector.json");
        assertThat(open.done("market table list --owner @collector").out()).contains("none");
    }
}
