package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.verdict.CheckLedger;
import network.nyxos.attestation.verdict.Verdict;

import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Judges detached tokens of NVIDIA's Remote Attestation Service. Never throws for what a token contains: whatever is wrong becomes a failed
 * check. The keys are the caller's: pinned, or fetched by its policy.
 */
public final class NrasVerifier {
    private static final String CLAIMS_VERSION = "3.0";
    private static final String SUBJECT = "NVIDIA-PLATFORM-ATTESTATION";
    private static final long LATEST_SECOND = 253_402_300_799L;

    private final JsonWebKeys keys;
    private final GpuChallenge challenge;
    private final NrasPolicy policy;
    private final Instant now;
    private final CheckLedger<NrasCheck> ledger = new CheckLedger<>(NrasCheck.class);
    private boolean development;

    private NrasVerifier(JsonWebKeys keys, GpuChallenge challenge, NrasPolicy policy, Instant now) {
        this.keys = Objects.requireNonNull(keys, "keys");
        this.challenge = Objects.requireNonNull(challenge, "challenge");
        this.policy = Objects.requireNonNull(policy, "policy");
        this.now = Objects.requireNonNull(now, "now");
    }

    /**
     * Judges a detached token.
     *
     * @param eat       as the service gave it
     * @param claimed   how many GPUs the node claims; empty when nobody claims any number, which the verdict then says
     * @param keys      the service's, as the caller trusts them
     * @param challenge what all nonces must answer to
     * @param policy    what is accepted
     * @param now       the one time that everything is judged at
     */
    public static Verdict verify(String eat, Optional<Integer> claimed, JsonWebKeys keys, GpuChallenge challenge, NrasPolicy policy, Instant now) {
        NrasVerifier verifier = new NrasVerifier(keys, challenge, policy, now);
        verifier.judge(eat, claimed);
        Bytes hash = Bytes.of(eat.getBytes(StandardCharsets.UTF_8)).sha256();
        return new Verdict("NVIDIA NRAS token", now, hash, verifier.development, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(),
                verifier.ledger.all());
    }

    private void judge(String eat, Optional<Integer> claimed) {
        DetachedToken detached;
        try {
            detached = DetachedToken.parse(eat);
        } catch (AttestationException e) {
            ledger.record(NrasCheck.EAT_LAYOUT, Optional.of(e.getMessage()), () -> "");
            return;
        }
        int count = detached.gpus().size();
        ledger.record(NrasCheck.EAT_LAYOUT, Optional.empty(), () -> "one overall token and " + count + " of GPUs");
        ledger.require(NrasCheck.EAT_COUNT, claimed.filter(number -> number != count).isEmpty(),
                () -> claimed.isPresent() ? count + " GPUs" : count + " GPUs; no number was claimed",
                () -> "the node claims " + claimed.orElse(count) + " GPUs, tokens are of " + count);
        Map<String, JsonWebToken> gpus = gpuTokens(detached);
        overallToken(detached).ifPresent(overall -> {
            overall(overall);
            digests(overall.claims(), detached);
        });
        if (gpus.size() == count) {
            gpus(gpus);
        }
        ledger.record(NrasCheck.CPU_BINDING, challenge.bindingProblem().filter(why -> policy.requireCpuBinding()), challenge::binding);
    }

    private Optional<JsonWebToken> overallToken(DetachedToken detached) {
        try {
            JsonWebToken token = JsonWebToken.parse(detached.overall());
            ledger.record(NrasCheck.OVERALL_TOKEN, Optional.empty(), () -> JsonWebToken.ALGORITHM + ", key " + token.keyId());
            development |= token.keyId().startsWith(JsonWebKeys.DEVELOPMENT_PREFIX);
            return Optional.of(token);
        } catch (AttestationException e) {
            ledger.record(NrasCheck.OVERALL_TOKEN, Optional.of(e.getMessage()), () -> "");
            return Optional.empty();
        }
    }

    private Map<String, JsonWebToken> gpuTokens(DetachedToken detached) {
        Map<String, JsonWebToken> tokens = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        detached.gpus().forEach((name, text) -> {
            try {
                tokens.put(name, JsonWebToken.parse(text));
            } catch (AttestationException e) {
                wrong.add(name + ": " + e.getMessage());
            }
        });
        ledger.record(NrasCheck.GPU_TOKEN, said(wrong), () -> tokens.size() + " tokens, " + JsonWebToken.ALGORITHM);
        development |= tokens.values().stream().anyMatch(token -> token.keyId().startsWith(JsonWebKeys.DEVELOPMENT_PREFIX));
        return tokens;
    }

