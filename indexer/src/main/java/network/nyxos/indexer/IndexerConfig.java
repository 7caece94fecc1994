package network.nyxos.indexer;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import network.nyxos.chain.Commitment;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.escrow.program.Programs;

/// What an indexer is to mirror, and where it serves it.
///
/// @param host address to listen on
/// @param port port to listen on; 0 for a free one
/// @param rpc the cluster's JSON-RPC
/// @param ws the cluster's subscriptions, which only shorten the wait for new rows; empty to poll alone
/// @param jdbcUrl PostgreSQL, with user and password where needed
/// @param schema schema of this indexer in that database
/// @param programs the programs to mirror
/// @param commitment how sure the cluster must be of what is mirrored
/// @param relayer where the contents of batches come from; empty to mirror the chain alone
/// @param market the market that the relayer serves; the first market made when empty
/// @param symbols names of mints for the page, by mint
/// @param developmentAttestation whether nodes' attestations are under a development root, so that every screen says so
/// @param pollInterval longest wait between looks at the chain
/// @param reconcileInterval time between comparisons with the accounts
/// @param accepted which code the programs may have
public record IndexerConfig(String host, int port, URI rpc, Optional<URI> ws, String jdbcUrl, String schema, Programs programs, Commitment commitment,
    Optional<URI> relayer, Optional<String> market, Map<String, String> symbols, boolean developmentAttestation, Duration pollInterval,
    Duration reconcileInterval, AcceptedPrograms accepted) {
    /// @throws IllegalArgumentException when a value is out of its range
    public IndexerConfig {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(rpc, "rpc");
        Objects.requireNonNull(programs, "programs");
        symbols = Map.copyOf(symbols);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, is " + port);
        }
        if (commitment == Commitment.PROCESSED) {
            throw new IllegalArgumentException("commitment must be confirmed or finalized: what is only processed may vanish");
        }
        positive("pollInterval", pollInterval);
        positive("reconcileInterval", reconcileInterval);
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be above zero, is " + value);
        }
    }

    /// A configuration with what most use: 127.0.0.1 on a free port, schema `nyxos_indexer`, finalized, no subscriptions, no relayer, production
    /// attestation, a look every 400 ms, a comparison every 30 s, whatever code the programs have.
    public static IndexerConfig of(URI rpc, String jdbcUrl, Programs programs) {
        return new IndexerConfig("127.0.0.1", 0, rpc, Optional.empty(), jdbcUrl, "nyxos_indexer", programs, Commitment.FINALIZED, Optional.empty(),
            Optional.empty(), Map.of(), false, Duration.ofMillis(400), Duration.ofSeconds(30), AcceptedPrograms.ANY);
    }

    /// With an address to listen on.
    public IndexerConfig listeningOn(String newHost, int newPort) {
        return new IndexerConfig(newHost, newPort, rpc, ws, jdbcUrl, schema, programs, commitment, relayer, market, symbols, developmentAttestation,
            pollInterval, reconcileInterval, accepted);
    }

    /// With subscriptions.
    public IndexerConfig withSubscriptions(URI url) {
        return new IndexerConfig(host, port, rpc, Optional.of(url), jdbcUrl, schema, programs, commitment, relayer, market, symbols, developmentAttestation,
            pollInterval, reconcileInterval, accepted);
    }

    /// With a schema of another name.
    public IndexerConfig withSchema(String name) {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, name, programs, commitment, relayer, market, symbols, developmentAttestation, pollInterval,
            reconcileInterval, accepted);
    }

    /// At another commitment.
    public IndexerConfig at(Commitment newCommitment) {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, schema, programs, newCommitment, relayer, market, symbols, developmentAttestation, pollInterval,
            reconcileInterval, accepted);
    }

    /// With the relayer of a market; the first market made when that is empty.
    public IndexerConfig withRelayer(URI url, Optional<String> itsMarket) {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, schema, programs, commitment, Optional.of(url), itsMarket, symbols, developmentAttestation,
            pollInterval, reconcileInterval, accepted);
    }

    /// With names for mints.
    public IndexerConfig withSymbols(Map<String, String> names) {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, schema, programs, commitment, relayer, market, names, developmentAttestation, pollInterval,
            reconcileInterval, accepted);
    }

    /// On a network whose attestations are under a development root.
    public IndexerConfig onDevelopmentAttestation() {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, schema, programs, commitment, relayer, market, symbols, true, pollInterval, reconcileInterval, accepted);
    }

    /// With other intervals.
    public IndexerConfig every(Duration poll, Duration reconcile) {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, schema, programs, commitment, relayer, market, symbols, developmentAttestation, poll, reconcile,
            accepted);
    }

    /// With programs of certain code alone.
    public IndexerConfig accepting(AcceptedPrograms programsCode) {
        return new IndexerConfig(host, port, rpc, ws, jdbcUrl, schema, programs, commitment, relayer, market, symbols, developmentAttestation, pollInterval,
            reconcileInterval, programsCode);
    }
}
