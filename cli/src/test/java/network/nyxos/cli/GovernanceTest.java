package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.program.escrow.Market;
import network.nyxos.escrow.program.escrow.Terms;
import network.nyxos.escrow.program.registry.Config;
import network.nyxos.escrow.program.registry.VerifierProposal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.sava.core.accounts.PublicKey;

/** {@code nyxos market} and {@code nyxos registry}. Every test leaves market and registry as it found them. */
class GovernanceTest {


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

    private static Market market() {
        return open.account(open.market().market(), Market::decode);
    }

    private static Config registry() {
        return open.account(open.registry().config(), Config::decode);
    }

    private static boolean paused(String kind) {
        return kind.equals("market") ? market().paused() != 0 : registry().paused() != 0;
    }

    private static PublicKey authority(String kind) {
        return kind.equals("market") ? market().authority() : registry().authority();
    }

    @ParameterizedTest
    @ValueSource(strings = {"market", "registry"})
    void new_money_is_stopped_and_let_in_again(String kind) {
        assertThat(open.refused("yes_missing", kind + " pause --key @council.json").out()).contains("from the slot in which it is confirmed", "taken any more", "go on", "costs 5000 lamports");
        assertThat(paused(kind)).isFalse();
        assertThat(open.done(kind + " pause --key @council.json --yes").out()).contains("done: pause " + kind, "transaction ");
        assertThat(paused(kind)).isTrue();
        assertThat(open.done(kind + " pause --key @council.json").out()).contains("is paused already");
        assertThat(open.done(kind + " show").out()).contains("YES: no new");
        assertThat(open.json(kind + " show").path("paused").asBoolean()).isTrue();
        open.done(kind + " resume --key @council.json --payer @anybody.json --yes");
        assertThat(paused(kind)).isFalse();
        assertThat(open.done(kind + " resume --key @council.json").out()).contains("is not paused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"market pause", "registry pause", "market operator @next", "market treasury @next", "market authority offer @next", "registry authority offer @next",
            "market terms propose --fee-bps 300", "registry verifiers propose --threshold 1"})
    void nobody_but_the_authority_signs(String command) {
        open.refused("authority_wrong", command + " --key @anybody.json --yes");
    }

