package network.nyxos.chain.program;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/// What a service was told about the chain, to be held against the chain before it serves. Each `with…` method gives a new expectation.
///
/// @param programs       ids of the two programs
/// @param accepted       which code they may have
/// @param cluster        whether a genesis hash is the right cluster's
/// @param clusterName    what that cluster is called, for the message
/// @param market         the market's account
/// @param registryConfig the registry that the market must pay the nodes of
/// @param operator       the market's operator
/// @param verifier       a key that must be one of the market's verifiers
/// @param mints          that the market must have pools for
public record Expectation(Programs programs, AcceptedPrograms accepted, Predicate<Hash> cluster, String clusterName, Optional<PublicKey> market,
                          Optional<PublicKey> registryConfig, Optional<PublicKey> operator, Optional<PublicKey> verifier, List<Mint> mints) {
    /// A mint as the service was told it.
    ///
    /// @param address      the mint
    /// @param tokenProgram its program; empty: whatever the pool has
    /// @param decimals     its decimals; empty: whatever it has
    public record Mint(PublicKey address, Optional<PublicKey> tokenProgram, Optional<Integer> decimals) {
    }

    /// Copies.
    public Expectation {
        mints = List.copyOf(mints);
    }

    /// Expects the programs to be there, and nothing else.
    public static Expectation of(Programs programs, AcceptedPrograms accepted) {
        return new Expectation(programs, accepted, _ -> true, "any", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    /// With a cluster.
    ///
    /// @param name what it is called, for the message
    public Expectation withCluster(String name, Predicate<Hash> genesis) {
        return new Expectation(programs, accepted, genesis, name, market, registryConfig, operator, verifier, mints);
    }

    /// With a market.
    public Expectation withMarket(PublicKey address) {
        return new Expectation(programs, accepted, cluster, clusterName, Optional.of(address), registryConfig, operator, verifier, mints);
    }

    /// With the registry of that market.
    public Expectation withRegistryConfig(PublicKey address) {
        return new Expectation(programs, accepted, cluster, clusterName, market, Optional.of(address), operator, verifier, mints);
    }

    /// With the market's operator.
    public Expectation withOperator(PublicKey key) {
        return new Expectation(programs, accepted, cluster, clusterName, market, registryConfig, Optional.of(key), verifier, mints);
    }

    /// With a key that is one of the market's verifiers.
    public Expectation withVerifier(PublicKey key) {
        return new Expectation(programs, accepted, cluster, clusterName, market, registryConfig, operator, Optional.of(key), mints);
    }

    /// With a mint that the market has a pool for.
    public Expectation withMint(PublicKey address) {
        return with(new Mint(address, Optional.empty(), Optional.empty()));
    }

    /// With mints that the market has pools for.
    public Expectation withMints(List<PublicKey> addresses) {
        Expectation expected = this;
        for (PublicKey address : addresses) {
            expected = expected.withMint(address);
        }
        return expected;
    }

    /// With a mint of this program and these decimals that the market has a pool for.
    public Expectation withMint(PublicKey address, PublicKey tokenProgram, int decimals) {
        return with(new Mint(address, Optional.of(tokenProgram), Optional.of(decimals)));
    }

    private Expectation with(Mint mint) {
        var more = new ArrayList<>(mints);
        more.add(mint);
        return new Expectation(programs, accepted, cluster, clusterName, market, registryConfig, operator, verifier, more);
    }
}
