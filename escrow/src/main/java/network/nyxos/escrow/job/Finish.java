package network.nyxos.escrow.job;

import java.util.Locale;
import network.nyxos.escrow.ProtocolException;

/// Why a model stopped.
public enum Finish {
    /// It ended by itself or met a stop string.
    STOP(1),
    /// It reached the most tokens allowed.
    LENGTH(2),
    /// The client went away.
    CANCELLED(3);

    private final int code;

    Finish(int code) {
        this.code = code;
    }

    /// The code in receipts: 1 to 3.
    public int code() {
        return code;
    }

    /// The name on the wire: `stop`, `length`, `cancelled`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProtocolException `finish_unknown`
    public static Finish ofCode(int code) {
        for (Finish finish : values()) {
            if (finish.code == code) {
                return finish;
            }
        }
        throw new ProtocolException("finish_unknown", "a finish is 1 to 3, this is " + code);
    }

    /// @throws ProtocolException `finish_unknown`
    public static Finish ofWireName(String name) {
        for (Finish finish : values()) {
            if (finish.wireName().equals(name)) {
                return finish;
            }
        }
        throw new ProtocolException("finish_unknown", "a finish is stop, length or cancelled, this is '" + name + "'");
    }
}
