package network.nyxos.indexer.project;

import java.util.Arrays;

/// State of an escrow.
public enum EscrowState {
    /// Takes deposits, pays vouchers.
    OPEN(1, "open"),
    /// The payer has asked to leave.
    EXITING(2, "exiting"),
    /// The rest went back and the account is closed.
    EXITED(0, "exited");

    private final int code;
    private final String wireName;

    EscrowState(int code, String wireName) {
        this.code = code;
        this.wireName = wireName;
    }

    /// The account's byte for it; 0 where no account has it.
    public int code() {
        return code;
    }

    /// Its name in the database and in JSON.
    public String wireName() {
        return wireName;
    }

    /// The state of a wire name.
    ///
    /// @throws IllegalArgumentException when there is none
    public static EscrowState ofWireName(String name) {
        return Arrays.stream(values()).filter(state -> state.wireName.equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no EscrowState is named " + name));
    }

    /// The state of an account's byte.
    ///
    /// @throws IllegalArgumentException when there is none
    public static EscrowState ofCode(int code) {
        return Arrays.stream(values()).filter(state -> state.code == code).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no EscrowState has code " + code));
    }
}
