package network.nyxos.indexer.decode;

import java.util.Arrays;
import network.nyxos.escrow.program.Programs;
import software.sava.core.accounts.PublicKey;

/// Which of the two programs.
public enum Program {
    /// Nodes, bonds, attestations.
    REGISTRY("registry"),
    /// Deposits, vouchers, batches, claims.
    ESCROW("escrow");

    private final String wireName;

    Program(String wireName) {
        this.wireName = wireName;
    }

    /// Its name in the database and in JSON.
    public String wireName() {
        return wireName;
    }

    /// Its id on a cluster.
    public PublicKey id(Programs programs) {
        return switch (this) {
            case REGISTRY -> programs.registry();
            case ESCROW -> programs.escrow();
        };
    }

    /// The program of a wire name.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Program ofWireName(String name) {
        return Arrays.stream(values()).filter(program -> program.wireName.equals(name)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no program is named " + name));
    }
}
