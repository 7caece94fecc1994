package network.nyxos.relayer.dispute;

import network.nyxos.relayer.gate.NodeCalls;
import network.nyxos.relayer.gate.Rerun;
import network.nyxos.relayer.job.Reason;

/// Runs a job again, here, by an engine of one's own: what decides who of two nodes lied.
@FunctionalInterface
public interface Replayer {
    /// What came of it.
    sealed interface Result {
        /// It ran.
        ///
        /// @param rerun what came out, the trace root under the order's salt
        record Ran(Rerun rerun) implements Result {
        }

        /// It could not be run here.
        ///
        /// @param reason why
        /// @param again  whether it may be possible later
        record Unable(Reason reason, boolean again) implements Result {
        }
    }

    /// Runs a job; takes as long as the job took, or longer.
    Result run(NodeCalls.Order order);

    /// One without any model.
    Replayer NONE = order -> new Result.Unable(new Reason("model_absent", "no engine is configured here, so nothing can be replayed"), false);
}
