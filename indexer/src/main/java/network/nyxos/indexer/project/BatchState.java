package network.nyxos.indexer.project;

import java.util.Arrays;

/// State of a batch.
public enum BatchState {
    /// In its challenge window, or past it and not yet made final.
    POSTED(1, "posted"),
    /// Its credits can be claimed.
    FINAL(2, "final"),
    /// Voided by the verifiers; its credits never count.
    VOID(3, "void");

    private final int code;
    private final String wireName;

    BatchState(int code, String wireName) {
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
    public static BatchState ofWireName(String name) {
        return Arrays.stream(values()).filter(state -> state.wireName.equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no BatchState is named " + name));
    }

    /// The state of an account's byte.
    ///
    /// @throws IllegalArgumentException when there is none
    public static BatchState ofCode(int code) {
        return Arrays.stream(values()).filter(state -> state.code == code).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no BatchState has code " + code));
    }
}
