package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.RecordedEvidence;
import network.nyxos.attestation.nras.DevelopmentNras.Draft;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

import static network.nyxos.attestation.Mutation.mutated;
import static network.nyxos.attestation.nras.DevelopmentNras.CHALLENGE;
import static network.nyxos.attestation.nras.DevelopmentNras.NOW;
import static network.nyxos.attestation.nras.DevelopmentNras.POLICY;
import static network.nyxos.attestation.nras.DevelopmentNras.encode;
import static network.nyxos.attestation.nras.DevelopmentNras.failures;
import static network.nyxos.attestation.nras.DevelopmentNras.gpuClaims;
import static network.nyxos.attestation.nras.DevelopmentNras.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("Tokens of the attestation service")
class NrasVerifierTest {
    private static final DevelopmentNras NRAS = new DevelopmentNras();
    private static final long SEED = 20_261_121;

    private static void refused(Verdict verdict, String... checks) {
        assertThat(verdict.accepted()).isFalse();
        assertThat(failures(verdict)).as("%s", verdict).containsExactly(checks);
    }

    private static void accepted(Verdict verdict) {
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
    }

    static Stream<Arguments> recorded() {
        return RecordedEvidence.vectors(Set.of("nras-eat")).stream().map(vector -> Arguments.of(vector.path("id").asText(), vector));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recorded")
    @DisplayName("the recorded token: all that can be judged without its service's keys holds, and without them it is refused")
    void recordedToken(String id, JsonNode vector) {
        String eat = new String(RecordedEvidence.read(vector.path("eat").asText()), StandardCharsets.UTF_8);
        GpuChallenge challenge = new GpuChallenge.Fresh(Bytes.fromHex(vector.path("nonce").asText()));
        Instant now = Instant.ofEpochSecond(vector.path("now").asLong());
        assertThat(vector.path("expected").asText()).contains("structure sample").contains("Signature NOT verifiable");

        Verdict verdict = NrasVerifier.verify(eat, Optional.of(1), JsonWebKeys.none(), challenge, NrasPolicy.strict(), now);

        refused(verdict, "nras.overall.key", "nras.gpu.key");
        assertThat(verdict.checks().stream().filter(check -> check.outcome() == Check.Outcome.NOT_REACHED).map(Check::id))
                .containsExactly("nras.overall.signature", "nras.gpu.signature");
        assertThat(failures(NrasVerifier.verify(eat, Optional.of(1), JsonWebKeys.none(), challenge, NrasPolicy.strict(), now.plusSeconds(3600))))
                .contains("nras.overall.times", "nras.gpu.times");
        assertThat(failures(NrasVerifier.verify(eat, Optional.of(1), NRAS.keys, CHALLENGE, NrasPolicy.strict(), now))).contains("nras.overall.nonce", "nras.gpu.nonce");
    }

    @Test
    @DisplayName("no vector of this kind is left out")
    void complete() {
        assertThat(recorded().toList()).hasSize(1);
    }

    @Test
    @DisplayName("the tokens that all these start from are accepted, and name themselves development")
    void control() {
        for (int count : new int[] {1, 2, 8}) {
            Verdict verdict = NrasVerifier.verify(NRAS.draft(count).bundle(), Optional.of(count), NRAS.keys, CHALLENGE, POLICY, NOW);
            accepted(verdict);
            assertThat(verdict.development()).isTrue();
        }
        refused(NrasVerifier.verify(NRAS.draft(1).bundle(), Optional.empty(), NRAS.keys, CHALLENGE, NrasPolicy.strict(), NOW), "nras.overall.key", "nras.gpu.key");
    }

    @Test
    @DisplayName("algorithms: none, HMAC with the public key, another ECDSA, a signature in DER")
    void algorithms() throws Exception {
        refused(NRAS.withOverallToken((draft, token) -> token.append(encode("{\"alg\":\"none\"}")).append('.').append(encode(draft.overall.toString())).append('.')),
                "nras.overall.token");
        for (String algorithm : List.of("none", "HS384", "ES256", "es384", "RS384")) {
            refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header().put("alg", algorithm).toString(), draft.overall.toString()))),
                    "nras.overall.token");
        }
        byte[] publicKey = NRAS.key.getPublic().getEncoded();
        Mac mac = Mac.getInstance("HmacSHA384");
        mac.init(new SecretKeySpec(publicKey, "HmacSHA384"));
        refused(NRAS.withOverallToken((draft, token) -> {
            String signed = encode(header().put("alg", "HS384").toString()) + "." + encode(draft.overall.toString());
            token.append(signed).append('.').append(encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII))));
        }), "nras.overall.token");
        Signature der = Signature.getInstance("SHA384withECDSA");
        der.initSign(NRAS.key.getPrivate());
        Draft draft = NRAS.draft(1);
        String signed = encode(header().toString()) + "." + encode(draft.overall.toString());
        der.update(signed.getBytes(StandardCharsets.US_ASCII));
        refused(NRAS.judge(DevelopmentNras.bundle(signed + "." + encode(der.sign()), draft.gpus)), "nras.overall.token");
    }

    @Test
    @DisplayName("headers: no key or another, keys and certificates that a header brings are not looked at, demands are refused")
    void headers() {
        refused(withHeader(header().put("kid", "nyxos-development-2")), "nras.overall.key");
        refused(withHeader(header().put("kid", 7)), "nras.overall.token");
        ObjectNode critical = header();
        critical.putArray("crit").add("exp");
        refused(withHeader(critical), "nras.overall.token");
        DevelopmentNras impostor = new DevelopmentNras();
        ObjectNode own = header().put("jku", "https://development.invalid/keys");
        own.set("jwk", impostor.publicKey(DevelopmentNras.KEY_ID));
        own.putArray("x5c").add("AAAA");
        Draft draft = NRAS.draft(1);
        refused(NRAS.judge(DevelopmentNras.bundle(impostor.token(own.toString(), draft.overall.toString()), draft.gpus)), "nras.overall.signature");
        accepted(withHeader(own));
    }

    private static Verdict withHeader(ObjectNode header) {
        return NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header.toString(), draft.overall.toString())));
    }

    @Test
    @DisplayName("signatures: altered payload, r or s zero, of another key")
    void signatures() {
        Draft draft = NRAS.draft(1);
        String token = NRAS.token(header().toString(), draft.overall.toString());
        String[] parts = token.split("\\.");
        String payload = encode(draft.overall.toString().replace("overall-token", "overall-taken"));
        refused(NRAS.judge(DevelopmentNras.bundle(parts[0] + "." + payload + "." + parts[2], draft.gpus)), "nras.overall.signature");
        refused(NRAS.judge(DevelopmentNras.bundle(parts[0] + "." + parts[1] + "." + encode(new byte[96]), draft.gpus)), "nras.overall.signature");
        String foreign = new DevelopmentNras().token(header().toString(), gpuClaims(1).toString());
        refused(NRAS.judge(NRAS.draft(1).add("GPU-1", foreign).bundle()), "nras.gpu.signature");
    }

    @Test
    @DisplayName("the text of a token: claims twice, padding, other alphabets, other parts, no UTF-8")
    void text() {
        String twice = "{\"iss\":\"a\",\"iss\":\"b\"}";
        refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header().toString(), twice))), "nras.overall.token");
        refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token("{\"alg\":\"ES384\",\"alg\":\"ES384\",\"kid\":\"nyxos-development-1\"}", draft.overall.toString()))),
                "nras.overall.token");
        refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header().toString(), draft.overall + " {}"))), "nras.overall.token");
        refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header().toString(), "[]"))), "nras.overall.token");
        for (String suffix : List.of("=", " ", ".", ".AA", "\n", "+", "é")) {
            refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header().toString(), draft.overall.toString())).append(suffix)), "nras.overall.token");
        }
        refused(NRAS.withOverallToken((draft, token) -> token.append(NRAS.token(header().toString(), draft.overall.toString())).replace(0, 1, "!")), "nras.overall.token");
        refused(NRAS.withOverallToken((draft, token) -> token.append(encode(header().toString())).append('.').append(encode(new byte[] {(byte) 0xff, (byte) 0xfe})).append('.')
                .append(encode(new byte[96]))), "nras.overall.token");
    }

    @Test
    @DisplayName("the bundle: other forms, a GPU twice, no GPU, something behind it")
    void bundle() {
        String good = NRAS.draft(1).bundle();
        accepted(NRAS.judge(good));
        for (String wrong : List.of("", "{}", "[]", "null", "[1,2]", good + "x", good.replaceFirst("JWT", "JWS"), good.replaceAll("\\{.*}", "{}"),
                good.replaceAll("\\{.*}", "{\"GPU-0\":7}"), "[" + good + "]", good.replaceFirst("\"GPU-0\":", "\"GPU-0\":\"a\",\"GPU-0\":"))) {
            refused(NRAS.judge(wrong), "nras.eat.layout");
        }
    }

    @Test
    @DisplayName("GPU tokens: missing, one more, another in its place, unsigned, twice, more or fewer than claimed")
    void submodules() {
        Draft missing = NRAS.draft(2);
        missing.gpus.remove("GPU-1");
        refused(NRAS.judge(missing.bundle()), "nras.overall.digests");
        Draft more = NRAS.draft(1);
        more.gpus.put("GPU-1", NRAS.token(header().toString(), gpuClaims(1).toString()));
        refused(NRAS.judge(more.bundle()), "nras.overall.digests");
        Draft swapped = NRAS.draft(1);
        swapped.gpus.put("GPU-0", NRAS.token(header().toString(), gpuClaims(5).toString()));
        refused(NRAS.judge(swapped.bundle()), "nras.overall.digests");
        String unsigned = encode("{\"alg\":\"none\"}") + "." + encode(gpuClaims(1).toString()) + ".";
        refused(NRAS.judge(NRAS.draft(1).add("GPU-1", unsigned).bundle()), "nras.gpu.token");
        Draft twice = NRAS.draft(1);
        twice.add("GPU-1", twice.gpus.get("GPU-0"));
        refused(NRAS.judge(twice.bundle()), "nras.gpu.distinct");
        refused(NRAS.withGpu(claims -> claims.put("ueid", "478176379280")), "nras.gpu.distinct");
        refused(NRAS.withGpu(claims -> claims.remove("ueid")), "nras.gpu.distinct");
        refused(NRAS.withOverall(claims -> claims.remove("submods")), "nras.overall.digests");
        refused(NRAS.withOverall(claims -> ((ObjectNode) claims.get("submods")).putArray("GPU-0").add("DIGEST")), "nras.overall.digests");
        refused(NrasVerifier.verify(NRAS.draft(2).bundle(), Optional.of(3), NRAS.keys, CHALLENGE, POLICY, NOW), "nras.eat.count");
    }

    @Test
    @DisplayName("who issued it, of what version, and with which result")
    void overallClaims() {
        refused(NRAS.withOverall(claims -> claims.put("iss", "https://nras.attestation.nvidia.com/")), "nras.overall.issuer");
        refused(NRAS.withOverall(claims -> claims.remove("iss")), "nras.overall.issuer");
        refused(NRAS.withOverall(claims -> claims.put("x-nvidia-ver", "4.0")), "nras.overall.version");
        refused(NRAS.withOverall(claims -> claims.put("sub", "OTHER")), "nras.overall.version");
        refused(NRAS.withOverall(claims -> claims.put("x-nvidia-overall-att-result", false)), "nras.overall.result");
        refused(NRAS.withOverall(claims -> claims.put("x-nvidia-overall-att-result", "true")), "nras.overall.result");
        refused(NRAS.withOverall(claims -> claims.remove("x-nvidia-overall-att-result")), "nras.overall.result");
        refused(NRAS.withGpu(claims -> claims.put("iss", "someone")), "nras.gpu.issuer");
    }

    @Test
    @DisplayName("times: expired to the second, early, without an end, living too long; a skew only where the policy has one")
    void times() {
        long now = NOW.getEpochSecond();
        refused(NRAS.withOverall(claims -> claims.put("exp", now)), "nras.overall.times");
        accepted(NRAS.withOverall(claims -> claims.put("exp", now + 1)));
        refused(NRAS.withOverall(claims -> claims.put("nbf", now + 1)), "nras.overall.times");
        refused(NRAS.withOverall(claims -> claims.put("iat", now + 1)), "nras.overall.times");
        refused(NRAS.withOverall(claims -> claims.put("exp", now + 3541)), "nras.overall.times");
        for (String name : List.of("iat", "nbf", "exp")) {
            refused(NRAS.withOverall(claims -> claims.remove(name)), "nras.overall.times");
            refused(NRAS.withOverall(claims -> claims.put(name, "soon")), "nras.overall.times");
            refused(NRAS.withOverall(claims -> claims.put(name, -1)), "nras.overall.times");
            refused(NRAS.withOverall(claims -> claims.put(name, Long.MAX_VALUE)), "nras.overall.times");
            refused(NRAS.withOverall(claims -> claims.put(name, 1.5)), "nras.overall.times");
        }
        refused(NRAS.withGpu(claims -> claims.put("exp", now)), "nras.gpu.times");
        Draft early = NRAS.draft(1);
        early.overall.put("nbf", now + 5);
        accepted(NrasVerifier.verify(early.bundle(), Optional.empty(), NRAS.keys, CHALLENGE, POLICY.withClockSkew(Duration.ofSeconds(5)), NOW));
    }

    @Test
    @DisplayName("the nonce: another, missing, no hexadecimal, in one token only; and what it binds to")
    void nonces() {
        String other = Bytes.zeros(32).hex();
        refused(NRAS.withOverall(claims -> claims.put("eat_nonce", other)), "nras.overall.nonce");
        Verdict one = NRAS.withGpu(claims -> claims.put("eat_nonce", other));
        refused(one, "nras.gpu.nonce");
        assertThat(one.failures().getFirst().detail()).startsWith("GPU-1: the nonce is ").doesNotContain("GPU-0");
        refused(NRAS.withGpu(claims -> claims.remove("eat_nonce")), "nras.gpu.nonce");
        refused(NRAS.withGpu(claims -> claims.put("eat_nonce", "nonce")), "nras.gpu.nonce");
        refused(NRAS.withGpu(claims -> claims.put("eat_nonce", DevelopmentNras.NONCE.hex().substring(2))), "nras.gpu.nonce");
        refused(NrasVerifier.verify(NRAS.draft(1).bundle(), Optional.empty(), NRAS.keys, CHALLENGE, POLICY.withCpuBinding(), NOW), "nras.binding.cpu");
        GpuChallenge bound = new GpuChallenge.BoundTo(Bytes.zeros(64));
        ObjectNode claims = gpuClaims(0).put("eat_nonce", bound.nonce().orElseThrow().hex());
        Draft draft = NRAS.draft(0).add("GPU-0", NRAS.token(header().toString(), claims.toString()));
        draft.overall.put("eat_nonce", bound.nonce().orElseThrow().hex());
        accepted(NrasVerifier.verify(draft.bundle(), Optional.empty(), NRAS.keys, bound, POLICY.withCpuBinding(), NOW));
    }

    static Stream<String> claimsThatMustHold() {
        return gpuClaims(0).properties().stream().filter(claim -> claim.getValue().isBoolean() && !claim.getKey().equals("secboot")).map(Map.Entry::getKey);
    }

    @ParameterizedTest
    @MethodSource("claimsThatMustHold")
    @DisplayName("a claim of the service that is false, no truth value, or missing")
    void claim(String name) {
        refused(NRAS.withGpu(claims -> claims.put(name, false)), "nras.gpu.claims");
        refused(NRAS.withGpu(claims -> claims.put(name, "true")), "nras.gpu.claims");
        Verdict missing = NRAS.withGpu(claims -> claims.remove(name));
        refused(missing, "nras.gpu.claims");
        assertThat(missing.failures().getFirst().detail()).isEqualTo("GPU-1: not true: " + name);
    }

    @Test
    @DisplayName("measurements, debugging, secure boot, the model, the driver, a warning")
    void gpuFindings() {
        refused(NRAS.withGpu(claims -> claims.put("measres", "fail")), "nras.gpu.measurements");
        refused(NRAS.withGpu(claims -> claims.remove("measres")), "nras.gpu.measurements");
        refused(NRAS.withGpu(claims -> claims.put("dbgstat", "enabled")), "nras.gpu.debug");
        refused(NRAS.withGpu(claims -> claims.put("secboot", false)), "nras.gpu.debug");
        refused(NRAS.withGpu(claims -> claims.remove("secboot")), "nras.gpu.debug");
        for (String model : List.of("LS_10", "AD102", "", "GH1000")) {
            refused(NRAS.withGpu(claims -> claims.put("hwmodel", model)), "nras.gpu.kind");
        }
        accepted(NRAS.withGpu(claims -> claims.put("hwmodel", "GB100 A01 GSP BROM")));
        refused(NRAS.withGpu(claims -> claims.put("oemid", "1")), "nras.gpu.kind");
        refused(NRAS.withGpu(claims -> claims.put("x-nvidia-attestation-warning", "old firmware")), "nras.gpu.claims");
        refused(NrasVerifier.verify(NRAS.draft(1).bundle(), Optional.empty(), NRAS.keys, CHALLENGE, POLICY.withMinimumDriver("551"), NOW), "nras.gpu.driver");
        refused(NRAS.withGpu(claims -> claims.put("x-nvidia-gpu-driver-version", "new")), "nras.gpu.driver");
    }

    @ParameterizedTest
    @ValueSource(strings = {"attestation-report", "driver-rim", "vbios-rim"})
    @DisplayName("a certificate chain that is invalid, revoked, on hold, expired or unstated")
    void certificates(String which) {
        String name = "x-nvidia-gpu-" + which + "-cert-chain";
        refused(NRAS.withGpu(claims -> ((ObjectNode) claims.get(name)).put("x-nvidia-cert-status", "invalid")), "nras.gpu.certificates");
        refused(NRAS.withGpu(claims -> ((ObjectNode) claims.get(name)).put("x-nvidia-cert-ocsp-status", "revoked")), "nras.gpu.certificates");
        Verdict hold = NRAS.withGpu(claims -> ((ObjectNode) claims.get(name)).put("x-nvidia-cert-revocation-reason", "certificateHold"));
        refused(hold, "nras.gpu.certificates");
        assertThat(hold.failures().getFirst().detail()).contains("certificateHold");
        refused(NRAS.withGpu(claims -> ((ObjectNode) claims.get(name)).put("x-nvidia-cert-expiration-date", "2026-05-01T11:59:59Z")), "nras.gpu.certificates");
        refused(NRAS.withGpu(claims -> ((ObjectNode) claims.get(name)).put("x-nvidia-cert-expiration-date", "never")), "nras.gpu.certificates");
        refused(NRAS.withGpu(claims -> claims.remove(name)), "nras.gpu.certificates");
    }

    @Test
    @DisplayName("key sets: other keys are left out; a key id twice, a point off the curve or no key set is refused")
    void keySets() {
        ObjectNode key = NRAS.publicKey("a");
        assertThat(JsonWebKeys.parse(DevelopmentNras.keySet(key, NRAS.publicKey("b"))).byId()).containsOnlyKeys("a", "b");
        assertThat(JsonWebKeys.parse(DevelopmentNras.keySet(key.deepCopy().put("kty", "RSA"), key.deepCopy().put("crv", "P-256"),
                key.deepCopy().put("alg", "ES256"), key.deepCopy().put("use", "enc"), key.deepCopy().put("kid", ""))).byId()).isEmpty();
        for (String wrong : List.of("", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", DevelopmentNras.keySet(key, key),
                DevelopmentNras.keySet(key.deepCopy().put("y", key.get("x").asText())), DevelopmentNras.keySet(key.deepCopy().put("x", "AAAA")),
                DevelopmentNras.keySet(key.deepCopy().put("x", "*")))) {
            assertThatThrownBy(() -> JsonWebKeys.parse(wrong)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("nras.keys.document"));
        }
    }

    @Test
    @DisplayName("a policy file says what it means or is refused")
    void policyFile() {
        assertThat(NrasPolicy.fromJson("{}")).isEqualTo(NrasPolicy.strict());
        assertThat(NrasPolicy.fromJson("{\"clockSkewSeconds\":5,\"minimumDriver\":\"550\",\"requireCpuBinding\":true,\"allowDevelopmentKeys\":true}"))
                .isEqualTo(POLICY.withClockSkew(Duration.ofSeconds(5)).withMinimumDriver("550").withCpuBinding());
        assertThat(NrasPolicy.fromYaml("# ours\nclockSkewSeconds: 5\nminimumDriver: \"550\"\nrequireCpuBinding: true\nallowDevelopmentKeys: true\n"))
                .isEqualTo(POLICY.withClockSkew(Duration.ofSeconds(5)).withMinimumDriver("550").withCpuBinding());
        for (String wrong : List.of("", "issuers: a", "minimumDriver: 550.90", "requireCpuBinding: \"yes\"", "clockSkewSeconds: 1\nclockSkewSeconds: 2")) {
            assertThatThrownBy(() -> NrasPolicy.fromYaml(wrong)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.invalid"));
        }
        for (String wrong : List.of("", "[]", "{\"issuers\":\"a\"}", "{\"issuer\":\"\"}", "{\"maximumLifetimeSeconds\":0}", "{\"clockSkewSeconds\":-1}",
                "{\"minimumDriver\":\"new\"}", "{\"requireCpuBinding\":\"yes\"}", "{\"clockSkewSeconds\":1,\"clockSkewSeconds\":2}")) {
            assertThatThrownBy(() -> NrasPolicy.fromJson(wrong)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.invalid"));
        }
    }

    @Test
    @DisplayName("whatever text comes in, the answer is a verdict or the library's own refusal, and never an acceptance")
    void hostile() {
        Random random = new Random(SEED);
        String good = NRAS.draft(2).bundle();
        String keys = DevelopmentNras.keySet(NRAS.publicKey("a"));
        for (int round = 0; round < 1000; round++) {
            String mutant = mutated(good, random);
            assertThat(NRAS.judge(mutant).accepted()).as("round %d of seed %d", round, SEED).isEqualTo(mutant.equals(good));
            try {
                JsonWebKeys.parse(mutated(keys, random));
            } catch (AttestationException refusal) {
                assertThat(refusal.code()).isEqualTo("nras.keys.document");
            }
            Map<String, String> gpus = new LinkedHashMap<>(Map.of("GPU-0", mutated(encode(header().toString()) + "." + encode(gpuClaims(0).toString()) + ".AAAA", random)));
            assertThat(NRAS.judge(DevelopmentNras.bundle(mutated(good, random), gpus)).accepted()).isFalse();
        }
        assertThat(NRAS.judge("[".repeat(100_000)).accepted()).isFalse();
    }
}
