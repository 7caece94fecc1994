package network.nyxos.attestation.policy;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.sev.Flag;
import network.nyxos.attestation.sev.GuestFlag;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.PlatformFlag;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an SEV-SNP report must be, beyond what every policy says. A debug guest is never accepted.
 *
 * @param keyKinds             whose keys may sign, at least one. A VLEK does not say which chip it was
 * @param vmpls                the privilege levels that may ask for reports, 0 to 3, at least one
 * @param requiredGuest        bits of the guest policy that must be set
 * @param forbiddenGuest       bits of the guest policy that must not be set
 * @param requiredPlatform     bits of the platform that must be set
 * @param forbiddenPlatform    bits of the platform that must not be set
 * @param floors               least security versions by product; where there are any, a product without one is refused
 * @param minimumGuestSvn      the least GUEST_SVN, unsigned 32 bits
 * @param minimumFirmware      the least SNP firmware, current and committed
 * @param requiredMitigations  bits of CURRENT_MIT_VECTOR that must be set; a report before version 5 has none
 * @param idKeyDigests         accepted ID_KEY_DIGEST, 48 bytes each; none: any, also no ID block
 * @param authorKeyDigests     accepted AUTHOR_KEY_DIGEST, 48 bytes each; none: any, also no author key
 * @param hostData             the HOST_DATA that must be met, 32 bytes; no bytes: any
 * @param allowProvisional     accept firmware that the host can still roll back (COMMITTED below CURRENT)
 * @param requireRevocationList refuse where AMD's revocation list is not given; a given one is always heeded
 */
