package network.nyxos.collateral;

import java.net.URI;
import java.time.Duration;

/// How a service gets collateral by itself.
///
/// @param pccs   base URL of Intel's Provisioning Certification Service, or of a PCCS, for `/sgx/certification/v4/…` and `/tdx/certification/v4/…`
/// @param rootCrl where the revocation list of Intel's root is, DER or hexadecimal
/// @param kds    base URL of AMD's Key Distribution Service, for `/vcek/v1/…`
/// @param rims   base URL of NVIDIA's service of reference manifests, for `/v1/rim/…`
/// @param schema in PostgreSQL; services and instances may share one
/// @param timing when it is fetched anew
public record CollateralSettings(URI pccs, URI rootCrl, URI kds, URI rims, String schema, Timing timing) {
    /// The makers' own services.
    public static final CollateralSettings MAKERS = new CollateralSettings(URI.create("https://api.trustedservices.intel.com"),
        URI.create("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"), URI.create("https://kdsintf.amd.com"),
        URI.create("https://rim.attestation.nvidia.com"), "nyxos_collateral", Timing.DEFAULT);

    /// These with a PCCS for Intel's, the root's list included.
    public CollateralSettings withPccs(URI base) {
        return new CollateralSettings(base, URI.create(Downloads.base(base) + "/sgx/certification/v4/rootcacrl"), kds, rims, schema, timing);
    }

    /// These with another service for AMD's.
    public CollateralSettings withKds(URI base) {
        return new CollateralSettings(pccs, rootCrl, base, rims, schema, timing);
    }

    /// These with another service for NVIDIA's.
    public CollateralSettings withRims(URI base) {
        return new CollateralSettings(pccs, rootCrl, kds, base, schema, timing);
    }

    /// These with other timing.
    public CollateralSettings withTiming(Timing other) {
        return new CollateralSettings(pccs, rootCrl, kds, rims, schema, other);
    }

    /// @throws IllegalArgumentException for another scheme than http or https
    public CollateralSettings {
        for (URI base : new URI[] {pccs, rootCrl, kds, rims}) {
            if (!"https".equals(base.getScheme()) && !"http".equals(base.getScheme())) {
                throw new IllegalArgumentException("collateral is fetched over http or https, not from " + base);
            }
        }
    }

    /// When it is fetched anew.
    ///
    /// @param refreshBefore how long before it expires; at most half of how long it lasts
    /// @param maximumStale  how long it is given out after it has expired, while the service does not answer; zero: not at all. Whether expired collateral is
    ///                      good enough is for the verifier's policy to say, and the strict one refuses it
    /// @param retry         how long a service that failed for a platform is not asked for that platform again
    /// @param unused        how long a platform that nobody asks for is kept fresh
    /// @param look          how often it is looked for what is due
    /// @param perMinute     how many platforms are asked for in a minute, so that evidence that somebody made up is no flood to the makers
    public record Timing(Duration refreshBefore, Duration maximumStale, Duration retry, Duration unused, Duration look, int perMinute) {
        /// Two days before; never stale; a minute; two weeks; a minute; 30.
        public static final Timing DEFAULT = new Timing(Duration.ofDays(2), Duration.ZERO, Duration.ofMinutes(1), Duration.ofDays(14), Duration.ofMinutes(1), 30);

        /// @throws IllegalArgumentException for a negative time, or less than one platform a minute
        public Timing {
            if (refreshBefore.isNegative() || maximumStale.isNegative() || retry.isNegative() || unused.isNegative() || !look.isPositive() || perMinute < 1) {
                throw new IllegalArgumentException("times of collateral must not be negative, look and perMinute must be positive");
            }
        }
    }
}
