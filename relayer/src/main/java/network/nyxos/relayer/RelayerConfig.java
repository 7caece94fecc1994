package network.nyxos.relayer;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.collateral.CollateralSettings;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.relayer.verifier.VerifierClient;
import software.sava.core.accounts.PublicKey;

/// How a relayer runs. One relayer a schema, one relayer a market.
///
/// @param host                  to listen on, for example `127.0.0.1`
/// @param port                  0 = any free one
/// @param operator              the market's operator: settles, posts, pays the fees; also the peer key that nodes see
/// @param rpc                   RPC node
/// @param jdbcUrl               `jdbc:postgresql:…`
/// @param schema                its own
/// @param programs              ids of the two programs
/// @param market                the market's account
/// @param mints                 whose pools it serves
/// @param gateways              whose records and assignments count
/// @param verifiers             of the market, at least its threshold
/// @param gate                  how strict and how patient the gate is
/// @param batches               when batches are made
/// @param policy                for evidence of the confidential tier
/// @param allowDevelopmentRoots whether evidence without hardware behind it counts; never in production
/// @param collateral            how it gets collateral by itself; empty: as nodes bring it along
/// @param accepted              which code the programs may have
public record RelayerConfig(String host, int port, Keypair operator, URI rpc, String jdbcUrl, String schema, Programs programs, PublicKey market,
                            List<PublicKey> mints, Set<PublicKey> gateways, List<VerifierClient.Endpoint> verifiers, Gate gate, Batches batches,
                            Policy policy, boolean allowDevelopmentRoots, Optional<CollateralSettings> collateral, AcceptedPrograms accepted) {
    /// Whatever code the programs have.
    public RelayerConfig(String host, int port, Keypair operator, URI rpc, String jdbcUrl, String schema, Programs programs, PublicKey market, List<PublicKey> mints,
                         Set<PublicKey> gateways, List<VerifierClient.Endpoint> verifiers, Gate gate, Batches batches, Policy policy, boolean allowDevelopmentRoots,
                         Optional<CollateralSettings> collateral) {
        this(host, port, operator, rpc, jdbcUrl, schema, programs, market, mints, gateways, verifiers, gate, batches, policy, allowDevelopmentRoots, collateral,
            AcceptedPrograms.ANY);
    }

    /// The same at another port.
    public RelayerConfig onPort(int other) {
        return new RelayerConfig(host, other, operator, rpc, jdbcUrl, schema, programs, market, mints, gateways, verifiers, gate, batches, policy, allowDevelopmentRoots,
            collateral, accepted);
    }

    /// The gate's settings.
    ///
    /// @param sampling         how often verified jobs are replayed
    /// @param reserveTimeout   how long a job without an assignment may stay reserved
    /// @param patience         how long behind its deadline a job may wait for what its gate needs
    /// @param retry            how long until a waiting job is looked at again
    /// @param callTimeout      how long a node may take to reveal or replay
    /// @param evidenceLifetime how long evidence counts
    public record Gate(SampleRule sampling, Duration reserveTimeout, Duration patience, Duration retry, Duration callTimeout, Duration evidenceLifetime) {
        /// All of a new node's jobs replayed, 2 % of an old one's; 10 min reserved; 10 min patience; looked at each second; 2 min a call; evidence an hour.
        public static final Gate DEFAULT = new Gate(SampleRule.DEFAULT, Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofMinutes(2),
            Duration.ofHours(1));
    }

    /// The batches' settings.
    ///
    /// @param maxJobs      the most jobs in a batch, 1 to 10 000
    /// @param interval     how long the oldest job waits at most before a batch is opened
    /// @param tick         how often a batch under way is looked at
    /// @param pushTreasury whether the treasury's claims are sent, too
    public record Batches(int maxJobs, Duration interval, Duration tick, boolean pushTreasury) {
        /// 1 000 jobs, a minute, four looks a second, treasury not pushed.
        public static final Batches DEFAULT = new Batches(1_000, Duration.ofMinutes(1), Duration.ofMillis(250), false);
    }

    /// @throws ProtocolException `config_relayer`, `config_development`
    public RelayerConfig {
        mints = List.copyOf(mints);
        gateways = Set.copyOf(gateways);
        verifiers = List.copyOf(verifiers);
        if (port < 0 || port > 65_535 || mints.isEmpty() || gateways.isEmpty()) {
            throw new ProtocolException("config_relayer", "a relayer needs a port of 0 to 65535, a mint and a gateway");
        }
        if (policy.allowDevelopmentRoots() && !allowDevelopmentRoots) {
            throw new ProtocolException("config_development", "the policy allows development roots, this configuration does not");
        }
    }
}
