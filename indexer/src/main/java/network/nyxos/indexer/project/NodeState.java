package network.nyxos.indexer.project;

import java.util.Arrays;

/// State of a node.
public enum NodeState {
    /// May be paid.
    ACTIVE(1, "active"),
    /// Waits for its bond.
    UNBONDING(2, "unbonding"),
    /// Has its bond back.
    WITHDRAWN(3, "withdrawn"),
    /// Lost bond for provable misbehaviour.
    SLASHED(4, "slashed");

    private final int code;
    private final String wireName;

    NodeState(int code, String wireName) {
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
    public static NodeState ofWireName(String name) {
        return Arrays.stream(values()).filter(state -> state.wireName.equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no NodeState is named " + name));
    }

    /// The state of an account's byte.
    ///
    /// @throws IllegalArgumentException when there is none
    public static NodeState ofCode(int code) {
        return Arrays.stream(values()).filter(state -> state.code == code).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no NodeState has code " + code));
    }
}
