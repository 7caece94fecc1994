package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** An attestation service made at run time, whose key names itself DEVELOPMENT, and tokens that are right in all but what a test asks for. */
final class DevelopmentNras {
    static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    static final Bytes NONCE = Bytes.of(new byte[] {4}).concat(Bytes.zeros(31));
    static final GpuChallenge CHALLENGE = new GpuChallenge.Fresh(NONCE);
    static final String KEY_ID = JsonWebKeys.DEVELOPMENT_PREFIX + "1";
    static final NrasPolicy POLICY = NrasPolicy.strict().withDevelopmentKeys();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    final KeyPair key = DevelopmentGpuPki.key("secp384r1");
    final JsonWebKeys keys = JsonWebKeys.parse(keySet(publicKey(KEY_ID)));

    static String keySet(ObjectNode... keys) {
        ObjectNode set = JSON.createObjectNode();
        ArrayNode list = set.putArray("keys");
        for (ObjectNode each : keys) {
            list.add(each);
        }
        return set.toString();
    }

    ObjectNode publicKey(String id) {
        ECPublicKey point = (ECPublicKey) key.getPublic();
        return JSON.createObjectNode().put("kty", "EC").put("crv", "P-384").put("kid", id).put("alg", "ES384").put("use", "sig")
                .put("x", coordinate(point.getW().getAffineX())).put("y", coordinate(point.getW().getAffineY()));
    }

    private static String coordinate(BigInteger value) {
        byte[] raw = value.toByteArray();
        byte[] fixed = new byte[48];
        int length = Math.min(raw.length, 48);
        System.arraycopy(raw, raw.length - length, fixed, 48 - length, length);
        return encode(fixed);
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    static ObjectNode header() {
        return JSON.createObjectNode().put("kid", KEY_ID).put("alg", "ES384");
    }

    String token(String header, String claims) {
        String signed = encode(header) + "." + encode(claims);
        return signed + "." + encode(DevelopmentGpuPki.sign(key.getPrivate(), Bytes.of(signed.getBytes(StandardCharsets.US_ASCII))).toArray());
    }

    private static ObjectNode common() {
        return JSON.createObjectNode().put("iss", NrasPolicy.NVIDIA_ISSUER).put("iat", NOW.getEpochSecond() - 60).put("nbf", NOW.getEpochSecond() - 60)
                .put("exp", NOW.getEpochSecond() + 3540).put("eat_nonce", NONCE.hex());
    }

    static ObjectNode gpuClaims(int number) {
        ObjectNode claims = common().put("jti", "gpu-token-" + number).put("ueid", "47817637928" + number).put("hwmodel", "GH100 A01 GSP BROM").put("oemid", "5703")
                .put("measres", "success").put("dbgstat", "disabled").put("secboot", true).put("x-nvidia-gpu-driver-version", "550.90.07");
        for (String name : List.of("arch-check", "attestation-report-parsed", "attestation-report-nonce-match", "attestation-report-signature-verified",
                "attestation-report-cert-chain-fwid-match", "vbios-index-no-conflict")) {
            claims.put("x-nvidia-gpu-" + name, true);
        }
        for (String rim : List.of("driver", "vbios")) {
            for (String name : List.of("fetched", "schema-validated", "signature-verified", "version-match", "measurements-available")) {
                claims.put("x-nvidia-gpu-" + rim + "-rim-" + name, true);
            }
        }
        for (String chain : List.of("attestation-report", "driver-rim", "vbios-rim")) {
            claims.putObject("x-nvidia-gpu-" + chain + "-cert-chain").put("x-nvidia-cert-status", "valid").put("x-nvidia-cert-ocsp-status", "good")
                    .put("x-nvidia-cert-expiration-date", "2027-06-01T02:08:29Z").putNull("x-nvidia-cert-revocation-reason");
        }
        claims.putNull("x-nvidia-attestation-warning");
        return claims;
    }

    /** The parts of a bundle, to be changed before it is put together. */
    final class Draft {
        final Map<String, String> gpus = new LinkedHashMap<>();
        final ObjectNode overall = common().put("jti", "overall-token").put("sub", "NVIDIA-PLATFORM-ATTESTATION").put("x-nvidia-ver", "3.0")
                .put("x-nvidia-overall-att-result", true);
        final ObjectNode submodules = overall.putObject("submods");

        Draft add(String name, String token) {
            gpus.put(name, token);
            submodules.putArray(name).add("DIGEST").addArray().add("SHA-256").add(Bytes.of(token.getBytes(StandardCharsets.UTF_8)).sha256().hex());
            return this;
        }

        String bundle() {
            return DevelopmentNras.bundle(token(header().toString(), overall.toString()), gpus);
        }
    }

    static String bundle(String overall, Map<String, String> gpus) {
        ArrayNode bundle = JSON.createArrayNode();
        bundle.addArray().add("JWT").add(overall);
        ObjectNode tokens = bundle.addObject();
        gpus.forEach(tokens::put);
        return bundle.toString();
    }

    Draft draft(int count) {
        Draft draft = new Draft();
        for (int i = 0; i < count; i++) {
            draft.add("GPU-" + i, token(header().toString(), gpuClaims(i).toString()));
        }
        return draft;
    }

    Verdict judge(String bundle) {
        return NrasVerifier.verify(bundle, Optional.empty(), keys, CHALLENGE, POLICY, NOW);
    }

    Verdict withOverall(Consumer<ObjectNode> change) {
        Draft draft = draft(2);
        change.accept(draft.overall);
        return judge(draft.bundle());
    }

    /** The second of two GPUs changed, properly signed and named. */
    Verdict withGpu(Consumer<ObjectNode> change) {
        ObjectNode claims = gpuClaims(1);
        change.accept(claims);
        return judge(draft(1).add("GPU-1", token(header().toString(), claims.toString())).bundle());
    }

    /** The overall token's header and claims as texts, to be put together by the test. */
    Verdict withOverallToken(BiConsumer<Draft, StringBuilder> token) {
        Draft draft = draft(1);
        StringBuilder text = new StringBuilder();
        token.accept(draft, text);
        return judge(bundle(text.toString(), draft.gpus));
    }

    static List<String> failures(Verdict verdict) {
        return verdict.failures().stream().map(Check::id).toList();
    }
}
