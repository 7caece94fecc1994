package network.nyxos.relayer.attest;

import java.util.List;
import java.util.Optional;
import network.nyxos.relayer.batch.Sent;
import network.nyxos.relayer.batch.VerifierSignature;
import network.nyxos.relayer.gate.NodeFacts;
import software.sava.core.accounts.PublicKey;

/// The registry on chain, read at the commitment `confirmed`. Every method throws an unchecked exception where the chain cannot be reached.
public interface RecordChain {
    /// A node's registration; empty when the registry knows no such node.
    Optional<NodeFacts> node(PublicKey node);

    /// The slot now.
    long slot();

    /// Whose word counts.
    Panel panel();

    /// Writes a record.
    ///
    /// @param intent     names the transaction: the same intent is one transaction
    /// @param signatures the panel's, over the draft's digest
    Sent record(String intent, RecordDraft draft, List<VerifierSignature> signatures);
}