public record SnpRules(Set<KeyKind> keyKinds, Set<Integer> vmpls, Set<GuestFlag> requiredGuest, Set<GuestFlag> forbiddenGuest,
                       Set<PlatformFlag> requiredPlatform, Set<PlatformFlag> forbiddenPlatform, Map<Product, TcbFloor> floors,
                       long minimumGuestSvn, Firmware minimumFirmware, long requiredMitigations, Set<Bytes> idKeyDigests,
                       Set<Bytes> authorKeyDigests, Bytes hostData, boolean allowProvisional, boolean requireRevocationList) {
    private static final int DIGEST_BYTES = 48;
    private static final int HOST_DATA_BYTES = 32;
    private static final long U32 = 0xffff_ffffL;
    private static final Set<String> MEMBERS = Set.of("keyKinds", "vmpls", "requiredGuestPolicy", "forbiddenGuestPolicy", "requiredPlatform",
            "forbiddenPlatform", "minimumTcb", "minimumGuestSvn", "minimumFirmware", "requiredMitigations", "idKeyDigests", "authorKeyDigests",
            "hostData", "allowProvisionalFirmware", "requireRevocationList");
    private static final Set<String> COMPONENTS = Set.of("fmc", "bootLoader", "tee", "snp", "microcode");

    /**
     * A version of the SNP firmware.
     *
     * @param major 0 to 255
     * @param minor 0 to 255
     * @param build 0 to 255
     */
    public record Firmware(int major, int minor, int build) implements Comparable<Firmware> {
        @Override
        public int compareTo(Firmware other) {
            return Integer.compare(major << 16 | minor << 8 | build, other.major << 16 | other.minor << 8 | other.build);
        }

        @Override
        public String toString() {
            return major + "." + minor + "." + build;
        }
    }

    /** Copies, and checks that the rules can be met. */
    public SnpRules {
        keyKinds = Set.copyOf(keyKinds);
        vmpls = Set.copyOf(vmpls);
        requiredGuest = Set.copyOf(requiredGuest);
        forbiddenGuest = Set.copyOf(forbiddenGuest);
        requiredPlatform = Set.copyOf(requiredPlatform);
        forbiddenPlatform = Set.copyOf(forbiddenPlatform);
        floors = floors.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(floors));
        idKeyDigests = Set.copyOf(idKeyDigests);
        authorKeyDigests = Set.copyOf(authorKeyDigests);
        Members.require(!keyKinds.isEmpty(), "SNP rules accept at least one kind of key");
        Members.require(!vmpls.isEmpty() && vmpls.stream().allMatch(vmpl -> vmpl >= 0 && vmpl <= 3), "VMPLs are 0 to 3, at least one: " + vmpls);
        Members.require(!requiredGuest.contains(GuestFlag.DEBUG), "a debug guest can never be accepted, so debug cannot be required");
        contradiction(requiredGuest, forbiddenGuest, "the guest policy");
        contradiction(requiredPlatform, forbiddenPlatform, "the platform");
        Members.require(minimumGuestSvn >= 0 && minimumGuestSvn <= U32, "minimumGuestSvn is " + minimumGuestSvn + ", must be from 0 to " + U32);
        Members.require(hostData.isEmpty() || hostData.size() == HOST_DATA_BYTES, "host data has " + hostData.size() + " bytes, must have 32");
        for (Set<Bytes> digests : List.of(idKeyDigests, authorKeyDigests)) {
            Members.require(digests.stream().allMatch(digest -> digest.size() == DIGEST_BYTES), "a key digest has 48 bytes");
        }
    }

    /** Strict: the chip's own key, VMPL 0, no migration, no CXL memory. */
    public static SnpRules strict() {
        return new SnpRules(Set.of(KeyKind.VCEK), Set.of(0), Set.of(), Set.of(GuestFlag.DEBUG, GuestFlag.MIGRATION_AGENT, GuestFlag.CXL),
                Set.of(), Set.of(), Map.of(), 0, new Firmware(0, 0, 0), 0, Set.of(), Set.of(), Bytes.EMPTY, true, false);
    }

    static SnpRules read(Members m) {
        SnpRules strict = strict();
        return new SnpRules(
                m.has("keyKinds") ? m.set("keyKinds", KeyKind::named, Arrays.stream(KeyKind.values()).map(KeyKind::key).toList()) : strict.keyKinds,
                m.has("vmpls") ? m.integers("vmpls", 3) : strict.vmpls,
                flags(m, "requiredGuestPolicy", GuestFlag.values(), strict.requiredGuest),
                flags(m, "forbiddenGuestPolicy", GuestFlag.values(), strict.forbiddenGuest),
                flags(m, "requiredPlatform", PlatformFlag.values(), strict.requiredPlatform),
                flags(m, "forbiddenPlatform", PlatformFlag.values(), strict.forbiddenPlatform),
                floors(m),
                m.integer("minimumGuestSvn", U32, 0),
                m.object("minimumFirmware", Set.of("major", "minor", "build"))
                        .map(f -> new Firmware((int) f.integer("major", 255, 0), (int) f.integer("minor", 255, 0), (int) f.integer("build", 255, 0)))
                        .orElse(strict.minimumFirmware),
                m.integer("requiredMitigations", Long.MAX_VALUE, 0),
                m.has("idKeyDigests") ? m.hexSet("idKeyDigests", DIGEST_BYTES) : strict.idKeyDigests,
                m.has("authorKeyDigests") ? m.hexSet("authorKeyDigests", DIGEST_BYTES) : strict.authorKeyDigests,
                m.has("hostData") ? m.hex("hostData", HOST_DATA_BYTES) : strict.hostData,
                m.flag("allowProvisionalFirmware", strict.allowProvisional), m.flag("requireRevocationList", strict.requireRevocationList));
    }

    static Set<String> members() {
        return MEMBERS;
    }

    private static <F extends Flag> void contradiction(Set<F> required, Set<F> forbidden, String of) {
        required.stream().filter(forbidden::contains).findFirst().ifPresent(flag ->
                Members.require(false, "bit \"" + flag.label() + "\" of " + of + " is both required and forbidden"));
    }

    private static <F extends Flag> Set<F> flags(Members m, String name, F[] known, Set<F> otherwise) {
        return m.has(name)
                ? m.set(name, text -> Arrays.stream(known).filter(flag -> flag.label().equals(text)).findFirst(), Arrays.stream(known).map(Flag::label).toList())
                : otherwise;
    }

    private static Map<Product, TcbFloor> floors(Members m) {
        Map<Product, TcbFloor> floors = new EnumMap<>(Product.class);
        Set<String> names = Set.copyOf(Arrays.stream(Product.values()).map(Product::key).toList());
        m.object("minimumTcb", names).ifPresent(products -> {
            for (Product product : Product.values()) {
                products.object(product.key(), Set.of("reported", "committed", "launch")).ifPresent(floor -> {
                    Members.require(!floor.isEmpty(), "member \"" + products.where(product.key()) + "\" sets no floor");
                    floors.put(product, new TcbFloor(tcb(floor, "reported", product), tcb(floor, "committed", product), tcb(floor, "launch", product)));
                });
            }
        });
        return floors;
    }

    private static TcbVersion tcb(Members floor, String name, Product product) {
        return floor.object(name, COMPONENTS).map(c -> {
            Members.require(product.hasFmc() || !c.has("fmc"), "member \"" + c.where("fmc") + "\": " + product.label() + " has no FMC");
            return new TcbVersion(component(c, "fmc"), component(c, "bootLoader"), component(c, "tee"), component(c, "snp"), component(c, "microcode"));
        }).orElse(TcbFloor.NONE);
    }

    private static int component(Members c, String name) {
        return (int) c.integer(name, 255, 0);
    }
}