    @Test
    void a_multisig_gets_what_it_has_to_sign_and_signs_exactly_that() {
        open.sol("multisig");
        open.done("market authority offer @multisig --key @council.json --yes");
        Ran printed = open.run("market authority accept");
        assertThat(printed.code()).as("it was not done").isEqualTo(1);
        assertThat(printed.err()).isEmpty();
        assertThat(printed.out()).contains("NOT done: " + open.address("multisig") + " has to sign", "alone governs");
        open.send(java.util.List.of(Printed.instruction(printed.out())), "multisig");
        assertThat(market().authority()).isEqualTo(open.address("multisig"));

        // A proposal needs rent: the multisig pays it itself, so that one signature is enough.
        Ran proposed = open.run("market terms propose --exit-slots 151");
        open.send(java.util.List.of(Printed.instruction(proposed.out())), "multisig");
        assertThat(open.account(open.market().termsAccount(), Terms::decode).exitSlots()).isEqualTo(151);
        open.done("market terms cancel --key @multisig.json --yes");

        open.done("market authority offer @council --key @multisig.json --yes");
        open.done("market authority accept --key @council.json --yes");
        assertThat(market().authority()).isEqualTo(open.address("council"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"market", "registry"})
    void the_authority_is_offered_withdrawn_and_accepted(String kind) {
        open.sol("heir");
        open.refused("authority_not_offered", kind + " authority accept --key @heir.json --yes");
        assertThat(open.done(kind + " authority withdraw --key @council.json").out()).contains("offered to nobody");
        open.refused("authority_same", kind + " authority offer @council --key @council.json --yes");
        open.refused("authority_none", kind + " authority offer 11111111111111111111111111111111 --key @council.json --yes");
        open.refused("key_malformed", kind + " authority offer somebody --key @council.json --yes");

        open.done(kind + " authority offer @heir --key @council.json --yes");
        assertThat(authority(kind)).isEqualTo(open.address("council"));
        assertThat(open.json(kind + " show").path("offeredTo").asText()).isEqualTo(open.address("heir").toBase58());
        assertThat(open.done(kind + " authority offer @heir --key @council.json").out()).contains("already");
        open.done(kind + " authority withdraw --key @council.json --yes");
        open.refused("authority_not_offered", kind + " authority accept --key @heir.json --yes");

        open.done(kind + " authority offer @heir --key @council.json --yes");
        open.refused("authority_wrong", kind + " authority accept --key @anybody.json --yes");
        assertThat(open.done(kind + " authority accept --key @heir.json --yes").out()).contains(open.address("heir") + " alone governs");
        assertThat(authority(kind)).isEqualTo(open.address("heir"));
        open.refused("authority_wrong", kind + " pause --key @council.json --yes");
        open.done(kind + " authority offer @council --key @heir.json --yes");
        open.done(kind + " authority accept --key @council.json --yes");
    }

    @Test
    void operator_and_treasury_change_at_once_and_alone() {
        open.done("market authority offer @heir --key @council.json --yes");
        assertThat(open.done("market operator @next --key @council.json --yes").out()).contains("refresh-operator", "the same instruction sets operator");
        assertThat(market().operator()).isEqualTo(open.address("next"));
        open.done("market treasury @chest --key @council.json --yes");
        Market now = market();
        assertThat(now.operator()).isEqualTo(open.address("next"));
        assertThat(now.treasury()).isEqualTo(open.address("chest"));
        assertThat(now.nominee()).as("the offer stands").isEqualTo(open.address("heir"));
        assertThat(open.done("market operator @next --key @council.json").out()).contains("already");
        assertThat(open.done("market treasury @chest --key @council.json").out()).contains("already");
        open.refused("operator_none", "market operator 11111111111111111111111111111111 --key @council.json --yes");
        open.refused("treasury_none", "market treasury 11111111111111111111111111111111 --key @council.json --yes");
        open.done("market operator @operator --key @council.json --yes");
        open.done("market treasury @treasury --key @council.json --yes");
        open.done("market authority withdraw --key @council.json --yes");
    }

    @Test
    void terms_are_proposed_shown_cancelled_and_applied_in_their_slot() {
        open.refused("proposal_absent", "market terms apply --payer @anybody.json --yes");
        open.refused("proposal_absent", "market terms cancel --key @council.json --yes");
        assertThat(open.refused("yes_missing", "market terms propose --fee-bps 300 --verifiers @v1,@v2 --key @council.json").out())
                .contains("fee: 2.50 % -> 3.00 %", "verifiers: 2 of 3 (", "-> 2 of 2 (", OpenMarket.EXIT + OpenMarket.CHALLENGE + " slots (about 68 s) after the slot");
        open.done("market terms propose --fee-bps 300 --min-poster-bond 41.5 --verifiers @v1,@v2 --key @council.json --yes");
        Terms terms = open.account(open.market().termsAccount(), Terms::decode);
        open.refused("proposal_pending", "market terms propose --fee-bps 400 --key @council.json --yes");
        assertThat(open.refused("proposal_too_early", "market terms apply --payer @anybody.json --yes").err()).contains("slot " + terms.applySlot() + ", in ");
        JsonNode shown = open.json("market show");
        assertThat(shown.path("proposed").path(0).path("appliesFrom").asLong()).isEqualTo(terms.applySlot());
        assertThat(shown.path("fee").asInt()).as("until then the terms of now").isEqualTo(250);
        assertThat(open.done("market show").out()).contains("slot " + terms.applySlot() + ", in ", "fee: 2.50 % -> 3.00 %", "poster bond: 40.000000", " -> 41.500000");

        open.done("market terms cancel --key @council.json --yes");
        assertThat(open.exists(open.market().termsAccount())).isFalse();

        open.done("market terms propose --fee-bps 300 --key @council.json --yes");
        open.chain().advanceSlots(OpenMarket.EXIT + OpenMarket.CHALLENGE);
        open.refused("payer_missing", "market terms apply --yes");
        open.refused("yes_missing", "market terms apply --payer @anybody.json");
        open.done("market terms apply --payer @anybody.json --yes");
        assertThat(market().feeBps()).isEqualTo(300);
        assertThat(open.exists(open.market().termsAccount())).isFalse();

        open.done("market terms propose --fee-bps 250 --key @council.json --yes");
        open.chain().advanceSlots(OpenMarket.EXIT + OpenMarket.CHALLENGE);
        open.done("market terms apply --key @anybody.json --yes");
        assertThat(market().feeBps()).isEqualTo(250);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "market terms propose --fee-bps 2001                           | terms_range",
            "market terms propose --exit-slots 149                         | terms_range",
            "market terms propose --challenge-slots 0                      | terms_range",
            "market terms propose --challenge-slots 76                     | terms_range",
            "market terms propose --direct-slots 78840001                  | terms_range",
            "market terms propose --min-poster-bond many                    | amount_malformed",
            "market terms propose                                          | terms_same",
            "market terms propose --threshold 4                            | verifiers_invalid",
            "market terms propose --verifiers @v1,@v1                      | verifiers_invalid",
            "market terms propose --verifiers @v1 --threshold 2            | verifiers_invalid",
            "market terms propose --verifiers us                           | key_malformed",
            "registry verifiers propose                                    | verifiers_same",
            "registry verifiers propose --threshold 0                      | verifiers_invalid",
            "registry verifiers apply                                      | proposal_absent",
            "registry verifiers cancel                                     | proposal_absent",
            "market pause --priority-fee -1                                | priority_fee_range"})
    void what_is_wrong_is_told_before_anything_is_sent(String command, String code) {
        open.refused(code, command + " --key @council.json --yes");
    }

