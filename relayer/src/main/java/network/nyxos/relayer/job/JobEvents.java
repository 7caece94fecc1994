package network.nyxos.relayer.job;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import software.sava.core.accounts.PublicKey;

/// Is told when a job's state or reason has changed, after it is stored. Must not throw and must not wait.
@FunctionalInterface
public interface JobEvents {
    /// @param node  who serves the job, where that is known
    /// @param state the new state
    void changed(Hash job, Optional<PublicKey> node, JobState state, Reason reason);
}
