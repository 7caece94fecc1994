package network.nyxos.chain;

import java.util.Locale;

/// PostgreSQL could not do what was asked. {@link #code} is stable.
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /// What went wrong, as far as it matters to a caller.
    public enum Kind {
        /// No connection within the time allowed; nothing was changed.
        UNAVAILABLE,
        /// The connection was lost during the commit: the transaction may be committed or not. Read before doing it again.
        COMMIT_UNKNOWN,
        /// PostgreSQL refused a statement; nothing was changed.
        REFUSED
    }

    DatabaseException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /// What went wrong.
    public Kind kind() {
        return kind;
    }

    /// `database_unavailable`, `database_commit_unknown` or `database_refused`.
    public String code() {
        return "database_" + kind.name().toLowerCase(Locale.ROOT);
    }
}
