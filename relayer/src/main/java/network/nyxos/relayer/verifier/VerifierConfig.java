package network.nyxos.relayer.verifier;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.escrow.ProtocolException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.program.Programs;
import network.nyxos.escrow.standing.SampleRule;
import network.nyxos.relayer.dispute.Replayer;
import software.sava.core.accounts.PublicKey;

/// How a verifier runs.
///
/// @param host                  to listen on, for example `127.0.0.1`
/// @param port                  0 = any free one
/// @param key                   one of the market's verifiers
/// @param rpc                   its own RPC node
/// @param jdbcUrl               `jdbc:postgresql:…`
/// @param schema                its own
/// @param programs              ids of the two programs
/// @param market                the market's account
/// @param mints                 whose pools it signs for
/// @param gateways              whose assignments count
/// @param sampling              how often verified jobs must have been replayed at least
/// @param policy                for evidence of the confidential tier
/// @param allowDevelopmentRoots whether evidence without hardware behind it counts; never in production
/// @param relayer               where documents of batches come from that it missed; not trusted
/// @param accepted              which code the programs may have
/// @param replayer              runs disputed jobs again; without a model it convicts nobody
public record VerifierConfig(String host, int port, Keypair key, URI rpc, String jdbcUrl, String schema, Programs programs, PublicKey market,
                             List<PublicKey> mints, Set<PublicKey> gateways, SampleRule sampling, Policy policy, boolean allowDevelopmentRoots,
                             Optional<URI> relayer, AcceptedPrograms accepted, Replayer replayer) {
    /// Whatever code the programs have, and without a model.
    public VerifierConfig(String host, int port, Keypair key, URI rpc, String jdbcUrl, String schema, Programs programs, PublicKey market, List<PublicKey> mints,
                          Set<PublicKey> gateways, SampleRule sampling, Policy policy, boolean allowDevelopmentRoots, Optional<URI> relayer) {
        this(host, port, key, rpc, jdbcUrl, schema, programs, market, mints, gateways, sampling, policy, allowDevelopmentRoots, relayer, AcceptedPrograms.ANY, Replayer.NONE);
    }

    /// The same with an engine of its own.
    public VerifierConfig replayingBy(Replayer own) {
        return new VerifierConfig(host, port, key, rpc, jdbcUrl, schema, programs, market, mints, gateways, sampling, policy, allowDevelopmentRoots, relayer, accepted, own);
    }

    /// @throws ProtocolException `config_verifier`
    public VerifierConfig {
        mints = List.copyOf(mints);
        gateways = Set.copyOf(gateways);
        if (port < 0 || port > 65_535 || mints.isEmpty()) {
            throw new ProtocolException("config_verifier", "a verifier needs a port of 0 to 65535 and a mint");
        }
        if (policy.allowDevelopmentRoots() && !allowDevelopmentRoots) {
            throw new ProtocolException("config_development", "the policy allows development roots, this configuration does not");
        }
    }
}
