package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.nyxos.escrow.crypto.Keypair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

    private static final String KEY = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
    private static final String JOB = "abababababababababababababababababababababababababababababababab";

    private static final String OTHER_MINT = "So11111111111111111111111111111111111111112";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"pay", "embed", "call", "wallet", "wallet new", "wallet evm-message", "wallet from-evm", "wallet show", "escrow", "escrow open", "escrow deposit", "escrow show", "escrow request-exit", "escrow exit", "escrow open-prepaid", "escrow count", "escrow return", "escrow close", "claim", "verify", "node", "node run", "node keys", "deploy", "deploy programs", "deploy market", "deploy check", "deploy show", "deploy authority", "deploy close-buffer",
            "node show", "node standing", "node register", "node bond", "node unbond", "node withdraw", "node close", "node attestation withdraw", "model", "model publish", "model update", "model retire", "model show",
            "model list", "job", "job open", "job release", "job refund", "job show", "escrow refresh-operator", "escrow close-payment", "batch", "batch show", "batch finalize", "batch collect",
            "batch sync", "batch challenge", "batch close", "poster", "poster bond", "poster unbond", "poster withdraw", "poster show", "validator", "validator register", "validator bond", "validator update", "validator unbond", "validator withdraw", "validator close", "validator show", "direct", "direct show", "direct disprove", "direct void", "direct finish", "direct return", "direct close", "node settle", "market", "market show", "market pause", "market resume", "market operator", "market treasury", "market authority", "market authority offer",
            "market authority withdraw", "market authority accept", "market terms", "market terms propose", "market terms apply", "market terms cancel", "registry", "registry show", "registry pause",
            "registry resume", "registry verifiers", "registry verifiers propose", "registry verifiers apply", "registry verifiers cancel", "registry authority offer"})
    void every_command_explains_itself(String command) {
        Ran ran = Ran.command((command + " --help").split(" "));
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("Usage: nyxos " + command);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"pay", "pay --exact --escrow " + KEY + " hello", "pay --session s.json hello", "escrow", "escrow deposit " + KEY, "claim --proof a --batch b", "verify", "verify " + JOB + " --proof a",
            "verify " + JOB + " --evidence-policy a --development-tee b", "node run", "node show", "node standing", "node standing --node " + KEY + " --slot 1 --indexer http://127.0.0.1:1", "node show --keys a --node " + KEY, "market", "registry authority", "market terms", "model", "job", "batch", "node attestation", "job open 1 --node " + KEY, "job show " + KEY + " --node " + KEY, "model publish", "model update " + JOB + " --any-measurement --measurement ab",
            "market operator", "wallet", "wallet from-evm w.json", "wallet from-evm w.json --evm-key a --signature b", "batch close", "node bond 1"})
    void wrong_usage_is_told_apart_from_failure(String command) {
        assertThat(Ran.command(command.split(" ")).code()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "pay hello                                                                        | gateway_missing",
            "pay --gateway http://127.0.0.1:1 --tier secret hello                             | tier_unknown",
            "pay --gateway http://127.0.0.1:1 --max-tokens 0 hello                            | max_tokens_range",
            "pay --gateway http://127.0.0.1:1 --most free hello                               | amount_malformed",
            "pay --gateway http://127.0.0.1:1 --mint gold hello                               | key_malformed",
            "pay --gateway http://127.0.0.1:1 hello                                           | wallet_missing",
            "pay --gateway http://127.0.0.1:1 --mint " + OTHER_MINT + " hello                    | rpc_missing",
            "pay --gateway http://127.0.0.1:1 --wallet nowhere.json hello                     | key_unreadable",
            "escrow show " + KEY + "                                                          | rpc_missing",
            "escrow show " + KEY + " --rpc http://127.0.0.1:1                                 | market_missing",
            "escrow show " + KEY + " --rpc http://127.0.0.1:1 --market here                   | key_malformed",
            "escrow show " + KEY + " --stack nowhere.json                                     | stack_unreadable",
            "verify job                                                                       | hash_malformed",
            "verify " + JOB + "                                                               | relayer_missing",
            "verify " + JOB + " --relayer http://127.0.0.1:1                                  | service_unreachable",
            "verify " + JOB + " --batch nowhere.json                                          | file_unreadable",
            "verify --proof nowhere.json                                                      | file_unreadable",
            "pay --gateway http://127.0.0.1:1 --keep proof.json hello                         | proof_absent",
            "pay --gateway http://127.0.0.1:1 --tier confidential --clear --keep p.json hello | proof_absent",
            "claim --kind tip --wallet nowhere.json                                           | credit_kind_unknown",
            "node run --config nowhere.properties                                             | config_unreadable"})
    void what_is_wrong_is_one_line_with_a_code(String command, String code) {
        Ran ran = Ran.command(command.split(" "));
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err().strip().lines()).singleElement().satisfies(line -> assertThat(line).startsWith("nyxos: ").endsWith("[" + code + "]"));
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void a_chain_that_does_not_answer_is_no_fault_of_ours() {
        Keypair.generate().write(folder.resolve("wallet.json"));
        Ran ran = Ran.command("claim", "--rpc", "http://127.0.0.1:1", "--market", KEY, "--wallet", folder.resolve("wallet.json").toString(), "--relayer", "http://127.0.0.1:1");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("[rpc_unreachable]");
    }

    @Test
    void keys_are_made_once_and_shown_again() {
        Ran first = Ran.command("node", "keys", folder.toString());
        assertThat(first.code()).isZero();
        assertThat(first.out()).contains(Keypair.read(folder.resolve("node.json")).publicKey().toBase58(), Keypair.read(folder.resolve("receipt.json")).publicKey().toBase58(),
                Keypair.read(folder.resolve("operator.json")).publicKey().toBase58());
        assertThat(Ran.command("node", "keys", folder.toString()).out()).isEqualTo(first.out());
    }

    @ParameterizedTest
    @CsvSource({"confidential, evidence=none, evidence_missing", "'open,verified', 'engine=http://127.0.0.1:1/v1\nmodel.name=m\nmodel.id=" + JOB + "\nmodel.context=100', engine_not_deterministic"})
    void a_tier_that_cannot_be_served_is_not_promised_on_chain(String tiers, String engine, String code) throws IOException {
        Path file = Files.writeString(folder.resolve("node.properties"), "gateway.url=ws://127.0.0.1:1\ngateway.key=" + KEY + "\nrelayer.url=ws://127.0.0.1:1\nrelayer.key=" + KEY
                + "\nrpc=http://127.0.0.1:1\nmarket=" + KEY + "\nkeys=k\noperator=o\ndata=" + folder.resolve("data") + "\ntiers=" + tiers + "\n" + engine + "\n");
        Ran ran = Ran.command("node", "run", "--config", file.toString());
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("[" + code + "]");
    }

    @Test
    void a_stack_file_that_is_not_one_is_named() throws IOException {
        Path file = Files.writeString(folder.resolve("stack.json"), "{\"gateway\": \"http://127.0.0.1:1\"}");
        assertThat(Ran.command("pay", "--stack", file.toString(), "hello").err()).contains("it lacks relayer", "[stack_malformed]");
    }

    @Test
    void a_batch_document_that_was_changed_is_refused() throws IOException {
        Path file = Files.writeString(folder.resolve("batch.json"), """
                {"pool": "%s", "mint": "%s", "seq": 1, "base": 0, "split": {"slot": 0, "feeBps": 0, "treasury": "%s", "royalties": []}, "receipts": [], "failed": [], "evidence": [], "credits": [], "receiptsRoot": "%s", "receiptsCount": 0,
                 "creditRoot": "%s", "creditSum": "0", "payeeCount": 0}""".formatted(KEY, KEY, KEY, JOB, JOB));
        Ran ran = Ran.command("verify", JOB, "--batch", file.toString());
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("[batch_roots]");
    }
}
