package network.nyxos.escrow.program;

import java.util.Arrays;
import java.util.Optional;

/// Kinds of TEE evidence that the registry records (docs/protocol.md §2, Node.attestation_kind); 0 stands for no record.
public enum AttestationKind {
    /// Intel TDX.
    TDX(1, "tdx"),
    /// AMD SEV-SNP.
    SNP(2, "snp");

    private final int code;
    private final String wireName;

    AttestationKind(int code, String wireName) {
        this.code = code;
        this.wireName = wireName;
    }

    /// Its byte on chain.
    public int code() {
        return code;
    }

    /// Its name in messages and documents.
    public String wireName() {
        return wireName;
    }

    /// The kind of a byte; empty for none and for those that this does not know.
    public static Optional<AttestationKind> ofCode(int code) {
        return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
    }

    /// The kind of a name; empty for those that the registry does not record.
    public static Optional<AttestationKind> ofWireName(String name) {
        return Arrays.stream(values()).filter(kind -> kind.wireName.equals(name)).findFirst();
    }
}
