package network.nyxos.escrow.tree;

import java.util.Locale;
import network.nyxos.escrow.ProtocolException;

/// What a credit is for, which also says where it is paid.
public enum CreditKind {
    /// A node's earnings; the payee is the node key, paid to the registry's `payout` of that node.
    NODE(1),
    /// A model's royalty; the payee is the wallet paid.
    ROYALTY(2),
    /// A validator's share; the payee is the wallet paid.
    VALIDATOR(3),
    /// The market's fee; the payee is the wallet paid.
    TREASURY(4),
    /// A failed job's money going back; the payee is the wallet paid.
    REFUND(5);

    private final int code;

    CreditKind(int code) {
        this.code = code;
    }

    /// The code in leaves and seeds: 1 to 5.
    public int code() {
        return code;
    }

    /// The name in JSON and URLs: lower case.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProtocolException `credit_kind_unknown`
    public static CreditKind ofCode(int code) {
        if (code < 1 || code > values().length) {
            throw new ProtocolException("credit_kind_unknown", "a credit kind is 1 to 5, this is " + code);
        }
        return values()[code - 1];
    }

    /// @throws ProtocolException `credit_kind_unknown`
    public static CreditKind ofWireName(String name) {
        for (CreditKind kind : values()) {
            if (kind.wireName().equals(name)) {
                return kind;
            }
        }
        throw new ProtocolException("credit_kind_unknown", "a credit kind is node, royalty, validator, treasury or refund, this is '" + name + "'");
    }
}
