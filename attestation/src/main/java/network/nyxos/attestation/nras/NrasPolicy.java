package network.nyxos.attestation.nras;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.nvidia.DriverVersion;

import java.time.Duration;

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

    /** Checks that the policy makes sense. */
    public NrasPolicy {
        if (issuer.isEmpty() || maximumLifetime.isNegative() || maximumLifetime.isZero() || clockSkew.isNegative() || !DriverVersion.valid(minimumDriver)) {
            throw new AttestationException("policy.invalid", "a policy for tokens needs an issuer, a positive lifetime, a skew that is not negative and a driver version");
        }
    }

    /** Strict: NVIDIA's issuer, an hour (as the service gives), no skew. It asks for no CPU TEE. */
    public static NrasPolicy strict() {
        return new NrasPolicy(NVIDIA_ISSUER, Duration.ofHours(1), Duration.ZERO, "0", false, false);
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