    @Test
    void verifiers_of_a_registry_change_one_and_a_half_unbonding_times_later() {
        PublicKey proposal = Programs.LOCAL.registryProposal(open.registry().config());
        open.done("registry verifiers propose --verifiers @v1,@v2,@v4 --key @council.json --yes");
        long from = open.account(proposal, VerifierProposal::decode).effectiveSlot();
        open.refused("proposal_pending", "registry verifiers propose --threshold 1 --key @council.json --yes");
        open.refused("proposal_too_early", "registry verifiers apply --payer @anybody.json --yes");
        assertThat(open.json("registry show").path("proposed").path(0).path("appliesFrom").asLong()).isEqualTo(from);
        open.done("registry verifiers cancel --key @council.json --yes");
        assertThat(open.exists(proposal)).isFalse();

        open.done("registry verifiers propose --verifiers @v1,@v2,@v4 --key @council.json --yes");
        open.chain().advanceSlots(OpenMarket.UNBONDING * 3 / 2);
        open.done("registry verifiers apply --payer @anybody.json --yes");
        assertThat(registry().verifiers()).startsWith(open.address("v1"), open.address("v2"), open.address("v4"));
        open.done("registry verifiers propose --verifiers @v1,@v2,@v3 --key @council.json --yes");
        open.chain().advanceSlots(OpenMarket.UNBONDING * 3 / 2);
        open.done("registry verifiers apply --payer @anybody.json --yes");
    }

    @Test
    void market_and_registry_are_shown_to_people_and_tools() {
        assertThat(open.done("market show").out()).contains(open.market().market().toBase58(), "fee                  2.50 %", "exit time            150 slots (about 60 s)", "poster bond          40.000000", "2 of 3", open.address("usd").toBase58(),
                "proposed             nothing");
        JsonNode market = open.json("market show");
        assertThat(market.path("verifiers").path("keys")).hasSize(3);
        assertThat(market.path("pool")).hasSize(2);
        assertThat(open.done("registry show").out()).contains("least bond           12.500000", "unbonding            150 slots (about 60 s)");
        assertThat(open.json("registry show").path("leastBond").asText()).isEqualTo(Long.toString(OpenMarket.BOND));
    }

    @Test
    void a_check_of_the_deployment_says_what_is_stopped_and_announced() {
        assertThat(open.check()).satisfies(ran -> assertThat(ran.out()).contains("all is as the file says")).extracting(Ran::code).isEqualTo(0);
        open.done("market pause --key @council.json --yes");
        open.done("registry pause --key @council.json --yes");
        open.done("market terms propose --fee-bps 300 --key @council.json --yes");
        open.done("registry verifiers propose --threshold 3 --key @council.json --yes");
        open.done("market authority offer @heir --key @council.json --yes");
        long slot = open.account(open.market().termsAccount(), Terms::decode).applySlot();
        Ran ran = open.check();
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).doesNotContain("DIFFERS").contains("PAUSED   market: no new pool", "PAUSED   registry: no new node", "PENDING  market, from slot " + slot, "fee: 2.50 % -> 3.00 %",
                "PENDING  registry.verifiers: from slot ", "3 of 3", "PENDING  market.authority: " + open.address("heir"), "but not as it shall stay");
        open.done("market authority withdraw --key @council.json --yes");
        open.done("registry verifiers cancel --key @council.json --yes");
        open.done("market terms cancel --key @council.json --yes");
        open.done("registry resume --key @council.json --yes");
        open.done("market resume --key @council.json --yes");
    }

    @Test
    void who_has_no_sol_sends_nothing() {
        open.refused("sol_insufficient", "market pause --key @council.json --payer @poor.json --yes");
        assertThat(market().paused()).isZero();
    }
}
