package network.nyxos.attestation.nras;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.nvidia.DriverVersion;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the service's claims (version 3.0) say of one GPU. A claim that is absent is as bad as one that denies. */
final class GpuClaims {
    private static final String REPORT = "x-nvidia-gpu-attestation-report-";
    private static final String DRIVER = "x-nvidia-gpu-driver-rim-";
    private static final String VBIOS = "x-nvidia-gpu-vbios-rim-";
    private static final List<String> MUST_HOLD = List.of("x-nvidia-gpu-arch-check", REPORT + "parsed", REPORT + "nonce-match", REPORT + "signature-verified",
            REPORT + "cert-chain-fwid-match", DRIVER + "fetched", DRIVER + "schema-validated", DRIVER + "signature-verified", DRIVER + "version-match",
            DRIVER + "measurements-available", VBIOS + "fetched", VBIOS + "schema-validated", VBIOS + "signature-verified", VBIOS + "version-match",
            VBIOS + "measurements-available", "x-nvidia-gpu-vbios-index-no-conflict");
    private static final List<String> CHAINS = List.of(REPORT + "cert-chain", DRIVER + "cert-chain", VBIOS + "cert-chain");
    private static final String NVIDIA = "5703";

    private final JsonNode claims;

    GpuClaims(JsonNode claims) {
        this.claims = claims;
    }

    Optional<String> kindProblem() {
        String model = claims.path("hwmodel").asText();
        if (!claims.path("oemid").asText().equals(NVIDIA)) {
            return Optional.of("the maker is \"" + claims.path("oemid").asText() + "\", must be " + NVIDIA);
        }
        return model.matches("G(H1|B1|B2)\\d\\d( .*)?") ? Optional.empty() : Optional.of("\"" + model + "\" is not a GPU that is known here");
    }

    Optional<String> measurementProblem() {
        return textProblem("measres", "success");
    }

    Optional<String> claimsProblem() {
        List<String> missing = MUST_HOLD.stream().filter(name -> !holds(name)).toList();
        if (!missing.isEmpty()) {
            return Optional.of("not true: " + String.join(", ", missing));
        }
        JsonNode warning = claims.path("x-nvidia-attestation-warning");
        return warning.isNull() || warning.isMissingNode() ? Optional.empty() : Optional.of("the service warns: " + warning);
    }

    Optional<String> certificatesProblem(Instant now) {
        for (String name : CHAINS) {
            Optional<String> problem = chainProblem(claims.path(name), now);
            if (problem.isPresent()) {
                return problem.map(what -> name + ": " + what);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> chainProblem(JsonNode chain, Instant now) {
        String status = chain.path("x-nvidia-cert-status").asText();
        String ocsp = chain.path("x-nvidia-cert-ocsp-status").asText();
        JsonNode reason = chain.path("x-nvidia-cert-revocation-reason");
        if (!status.equals("valid") || !ocsp.equals("good") || !reason.isNull()) {
            return Optional.of("status \"" + status + "\", OCSP \"" + ocsp + "\"" + (reason.isTextual() ? ", revoked for " + reason.asText() : ""));
        }
        try {
            Instant expires = Instant.parse(chain.path("x-nvidia-cert-expiration-date").asText());
            return now.isAfter(expires) ? Optional.of("expired at " + expires) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.of("states no time of expiry");
        }
    }

    Optional<String> debugProblem() {
        return textProblem("dbgstat", "disabled").or(() -> holds("secboot") ? Optional.empty() : Optional.of("secboot is not true"));
    }

    Optional<String> driverProblem(String least) {
        String driver = claims.path("x-nvidia-gpu-driver-version").asText();
        return DriverVersion.atLeast(driver, least) ? Optional.empty() : Optional.of("driver \"" + driver + "\" is older than " + least + " or no version");
    }

    /** The device's own id; no text when it states none. */
    String device() {
        return claims.path("ueid").isTextual() ? claims.path("ueid").asText() : "";
    }

    private boolean holds(String name) {
        return claims.path(name).isBoolean() && claims.path(name).asBoolean();
    }

    private Optional<String> textProblem(String name, String expected) {
        JsonNode value = claims.path(name);
        return value.isTextual() && value.asText().equals(expected) ? Optional.empty() : Optional.of(name + " is " + value + ", must be \"" + expected + "\"");
    }
}
