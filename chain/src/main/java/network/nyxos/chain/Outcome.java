package network.nyxos.chain;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import network.nyxos.escrow.crypto.Signature;

/// What has become of an intent's latest transaction.
///
/// @param intent       the caller's id of what it wants done
/// @param attempt      1 for the first transaction signed for it; 0 when it was rejected before one was stored
/// @param state        where it stands
/// @param signature    the transaction's
/// @param slot         where it was executed, when it was
/// @param error        why the chain did not execute it, when it was rejected or failed
/// @param programError the program's own error behind that, where there is one
public record Outcome(String intent, int attempt, State state, Signature signature, OptionalLong slot, Optional<TransactionError> error,
                      Optional<ProgramError> programError) {
    /// Where a transaction stands.
    public enum State {
        /// Stored; not known to have been sent.
        SIGNED(false),
        /// A node took it.
        SENT(false),
        /// Its blockhash seems too old and it was not found, but that it can never be executed is not proven yet.
        UNKNOWN(false),
        /// Executed and confirmed.
        CONFIRMED(true),
        /// Executed, and failed; the fee is paid, nothing else changed.
        FAILED(true),
        /// Proven: it was not executed and never can be. A new transaction may be signed for the intent.
        EXPIRED(true),
        /// A trial run failed; nothing was stored or sent. The same intent may be tried again.
        REJECTED(true);

        private final boolean last;

        State(boolean last) {
            this.last = last;
        }

        /// Whether nothing more will happen to this transaction.
        public boolean isFinal() {
            return last;
        }
    }

    /// Whether it was executed and succeeded.
    public boolean isConfirmed() {
        return state == State.CONFIRMED;
    }

    /// One line for logs: state, signature, reason.
    public String describe() {
        String reason = programError.map(own -> own.name() + ": " + own.message()).or(() -> error.map(TransactionError::toString)).orElse("");
        return intent + " " + state.name().toLowerCase(Locale.ROOT) + " " + signature + (reason.isEmpty() ? "" : " (" + reason + ")");
    }
}
