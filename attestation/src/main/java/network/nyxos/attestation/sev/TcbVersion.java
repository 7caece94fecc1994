package network.nyxos.attestation.sev;

import network.nyxos.attestation.Bytes;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Security versions of a platform's firmware, 0 to 255 each. They are compared one by one: as one integer, a higher microcode would hide
 * a lower boot loader.
 * <pre>
 * Milan, Genoa   [0] boot loader  [1] TEE           [2-5] zero           [6] SNP    [7] microcode
 * Turin          [0] FMC          [1] boot loader   [2] TEE    [3] SNP   [4-6] zero [7] microcode
 * </pre>
 *
 * @param fmc        Turin only; 0 elsewhere
 * @param bootLoader of the secure processor
 * @param tee        the secure processor's operating system
 * @param snp        the SNP firmware
 * @param microcode  of the cores
 */
public record TcbVersion(int fmc, int bootLoader, int tee, int snp, int microcode) {
    /** Length in a report. */
    public static final int LENGTH = 8;

    /** Reads 8 bytes in {@code product}'s layout; empty when a byte is set that must be zero. */
    public static Optional<TcbVersion> of(Bytes raw, Product product) {
        boolean fmc = product.hasFmc();
        Bytes reserved = fmc ? raw.slice(4, 3) : raw.slice(2, 4);
        if (!reserved.isZero()) {
            return Optional.empty();
        }
        return Optional.of(fmc
                ? new TcbVersion(raw.u8(0), raw.u8(1), raw.u8(2), raw.u8(3), raw.u8(7))
                : new TcbVersion(0, raw.u8(0), raw.u8(1), raw.u8(6), raw.u8(7)));
    }

    /** The 8 bytes in {@code product}'s layout. */
    public Bytes encode(Product product) {
        return Bytes.of(product.hasFmc()
                ? new byte[] {(byte) fmc, (byte) bootLoader, (byte) tee, (byte) snp, 0, 0, 0, (byte) microcode}
                : new byte[] {(byte) bootLoader, (byte) tee, 0, 0, 0, 0, (byte) snp, (byte) microcode});
    }

    /** The components that are lower here than in {@code least}, in words; none when all reach it. */
    public List<String> below(TcbVersion least) {
        List<String> lower = new ArrayList<>();
        compare(lower, "FMC", fmc, least.fmc);
        compare(lower, "boot loader", bootLoader, least.bootLoader);
        compare(lower, "TEE", tee, least.tee);
        compare(lower, "SNP", snp, least.snp);
        compare(lower, "microcode", microcode, least.microcode);
        return lower;
    }

    /** True when no component is higher here than in {@code other}. */
    public boolean isAtMost(TcbVersion other) {
        return other.below(this).isEmpty();
    }

    private static void compare(List<String> lower, String name, int value, int least) {
        if (value < least) {
            lower.add(name + " " + value + " < " + least);
        }
    }

    @Override
    public String toString() {
        return (fmc > 0 ? "FMC " + fmc + ", " : "") + "boot loader " + bootLoader + ", TEE " + tee + ", SNP " + snp + ", microcode " + microcode;
    }
}
