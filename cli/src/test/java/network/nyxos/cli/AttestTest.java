package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.development.DevelopmentTee;
import network.nyxos.attestation.eventlog.EventLog;
import network.nyxos.attestation.nvidia.Devices;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttestTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final DevelopmentTee TEE = DevelopmentTee.create(NOW);
    private static final Bytes REPORT_DATA = Bytes.fromHex("0102030405060708").concat(Bytes.zeros(56));
    private static final byte[] QUOTE = TEE.quote(REPORT_DATA, DevelopmentTee.measurementOf("node"));
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private Path folder;

    @BeforeEach
    void files() throws IOException {
        Files.write(folder.resolve("quote.bin"), QUOTE);
        Files.writeString(folder.resolve("quote.hex"), HexFormat.of().formatHex(QUOTE) + "\n");
        Files.writeString(folder.resolve("quote.b64"), Base64.getMimeEncoder().encodeToString(QUOTE));
        Files.writeString(folder.resolve("collateral.json"), TEE.collateral(NOW).toJson());
        Files.writeString(folder.resolve("root.pem"), TEE.rootPem());
    }

    /** Runs {@code nyxos attest}; an argument that begins with @ is a file of the test's folder. */
    private Ran attest(String... arguments) {
        List<String> line = new ArrayList<>(List.of("attest"));
        Stream.of(arguments).map(argument -> argument.startsWith("@") ? folder.resolve(argument.substring(1)).toString() : argument).forEach(line::add);
        return Ran.command(line.toArray(String[]::new));
    }

    private Ran verify(String evidence, String... more) {
        return attest(Stream.concat(Stream.of("verify", "--kind", "tdx", "--evidence", evidence, "--collateral", "@collateral.json", "--at", NOW.toString()),
                Stream.of(more)).toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"@quote.bin", "@quote.hex", "@quote.b64"})
    void trusted_evidence_in_any_form_exits_with_0(String evidence) throws IOException {
        Ran ran = verify(evidence, "--root", "@root.pem", "--nonce", "0102030405060708", "--json");
        assertThat(ran.code()).as(ran.out() + ran.err()).isZero();
        JsonNode verdict = JSON.readTree(ran.out());
        assertThat(verdict.path("accepted").asBoolean()).isTrue();
        assertThat(verdict.path("development").asBoolean()).isTrue();
        assertThat(verdict.path("tcbStatus").asText()).isEqualTo("UpToDate");
        assertThat(verdict.path("checks")).isNotEmpty();
    }

    @Test
    void whatever_is_not_trusted_exits_with_1_and_every_check_has_a_line() {
        Ran strict = verify("@quote.bin");
        assertThat(strict.code()).isEqualTo(1);
        assertThat(strict.out()).startsWith("REFUSED Intel TDX").contains("DEVELOPMENT", "[FAIL] tdx.pck.root", "[ ok ] tdx.quote.signature");
        Ran nonce = verify("@quote.bin", "--root", "@root.pem", "--nonce", "01");
        assertThat(nonce.code()).isEqualTo(1);
        assertThat(nonce.out()).contains("[FAIL] tdx.policy.report-data");
        Ran late = verify("@quote.bin", "--root", "@root.pem", "--at", "2026-07-01T00:00:00Z");
        assertThat(late.code()).isEqualTo(1);
        assertThat(late.out()).contains("[FAIL] tdx.collateral.freshness");
    }

    @Test
    void an_event_log_counts_when_its_replay_gives_the_registers_of_the_quote() throws Exception {
        byte[] extended = "\u0001\0\0\u0008:app-id:\u00ab".getBytes(StandardCharsets.ISO_8859_1);
        String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-384").digest(extended));
        String log = "[{\"imr\":3,\"event_type\":134217729,\"digest\":\"" + digest + "\",\"event\":\"app-id\",\"event_payload\":\"ab\"}]";
        Map<Measurement.Register, Bytes> registers = new EnumMap<>(EventLog.parseDstack(log).replay().registers());
        Files.write(folder.resolve("extended.bin"), TEE.quote(Bytes.zeros(64), new Measurement(registers)));
        Files.writeString(folder.resolve("log.json"), log);

        Ran replayed = verify("@extended.bin", "--root", "@root.pem", "--event-log", "@log.json");
        assertThat(replayed.code()).as(replayed.out()).isZero();
        assertThat(replayed.out()).contains("[ ok ] tdx.event-log", "replays to RTMR0 to RTMR3, events: 1; proven: app-id ab");

        Ran foreign = verify("@quote.bin", "--root", "@root.pem", "--event-log", "@log.json");
        assertThat(foreign.code()).isEqualTo(1);
        assertThat(foreign.out()).startsWith("REFUSED").contains("[FAIL] tdx.event-log", "the quote says");
    }

    @Test
    void a_policy_file_says_what_is_accepted_in_json_and_in_yaml() throws IOException {
        String root = TEE.rootPem().replace("\n", "\\n");
        Files.writeString(folder.resolve("policy.json"), "{\"roots\": [\"" + root + "\"], \"allowDevelopmentRoots\": true}");
        assertThat(verify("@quote.bin", "--policy", "@policy.json").code()).isZero();
        Files.writeString(folder.resolve("policy.yaml"), "roots: [\"" + root + "\"]\nallowDevelopmentRoots: true\ngpuRequired: true\n");
        Ran ran = verify("@quote.bin", "--policy", "@policy.yaml");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("[FAIL] tdx.policy.gpu");
        Devices.Device unreadable = new Devices.Device(Bytes.zeros(40), "none");
        Files.writeString(folder.resolve("devices.json"), Devices.shown(List.of(unreadable), List.of()).toJson());
        Ran machine = verify("@quote.bin", "--policy", "@policy.yaml", "--devices", "@devices.json");
        assertThat(machine.code()).isEqualTo(1);
        assertThat(machine.out()).contains("REFUSED Intel TDX with 1 NVIDIA GPUs", "[ ok ] tdx.policy.gpu", "[FAIL] gpu.0.nvidia.report.version");
    }

    @Test
    void policies_for_tokens_and_gpus_are_files_too_in_json_and_in_yaml() throws IOException {
        Files.writeString(folder.resolve("tokens.yaml"), "minimumDriver: \"550.90.07\"\nclockSkewSeconds: 5\n");
        Files.writeString(folder.resolve("tokens.json"), "{\"minimumDriver\": \"550.90.07\", \"clockSkewSeconds\": 5}");
        Files.writeString(folder.resolve("number.yaml"), "minimumDriver: 550.90\n");
        for (String policy : List.of("@tokens.yaml", "@tokens.json")) {
            Ran ran = attest("verify", "--kind", "nras", "--evidence", "@collateral.json", "--policy", policy);
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.out()).as("judged, and refused for what it is").contains("REFUSED");
        }
        assertThat(attest("verify", "--kind", "nras", "--evidence", "@collateral.json", "--policy", "@number.yaml").err()).contains("stand in quotes", "[policy.invalid]");
        assertThat(attest("verify", "--kind", "nvidia", "--evidence", "@quote.bin", "--collateral", "@root.pem", "--policy", "@number.yaml").err())
                .contains("stand in quotes", "[policy.invalid]");
        Files.writeString(folder.resolve("gpu.yaml"), "manifests: when-given\nminimumDriver: \"550\"\n");
        assertThat(attest("verify", "--kind", "nvidia", "--evidence", "@quote.bin", "--collateral", "@root.pem", "--policy", "@gpu.yaml").out()).contains("REFUSED");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "verify --kind tdx --evidence @quote.bin                                                          | collateral_missing",
        "verify --kind snp --evidence @quote.bin                                                          | collateral_missing",
        "verify --kind nvidia --evidence @quote.bin                                                       | collateral_missing",
        "verify --kind tdx --evidence @none --collateral @collateral.json                                 | file_unreadable",
        "verify --kind tdx --evidence @quote.bin --collateral @root.pem                                   | collateral.json",
        "verify --kind snp --evidence @quote.bin --collateral @root.pem                                   | snp.endorsements",
        "verify --kind snp --evidence @quote.bin --collateral @quote.bin                                  | collateral_malformed",
        "verify --kind tdx --evidence @quote.bin --collateral @collateral.json --root @quote.bin          | collateral_malformed",
        "verify --kind tdx --evidence @quote.bin --collateral @collateral.json --nonce xy                 | nonce_malformed",
        "verify --kind tdx --evidence @quote.bin --collateral @collateral.json --at noon                  | time_malformed",
        "verify --kind tdx --evidence @quote.bin --collateral @collateral.json --policy @collateral.json  | policy.invalid",
        "verify --kind nras --evidence @collateral.json --policy @collateral.json                         | policy.invalid",
        "verify --kind nras --evidence @collateral.json --root @root.pem                                  | option_unsupported",
        "verify --kind nras --evidence @collateral.json --devices @collateral.json                        | option_unsupported",
        "verify --kind tdx --evidence @quote.bin --collateral @collateral.json --devices @root.pem        | nvidia.devices",
        "verify --kind tdx --evidence @quote.bin --collateral @collateral.json --event-log @root.pem      | eventlog.format",
        "verify --kind nras --evidence @collateral.json --event-log @root.pem                             | option_unsupported",
        "show @root.pem                                                                                   | kind_unknown",
        "show --kind snp @quote.bin                                                                       | snp.report.layout",
        "check @root.pem                                                                                  | manifest_malformed"})
    void what_is_wrong_is_one_line_with_a_code(String command, String code) {
        Ran ran = attest(command.split(" "));
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err().strip().lines()).singleElement().satisfies(line -> assertThat(line).startsWith("nyxos: ").endsWith("[" + code + "]"));
        assertThat(ran.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"attest", "attest verify", "attest verify --kind tdx", "attest verify --kind sgx --evidence a", "attest show", "attest check"})
    void wrong_usage_is_told_apart(String command) {
        assertThat(Ran.command(command.split(" ")).code()).isEqualTo(2);
    }

    @Test
    void show_prints_every_field() throws IOException {
        Ran ran = attest("show", "@quote.bin");
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("mrtd", "rtmr3", "qe.mrsigner", "pck.fmspc", "certificate.3");
        JsonNode fields = JSON.readTree(attest("show", "--json", "@quote.hex").out());
        assertThat(fields.path("reportdata").asText()).isEqualTo(REPORT_DATA.hex());
        assertThat(fields.path("version").asText()).isEqualTo("4");
    }

    @Test
    void a_vector_that_cannot_be_read_or_is_of_another_kind_is_never_accepted() throws IOException {
        Files.writeString(folder.resolve("manifest.json"), """
                {"vectors": [
                  {"id": "a", "kind": "tdx-quote", "quote": "quote.bin", "collateral": "collateral.json", "root": "root.pem", "now": %d, "expected": "ACCEPT"},
                  {"id": "b", "kind": "tdx-quote", "quote": "quote.bin", "collateral": "collateral.json", "now": %d, "expected": "REJECT"},
                  {"id": "c", "kind": "tdx-quote", "quote": "gone.bin", "collateral": "collateral.json", "now": 1},
                  {"id": "d", "kind": "tdx-quote", "quote": "quote.bin", "collateral": "collateral.json"},
                  {"id": "e", "kind": "horoscope", "expected": "ACCEPT"}]}
                """.formatted(NOW.getEpochSecond(), NOW.getEpochSecond()));
        Ran ran = attest("check", "@manifest.json");
        List<JsonNode> lines = lines(ran);
        assertThat(lines).extracting(line -> line.path("id").asText()).containsExactly("a", "b", "c", "d", "e");
        assertThat(lines).extracting(line -> line.path("verdict").asText()).containsExactly("ACCEPT", "REJECT", "REJECT", "REJECT", "REJECT");
        assertThat(lines.get(0).path("status").asText()).isEqualTo("UpToDate");
        assertThat(lines.get(1).path("reason").asText()).startsWith("tdx.pck.root: ");
        assertThat(lines.get(2).path("reason").asText()).startsWith("file_unreadable: ");
        assertThat(lines.get(3).path("reason").asText()).startsWith("vector_malformed: ");
        assertThat(lines.get(4).path("reason").asText()).startsWith("not supported yet");
        assertThat(lines.get(4).path("status").isNull()).isTrue();
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("5 vectors: 1 accepted, 3 rejected, 1 not supported yet (rejected); 0 differ");
    }

    @Test
    void every_recorded_vector_gets_the_verdict_that_the_manifest_states() throws IOException {
        Path manifest = recorded();
        Ran ran = Ran.command("attest", "check", manifest.toString());
        List<JsonNode> lines = lines(ran);
        JsonNode vectors = JSON.readTree(Files.readString(manifest)).path("vectors");
        assertThat(lines).hasSize(vectors.size());
        for (int i = 0; i < lines.size(); i++) {
            JsonNode line = lines.get(i);
            JsonNode vector = vectors.get(i);
            String expected = vector.path("expected").asText();
            assertThat(line.path("id")).isEqualTo(vector.path("id"));
            boolean accepted = line.path("verdict").asText().equals("ACCEPT");
            switch (vector.path("kind").asText()) {
                case "tdx-quote", "sgx-quote", "snp-report", "nv-gpu", "nv-rim" ->
                        assertThat(accepted).as("%s: %s", line, expected).isEqualTo(!expected.contains("REJECT"));
                case "snp-cert", "rtmr-replay" -> assertThat(accepted).as("%s: %s", line, expected).isTrue();
                default -> assertThat(accepted).as("%s: %s", line, expected).isFalse();
            }
            if (vector.hasNonNull("status")) {
                assertThat(line.path("status")).as("%s", line).isEqualTo(vector.path("status"));
            }
            assertThat(line.path("reason").asText()).isNotEmpty();
        }
        assertThat(ran.err()).contains(" 0 not supported yet", "; 0 differ from the manifest");
        assertThat(ran.code()).isZero();
    }

    @Test
    void recorded_reports_are_verified_and_shown_from_their_own_files() {
        Path snp = recorded().resolveSibling("snp");
        String[] verify = {"attest", "verify", "--kind", "snp", "--evidence", snp.resolve("snp3-genoa-azure-trustee.report.bin").toString(), "--at", "1740277308", "--collateral",
            snp.resolve("genoa-vcek-ark.der").toString(), snp.resolve("snp3-genoa-azure-trustee.vcek.der").toString(), snp.resolve("genoa-vcek-ask.der").toString()};
        Ran ran = Ran.command(verify);
        assertThat(ran.code()).as(ran.out() + ran.err()).isZero();
        assertThat(ran.out()).startsWith("ACCEPTED AMD SEV-SNP");
        assertThat(Ran.command("attest", "show", snp.resolve("snp3-genoa-azure-trustee.report.bin").toString()).out()).contains("(Genoa)", "aliasCheck", "reported_tcb", "chip_id");
        String token = recorded().resolveSibling("nras").resolve("hopper_claims_v3_detached_eat.json").toString();
        assertThat(Ran.command("attest", "show", token).out()).contains("NRAS detached token", "overall.iss", "GPU-0.eat_nonce");
        Ran keyless = Ran.command("attest", "verify", "--kind", "nras", "--evidence", token, "--at", "1749602000");
        assertThat(keyless.code()).as("no key is trusted").isEqualTo(1);
        assertThat(keyless.out()).startsWith("REFUSED");
        Path gpu = recorded().resolveSibling("nvgpu").resolve("h100-550.90.07.report.bin");
        assertThat(Ran.command("attest", "show", gpu.toString()).out()).contains("NVIDIA GPU report", "550.90.07", "measurement.64");
        Ran bare = Ran.command("attest", "verify", "--kind", "nvidia", "--evidence", gpu.toString(), "--at", "1749600000", "--collateral",
                gpu.resolveSibling("h100-550.90.07.chain.pem").toString());
        assertThat(bare.code()).as("strict wants reference manifests").isEqualTo(1);
    }

    private static List<JsonNode> lines(Ran ran) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : ran.out().lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    /** The recorded evidence, read where it lies. */
    private static Path recorded() {
        Optional<Path> manifest = Optional.ofNullable(System.getenv("NYXOS_SHARED")).map(Path::of)
                .or(() -> Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent).filter(parent -> Files.exists(parent.resolve(".git"))).findFirst()
                        .map(repository -> repository.resolveSibling("shared")))
                .map(shared -> shared.resolve("attestation").resolve("manifest.json")).filter(Files::isRegularFile);
        if (manifest.isEmpty() && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("recorded evidence is missing: neither NYXOS_SHARED nor ../shared has attestation/manifest.json");
        }
        Assumptions.assumeTrue(manifest.isPresent(), "recorded evidence is absent: set NYXOS_SHARED or put it at ../shared");
        return manifest.orElseThrow();
    }
}