    private void overall(JsonWebToken token) {
        JsonNode claims = token.claims();
        Optional<String> keyProblem = keyProblem(token);
        ledger.record(NrasCheck.OVERALL_KEY, keyProblem, token::keyId);
        keys.key(token.keyId()).ifPresent(key -> ledger.record(NrasCheck.OVERALL_SIGNATURE, signatureProblem(token, key), () -> "by " + token.keyId()));
        ledger.record(NrasCheck.OVERALL_ISSUER, issuerProblem(claims), policy::issuer);
        ledger.record(NrasCheck.OVERALL_TIMES, timesProblem(claims), () -> "to " + Instant.ofEpochSecond(claims.path("exp").asLong()));
        ledger.record(NrasCheck.OVERALL_NONCE, nonceProblem(claims), challenge::binding);
        String version = claims.path("x-nvidia-ver").asText();
        ledger.require(NrasCheck.OVERALL_VERSION, version.equals(CLAIMS_VERSION) && claims.path("sub").asText().equals(SUBJECT), () -> "claims of version " + version,
                () -> "claims of version \"" + version + "\" about \"" + claims.path("sub").asText() + "\" are not known here");
        JsonNode result = claims.path("x-nvidia-overall-att-result");
        ledger.require(NrasCheck.OVERALL_RESULT, result.isBoolean() && result.asBoolean(), () -> "true", () -> "the service's result is " + result);
    }

    private void digests(JsonNode claims, DetachedToken detached) {
        List<String> wrong = new ArrayList<>();
        Set<String> named = new HashSet<>();
        claims.path("submods").fields().forEachRemaining(entry -> {
            named.add(entry.getKey());
            Optional.ofNullable(detached.gpus().get(entry.getKey())).ifPresentOrElse(
                    token -> digestProblem(entry.getValue(), token).ifPresent(why -> wrong.add(entry.getKey() + ": " + why)),
                    () -> wrong.add(entry.getKey() + ": its token is missing"));
        });
        detached.gpus().keySet().stream().filter(name -> !named.contains(name)).forEach(name -> wrong.add(name + ": the overall token does not name it"));
        ledger.record(NrasCheck.OVERALL_DIGESTS, said(wrong), () -> "SHA-256 of each token");
    }

    private static Optional<String> digestProblem(JsonNode entry, String token) {
        JsonNode digest = entry.path(1);
        if (entry.size() != 2 || !entry.path(0).asText().equals("DIGEST") || digest.size() != 2 || !digest.path(0).asText().equals("SHA-256")) {
            return Optional.of("its entry is not a SHA-256 digest");
        }
        String actual = Bytes.of(token.getBytes(StandardCharsets.UTF_8)).sha256().hex();
        return actual.equalsIgnoreCase(digest.path(1).asText()) ? Optional.empty() : Optional.of("its digest is " + actual + ", stated is " + digest.path(1).asText());
    }

    private void gpus(Map<String, JsonWebToken> tokens) {
        each(NrasCheck.GPU_KEY, tokens, this::keyProblem, () -> "known");
        if (tokens.values().stream().allMatch(token -> keys.key(token.keyId()).isPresent())) {
            each(NrasCheck.GPU_SIGNATURE, tokens, token -> signatureProblem(token, keys.key(token.keyId()).orElseThrow()), () -> "each by its key");
        }
        each(NrasCheck.GPU_ISSUER, tokens, token -> issuerProblem(token.claims()), policy::issuer);
        each(NrasCheck.GPU_TIMES, tokens, token -> timesProblem(token.claims()), () -> "valid");
        each(NrasCheck.GPU_NONCE, tokens, token -> nonceProblem(token.claims()), challenge::binding);
        eachClaims(NrasCheck.GPU_KIND, tokens, GpuClaims::kindProblem, () -> models(tokens));
        eachClaims(NrasCheck.GPU_MEASUREMENTS, tokens, GpuClaims::measurementProblem, () -> "success");
        eachClaims(NrasCheck.GPU_CLAIMS, tokens, GpuClaims::claimsProblem, () -> "report and manifests verified by the service");
        eachClaims(NrasCheck.GPU_CERTIFICATES, tokens, claims -> claims.certificatesProblem(now), () -> "valid and not revoked, says the service");
        eachClaims(NrasCheck.GPU_DEBUG, tokens, GpuClaims::debugProblem, () -> "secure boot, debugging disabled");
        eachClaims(NrasCheck.GPU_DRIVER, tokens, claims -> claims.driverProblem(policy.minimumDriver()), () -> "at least " + policy.minimumDriver());
        distinct(tokens);
    }

