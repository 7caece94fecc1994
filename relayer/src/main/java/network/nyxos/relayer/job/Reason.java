package network.nyxos.relayer.job;

import java.util.Objects;

/// Why a job is where it is.
///
/// @param code    stable, lower case with underscores; `none` where there is nothing to say
/// @param message for people; holds nothing of a prompt or a reply
public record Reason(String code, String message) {
    /// Nothing to say.
    public static final Reason NONE = new Reason("none", "");

    /// Checks for absence.
    public Reason {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(message, "message");
    }

    @Override
    public String toString() {
        return message.isEmpty() ? code : code + ": " + message;
    }
}
