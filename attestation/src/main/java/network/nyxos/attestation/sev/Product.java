package network.nyxos.attestation.sev;

import network.nyxos.attestation.pki.TrustAnchor;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A processor line with roots of its own. The stepping does not matter: it shares its line's keys. */
public enum Product {
    /** EPYC 7003. */
    MILAN("Milan", TrustAnchor.Family.AMD_MILAN, TrustAnchor.Family.DEVELOPMENT_MILAN, TrustAnchor.Family.OWN_MILAN),
    /** EPYC 9004 and 8004. */
    GENOA("Genoa", TrustAnchor.Family.AMD_GENOA, TrustAnchor.Family.DEVELOPMENT_GENOA, TrustAnchor.Family.OWN_GENOA),
    /** EPYC 9005. */
    TURIN("Turin", TrustAnchor.Family.AMD_TURIN, TrustAnchor.Family.DEVELOPMENT_TURIN, TrustAnchor.Family.OWN_TURIN);

    private final String label;
    private final TrustAnchor.Family hardware;
    private final TrustAnchor.Family development;
    private final TrustAnchor.Family own;

    Product(String label, TrustAnchor.Family hardware, TrustAnchor.Family development, TrustAnchor.Family own) {
        this.label = label;
        this.hardware = hardware;
        this.development = development;
        this.own = own;
    }

    /** AMD's spelling. */
    public String label() {
        return label;
    }

    /** Name in policies: lower case. */
    public String key() {
        return label.toLowerCase(Locale.ROOT);
    }

    /** Whose root is AMD's. */
    public TrustAnchor.Family hardware() {
        return hardware;
    }

    /** Whose root stands for no hardware. */
    public TrustAnchor.Family development() {
        return development;
    }

    /** True where TCB versions begin with the FMC, and the hardware id has 8 bytes. */
    public boolean hasFmc() {
        return this == TURIN;
    }

    /** Length of the hardware id in a VCEK. */
    public int hardwareIdBytes() {
        return hasFmc() ? 8 : 64;
    }

    /** The product that this root is of; empty for roots of other makers. */
    public static Optional<Product> of(TrustAnchor.Family family) {
        return Arrays.stream(values()).filter(product -> product.hardware == family || product.development == family || product.own == family).findFirst();
    }

    /** Whether a key's certificate names this product: by its label, or that and a stepping behind a dash. */
    public boolean isNamed(String name) {
        return name.equals(label) || name.startsWith(label + "-");
    }

    /** The product whose root, genuine or development, bears this common name. A name proves nothing; it says what is claimed. */
    public static Optional<Product> claimedBy(String rootName) {
        return Arrays.stream(values())
                .filter(product -> product.hardware.root().equals(rootName) || product.development.root().equals(rootName))
                .findFirst();
    }

    /** The product of this policy name. */
    public static Optional<Product> named(String key) {
        return Arrays.stream(values()).filter(product -> product.key().equals(key)).findFirst();
    }

    /**
     * The product of a processor; empty for one that is not known here.
     *
     * @param family combined CPUID family
     * @param model  combined CPUID model
     */
    public static Optional<Product> ofProcessor(int family, int model) {
        if (family == 0x19) {
            return model <= 0x0f ? Optional.of(MILAN) : model <= 0x1f || model >= 0xa0 && model <= 0xaf ? Optional.of(GENOA) : Optional.empty();
        }
        return family == 0x1a && model <= 0x11 ? Optional.of(TURIN) : Optional.empty();
    }
}
