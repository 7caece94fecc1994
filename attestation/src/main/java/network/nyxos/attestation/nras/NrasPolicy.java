package network.nyxos.attestation.nras;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.nvidia.DriverVersion;
import network.nyxos.attestation.policy.Members;
import network.nyxos.attestation.policy.PolicyText;

import java.time.Duration;
import java.util.Set;

/**
 * What tokens must be to be accepted.
 *
 * @param issuer               who must have issued them
 * @param maximumLifetime      longest time from issue to expiry
 * @param clockSkew            how far the service's clock may be off, either way
 * @param minimumDriver        least driver version; {@code 0} for any
 * @param requireCpuBinding    the nonce must bind the GPUs to a CPU TEE
 * @param allowDevelopmentKeys accept keys whose id starts with {@link JsonWebKeys#DEVELOPMENT_PREFIX}; never in production
 */
public record NrasPolicy(String issuer, Duration maximumLifetime, Duration clockSkew, String minimumDriver, boolean requireCpuBinding,
                         boolean allowDevelopmentKeys) {
    /** Whom NVIDIA's service calls itself. */
    public static final String NVIDIA_ISSUER = "https://nras.attestation.nvidia.com";

    private static final String CODE = Members.CODE;
    private static final Set<String> MEMBERS = Set.of("issuer", "maximumLifetimeSeconds", "clockSkewSeconds", "minimumDriver", "requireCpuBinding",
            "allowDevelopmentKeys");

    /** Checks that the policy makes sense. */
    public NrasPolicy {
        if (issuer.isEmpty() || maximumLifetime.isNegative() || maximumLifetime.isZero() || clockSkew.isNegative() || !DriverVersion.valid(minimumDriver)) {
            throw new AttestationException(CODE, "a policy for tokens needs an issuer, a positive lifetime, a skew that is not negative and a driver version");
        }
    }

    /** Strict: NVIDIA's issuer, an hour (as the service gives), no skew. It asks for no CPU TEE. */
    public static NrasPolicy strict() {
        return new NrasPolicy(NVIDIA_ISSUER, Duration.ofHours(1), Duration.ZERO, "0", false, false);
    }

    /**
     * Reads a policy. All members are optional and default to {@link #strict()}; one that is not known is refused.
     * <pre>
     * { "issuer": "https://nras.attestation.nvidia.com", "maximumLifetimeSeconds": 3600, "clockSkewSeconds": 0, "minimumDriver": "550.90.07",
     *   "requireCpuBinding": true, "allowDevelopmentKeys": false }
     * </pre>
     *
     * @throws AttestationException {@code policy.invalid}
     */
    public static NrasPolicy fromJson(String json) {
        return read(PolicyText.json(json, MEMBERS));
    }

    /**
     * Reads a policy written in YAML: the same members as {@link #fromJson}, one document. Versions must stand in quotes.
     *
     * @throws AttestationException {@code policy.invalid}
     */
    public static NrasPolicy fromYaml(String yaml) {
        return read(PolicyText.yaml(yaml, MEMBERS));
    }

    private static NrasPolicy read(Members members) {
        NrasPolicy strict = strict();
        return new NrasPolicy(members.text("issuer", strict.issuer), seconds(members, "maximumLifetimeSeconds", strict.maximumLifetime),
                seconds(members, "clockSkewSeconds", strict.clockSkew), members.text("minimumDriver", strict.minimumDriver), members.flag("requireCpuBinding", false),
                members.flag("allowDevelopmentKeys", false));
    }

    private static Duration seconds(Members members, String name, Duration otherwise) {
        return Duration.ofSeconds(members.integer(name, Integer.MAX_VALUE, otherwise.toSeconds()));
    }

    /** This with the binding to a CPU TEE required: what a node's GPUs must have. */
    public NrasPolicy withCpuBinding() {
        return new NrasPolicy(issuer, maximumLifetime, clockSkew, minimumDriver, true, allowDevelopmentKeys);
    }

    /** This with another skew. */
    public NrasPolicy withClockSkew(Duration skew) {
        return new NrasPolicy(issuer, maximumLifetime, skew, minimumDriver, requireCpuBinding, allowDevelopmentKeys);
    }

    /** This with another least driver version. */
    public NrasPolicy withMinimumDriver(String least) {
        return new NrasPolicy(issuer, maximumLifetime, clockSkew, least, requireCpuBinding, allowDevelopmentKeys);
    }

    /** This with development keys accepted. */
    public NrasPolicy withDevelopmentKeys() {
        return new NrasPolicy(issuer, maximumLifetime, clockSkew, minimumDriver, requireCpuBinding, true);
    }
}
