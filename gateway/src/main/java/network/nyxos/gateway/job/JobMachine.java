package network.nyxos.gateway.job;

import java.util.Optional;
import network.nyxos.escrow.job.Payment;

/// The one place that says how a job may change. Pure: what is stored and reported on a change is the store's.
///
/// ```
/// exact:    PENDING → PAID → RUNNING → EXECUTED
///              ↓        ↘      ↓
///           REFUSED      REFUNDING
/// voucher:             RUNNING → EXECUTED
///                         ↓
///                      RELEASED
/// ```
public final class JobMachine {
    private JobMachine() {
    }

    /// The state in which a job begins: a transfer's outcome is open, a voucher's reservation is made at once.
    public static JobState first(Payment payment) {
        return payment == Payment.EXACT ? JobState.PENDING : JobState.RUNNING;
    }

    /// The state after an event. The same event again leaves the state as it is.
    ///
    /// @return empty when the event cannot happen in this state
    public static Optional<JobState> next(Payment payment, JobState state, JobEvent event) {
        return Optional.ofNullable(switch (event) {
            case JobEvent.Settled _ -> settled(payment, state);
            case JobEvent.SettlementFailed _ -> payment == Payment.EXACT && (state == JobState.PENDING || state == JobState.REFUSED) ? JobState.REFUSED : null;
            case JobEvent.Started _ -> state == JobState.PAID ? JobState.RUNNING : null;
            case JobEvent.Served _ -> state == JobState.RUNNING || state == JobState.EXECUTED ? JobState.EXECUTED : null;
            case JobEvent.Failed _ -> failed(payment, state);
        });
    }

    private static JobState settled(Payment payment, JobState state) {
        if (payment != Payment.EXACT) {
            return null;
        }
        return switch (state) {
            case PENDING -> JobState.PAID;
            case PAID, RUNNING, EXECUTED, REFUNDING -> state;
            case RELEASED, REFUSED -> null;
        };
    }

    private static JobState failed(Payment payment, JobState state) {
        return switch (state) {
            case PAID, RUNNING -> payment == Payment.EXACT ? JobState.REFUNDING : JobState.RELEASED;
            case REFUNDING, RELEASED -> state;
            case PENDING, EXECUTED, REFUSED -> null;
        };
    }
}
