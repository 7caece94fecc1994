package network.nyxos.relayer.verifier;

import java.util.Optional;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.relayer.gate.Ruling;
import network.nyxos.relayer.job.Reason;

/// Why a verifier does not sign.
///
/// @param reason why
/// @param job    the job it is about; empty when it is the whole
/// @param again  whether it may sign the same later
public record Refused(Reason reason, Optional<Hash> job, boolean again) {
    /// The whole is wrong, for ever.
    static Optional<Refused> whole(String code, String message) {
        return Optional.of(new Refused(new Reason(code, message), Optional.empty(), false));
    }

    /// The whole cannot be judged yet.
    static Optional<Refused> notYet(String code, String message) {
        return Optional.of(new Refused(new Reason(code, message), Optional.empty(), true));
    }

    /// What a ruling over a job means; empty for a pass.
    static Optional<Refused> of(Hash job, Ruling ruling) {
        return of(Optional.of(job), ruling);
    }

    /// What a ruling over the whole means; empty for a pass.
    static Optional<Refused> of(Ruling ruling) {
        return of(Optional.empty(), ruling);
    }

    private static Optional<Refused> of(Optional<Hash> job, Ruling ruling) {
        return switch (ruling) {
            case Ruling.Pass() -> Optional.empty();
            case Ruling.Wait(Reason reason) -> Optional.of(new Refused(reason, job, true));
            case Ruling.Refuse(Reason reason) -> Optional.of(new Refused(reason, job, false));
            case Ruling.Dispute(Reason reason, var ignored) -> Optional.of(new Refused(reason, job, false));
        };
    }
}
