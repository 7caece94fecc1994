package network.nyxos.attestation.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.PckExtension;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Intel's TCB info, version 3, of one platform family.
 *
 * @param id               {@code TDX} or {@code SGX}
 * @param issueDate        when it was signed
 * @param nextUpdate       until when it may be used
 * @param fmspc            the family, 6 bytes
 * @param pceId            2 bytes
 * @param evaluationNumber rises with every TCB recovery
 * @param module           of module version 0; without levels
 * @param modules          by id in upper case, {@code TDX_01}
 * @param levels           platform levels, descending
 */
public record TcbInfo(String id, Instant issueDate, Instant nextUpdate, Bytes fmspc, Bytes pceId, int evaluationNumber,
                      Optional<TdxModule> module, Map<String, TdxModule> modules, List<Level> levels) {
    private static final String CODE = "collateral.tcb-info";
    private static final int COMPONENTS = PckExtension.COMPONENTS;

    /**
     * What a genuine TDX module looks like.
     *
     * @param mrSigner       48 bytes; zeros for Intel's own
     * @param attributes     8 bytes
     * @param attributesMask 8 bytes
     * @param levels         descending; none for version 0
     */
    public record TdxModule(Bytes mrSigner, Bytes attributes, Bytes attributesMask, List<SvnLevel> levels) {
        /** The level that a module of this security version reaches; empty when it reaches none. */
        public Optional<SvnLevel> level(int isvSvn) {
            return SvnLevel.reached(levels, isvSvn);
        }

        /** Why a module with these values is not this one; empty when it is. */
        public Optional<String> mismatch(Bytes mrSignerSeam, Bytes seamAttributes) {
            if (!mrSignerSeam.equals(mrSigner)) {
                return Optional.of("MRSIGNERSEAM is " + mrSignerSeam + ", must be " + mrSigner);
            }
            return seamAttributes.and(attributesMask).equals(attributes)
                    ? Optional.empty()
                    : Optional.of("SEAMATTRIBUTES are " + seamAttributes + ", must be " + attributes + " under mask " + attributesMask);
        }
    }

    /**
     * A platform level.
     *
     * @param sgx        16 component versions
     * @param pceSvn     the least PCE version
     * @param tdx        16 component versions; none for SGX
     * @param status     of this level
     * @param date       of this level
     * @param advisories that apply to it
     */
    public record Level(Bytes sgx, int pceSvn, Bytes tdx, TcbStatus status, Instant date, List<String> advisories) {
        /** True when every SGX component and PCESVN reach this level: component by component, a higher one makes up for nothing. */
        boolean reachedBy(PckExtension platform) {
            return reaches(platform.cpuSvn(), sgx, 0) && platform.pceSvn() >= pceSvn;
        }

        /** Likewise for the TDX components from {@code first} on. */
        boolean reachedBy(Bytes teeTcbSvn, int first) {
            return reaches(teeTcbSvn, tdx, first);
        }

        private static boolean reaches(Bytes actual, Bytes least, int first) {
            for (int i = first; i < COMPONENTS; i++) {
                if (actual.u8(i) < least.u8(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Reads the signed text.
     *
     * @throws AttestationException {@code collateral.tcb-info} when it is not a version 3 TCB info
     */
    public static TcbInfo parse(String json) {
        JsonNode root = SignedJson.object(json, CODE);
        int version = SignedJson.integer(root, "version", Integer.MAX_VALUE, CODE);
        if (version != 3) {
            throw new AttestationException(CODE, "TCB info version " + version + " is not known, only 3 is");
        }
        String id = SignedJson.text(root, "id", CODE);
        boolean tdx = id.equals("TDX");
        if (!tdx && !id.equals("SGX")) {
            throw new AttestationException(CODE, "TCB info id \"" + id + "\" is not known");
        }
        int tcbType = SignedJson.integer(root, "tcbType", Integer.MAX_VALUE, CODE);
        if (tcbType != 0) {
            throw new AttestationException(CODE, "tcbType " + tcbType + " is not known, only 0 is");
        }
        return new TcbInfo(id, SignedJson.instant(root, "issueDate", CODE), SignedJson.instant(root, "nextUpdate", CODE),
                SignedJson.hex(root, "fmspc", 6, CODE), SignedJson.hex(root, "pceId", 2, CODE),
                SignedJson.integer(root, "tcbEvaluationDataNumber", Integer.MAX_VALUE, CODE),
                tdx ? Optional.of(module(SignedJson.member(root, "tdxModule", CODE), List.of())) : Optional.empty(),
                tdx && root.has("tdxModuleIdentities") ? modules(root) : Map.of(),
                levels(root, tdx));
    }

    /**
     * The module identity that {@code teeTcbSvn} names in its second byte: version 0 has no entry of its own.
     *
     * @return empty when there is no identity of that version
     */
    public Optional<TdxModule> moduleOf(Bytes teeTcbSvn) {
        int version = teeTcbSvn.u8(1);
        return version == 0 ? module : Optional.ofNullable(modules.get(moduleId(version)));
    }

    /** {@code TDX_01} for version 1. */
    public static String moduleId(int version) {
        return String.format("TDX_%02X", version);
    }

    /** The highest level that an SGX platform reaches. */
    public Optional<Level> level(PckExtension platform) {
        return levels.stream().filter(level -> level.reachedBy(platform)).findFirst();
    }

    /**
     * The highest level that a TDX platform reaches. Where the module has an identity of its own (version above 0), the first two bytes of
     * {@code teeTcbSvn} are its version and are judged there.
     */
    public Optional<Level> level(PckExtension platform, Bytes teeTcbSvn) {
        int first = teeTcbSvn.u8(1) > 0 ? 2 : 0;
        return levels.stream().filter(level -> level.reachedBy(platform) && level.reachedBy(teeTcbSvn, first)).findFirst();
    }

    private static TdxModule module(JsonNode node, List<SvnLevel> levels) {
        return new TdxModule(SignedJson.hex(node, "mrsigner", 48, CODE), SignedJson.hex(node, "attributes", 8, CODE),
                SignedJson.hex(node, "attributesMask", 8, CODE), levels);
    }

    private static Map<String, TdxModule> modules(JsonNode root) {
        Map<String, TdxModule> modules = new HashMap<>();
        for (JsonNode identity : SignedJson.list(root, "tdxModuleIdentities", CODE)) {
            String id = SignedJson.text(identity, "id", CODE).toUpperCase(Locale.ROOT);
            if (modules.put(id, module(identity, SvnLevel.parse(identity, CODE))) != null) {
                throw new AttestationException(CODE, "module identity " + id + " is there twice");
            }
        }
        return Map.copyOf(modules);
    }

    private static List<Level> levels(JsonNode root, boolean tdx) {
        List<Level> levels = new ArrayList<>();
        for (JsonNode level : SignedJson.list(root, "tcbLevels", CODE)) {
            JsonNode tcb = SignedJson.member(level, "tcb", CODE);
            levels.add(new Level(components(tcb, "sgxtcbcomponents"), SignedJson.integer(tcb, "pcesvn", 0xffff, CODE),
                    tdx ? components(tcb, "tdxtcbcomponents") : Bytes.EMPTY,
                    SvnLevel.status(level, CODE), SignedJson.instant(level, "tcbDate", CODE), SvnLevel.advisories(level, CODE)));
        }
        levels.sort(Comparator.<Level, Bytes>comparing(Level::sgx, Bytes::compareUnsigned)
                .thenComparingInt(Level::pceSvn)
                .thenComparing(Level::tdx, Bytes::compareUnsigned)
                .reversed());
        return List.copyOf(levels);
    }

    private static Bytes components(JsonNode tcb, String name) {
        List<JsonNode> entries = SignedJson.list(tcb, name, CODE);
        if (entries.size() != COMPONENTS) {
            throw new AttestationException(CODE, name + " has " + entries.size() + " entries, must have " + COMPONENTS);
        }
        byte[] components = new byte[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            components[i] = (byte) SignedJson.integer(entries.get(i), "svn", 0xff, CODE);
        }
        return Bytes.of(components);
    }
}
