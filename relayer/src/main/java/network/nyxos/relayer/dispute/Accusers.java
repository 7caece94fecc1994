package network.nyxos.relayer.dispute;

import network.nyxos.relayer.gate.Accusation;
import network.nyxos.relayer.job.Reason;
import software.sava.core.accounts.PublicKey;

/// Nodes that take what they found to the registry's program, with a stake of their own and for half of the liar's bond (docs/disputes.md).
@FunctionalInterface
public interface Accusers {
    /// What a node says to it.
    sealed interface Reply {
        /// It disputes the receipt.
        ///
        /// @param wallet that puts up the stake
        record Accuses(PublicKey wallet) implements Reply {
        }

        /// It will not: it has no stake, or finds nothing that the program could decide.
        record Declines(Reason reason) implements Reply {
        }

        /// It cannot say now.
        record Silent(Reason reason) implements Reply {
        }
    }

    /// Asks the node that replayed a job to dispute its receipt. May be asked again: it disputes once.
    Reply accuse(PublicKey node, Accusation papers);
}