    private static String models(Map<String, JsonWebToken> tokens) {
        return String.join(", ", tokens.values().stream().map(token -> token.claims().path("hwmodel").asText()).distinct().toList());
    }

    private void distinct(Map<String, JsonWebToken> tokens) {
        Set<String> devices = new HashSet<>();
        Set<String> ids = new HashSet<>();
        each(NrasCheck.GPU_DISTINCT, tokens, token -> {
            String device = new GpuClaims(token.claims()).device();
            if (device.isEmpty()) {
                return Optional.of("its device states no id");
            }
            boolean fresh = devices.add(device) & ids.add(token.claims().path("jti").asText());
            return fresh ? Optional.empty() : Optional.of("device " + device + " or its token is there twice");
        }, () -> "all differ");
    }

    private void each(NrasCheck check, Map<String, JsonWebToken> tokens, Function<JsonWebToken, Optional<String>> problem, Supplier<String> found) {
        List<String> wrong = new ArrayList<>();
        tokens.forEach((name, token) -> problem.apply(token).ifPresent(why -> wrong.add(name + ": " + why)));
        ledger.record(check, said(wrong), found);
    }

    private void eachClaims(NrasCheck check, Map<String, JsonWebToken> tokens, Function<GpuClaims, Optional<String>> problem, Supplier<String> found) {
        each(check, tokens, token -> problem.apply(new GpuClaims(token.claims())), found);
    }

    private static Optional<String> said(List<String> wrong) {
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
    }

    private Optional<String> keyProblem(JsonWebToken token) {
        if (token.keyId().startsWith(JsonWebKeys.DEVELOPMENT_PREFIX) && !policy.allowDevelopmentKeys()) {
            return Optional.of("\"" + token.keyId() + "\" is a development key, which this policy does not allow");
        }
        return keys.key(token.keyId()).isPresent() ? Optional.empty() : Optional.of("key \"" + token.keyId() + "\" is not among the " + keys.byId().size() + " given");
    }

    private static Optional<String> signatureProblem(JsonWebToken token, ECPublicKey key) {
        return token.signedBy(key) ? Optional.empty() : Optional.of("key \"" + token.keyId() + "\" did not sign this token");
    }

    private Optional<String> issuerProblem(JsonNode claims) {
        JsonNode issuer = claims.path("iss");
        return issuer.isTextual() && issuer.asText().equals(policy.issuer()) ? Optional.empty() : Optional.of("issued by " + issuer + ", must be \"" + policy.issuer() + "\"");
    }

    private Optional<String> timesProblem(JsonNode claims) {
        for (String name : List.of("iat", "nbf", "exp")) {
            JsonNode time = claims.path(name);
            if (!time.isIntegralNumber() || !time.canConvertToLong() || time.asLong() < 0 || time.asLong() > LATEST_SECOND) {
                return Optional.of(name + " is " + time + ", must be a time in seconds");
            }
        }
        Instant issued = Instant.ofEpochSecond(claims.path("iat").asLong());
        Instant begins = Instant.ofEpochSecond(claims.path("nbf").asLong());
        Instant ends = Instant.ofEpochSecond(claims.path("exp").asLong());
        Instant latest = now.plus(policy.clockSkew());
        if (issued.isAfter(latest) || begins.isAfter(latest)) {
            return Optional.of("issued at " + issued + " and valid from " + begins + ", which is in the future");
        }
        if (!now.minus(policy.clockSkew()).isBefore(ends)) {
            return Optional.of("expired at " + ends);
        }
        return ends.isAfter(issued.plus(policy.maximumLifetime()))
                ? Optional.of("lives from " + issued + " to " + ends + ", longer than " + policy.maximumLifetime())
                : Optional.empty();
    }

    private Optional<String> nonceProblem(JsonNode claims) {
        JsonNode nonce = claims.path("eat_nonce");
        if (!nonce.isTextual()) {
            return Optional.of("there is no nonce");
        }
        try {
            return challenge.nonceProblem(Bytes.fromHex(nonce.asText()));
        } catch (AttestationException e) {
            return Optional.of("the nonce is not hexadecimal");
        }
    }
}
