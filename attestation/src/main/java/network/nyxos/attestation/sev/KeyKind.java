package network.nyxos.attestation.sev;

import java.util.Arrays;
import java.util.Optional;

/** Whose key signs reports. */
public enum KeyKind {
    /** The chip's own. */
    VCEK("vcek", 0, "SEV-VCEK", "SEV-"),
    /** One that AMD gave to a cloud for its chips: it does not say which chip. */
    VLEK("vlek", 1, "SEV-VLEK", "SEV-VLEK-");

    private final String key;
    private final int number;
    private final String leaf;
    private final String authorityPrefix;

    KeyKind(String key, int number, String leaf, String authorityPrefix) {
        this.key = key;
        this.number = number;
        this.leaf = leaf;
        this.authorityPrefix = authorityPrefix;
    }

    /** Name in policies. */
    public String key() {
        return key;
    }

    /** SIGNING_KEY in a report's KEY_INFO. */
    public int number() {
        return number;
    }

    /** Common name of AMD's certificates of such keys. */
    public String leaf() {
        return leaf;
    }

    /** Common name of AMD's CA that issues them for {@code product}. */
    public String authority(Product product) {
        return authorityPrefix + product.label();
    }

    /** The kind of this SIGNING_KEY. */
    public static Optional<KeyKind> ofNumber(int number) {
        return Arrays.stream(values()).filter(kind -> kind.number == number).findFirst();
    }

    /** The kind of this policy name. */
    public static Optional<KeyKind> named(String key) {
        return Arrays.stream(values()).filter(kind -> kind.key.equals(key)).findFirst();
    }
}
