package network.nyxos.escrow.format;

import java.util.Objects;

/// A form that no engine can be held to, or none at all. Says where, and what to do; of what it was given it repeats names of members alone.
public final class FormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String at;
    private final boolean unsupported;

    private FormatException(String at, String message, boolean unsupported) {
        super(message);
        this.at = Objects.requireNonNull(at, "at");
        this.unsupported = unsupported;
    }

    static FormatException wrong(String at, String message) {
        return new FormatException(at, message, false);
    }

    static FormatException unsupported(String at, String message) {
        return new FormatException(at, message, true);
    }

    /// The member that is wrong, for example `schema.properties.age.pattern`.
    public String at() {
        return at;
    }

    /// Whether it means something that replies cannot be held to here, rather than nothing.
    public boolean unsupported() {
        return unsupported;
    }
}
