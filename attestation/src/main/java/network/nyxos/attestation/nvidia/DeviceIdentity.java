package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.TrustAnchor;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the certificates of a device say of it.
 *
 * @param chip        such as {@code GH100}, from the leaf's common name
 * @param kind        the kind of device
 * @param firmwareIds SHA-384 digests of the firmware that holds the leaf's key, without those that are all zero
 * @param flags       operational flags of the DICE extension, most significant bit first; empty on generations that have none
 */
public record DeviceIdentity(String chip, Kind kind, List<Bytes> firmwareIds, Optional<Bytes> flags) {
    /** Number of certificates of a device's chain: leaf, device, provisioner, chip family, root. */
    public static final int CHAIN_LENGTH = 5;

    private static final String CODE = "nvidia.device.firmware";
    private static final String COMPOSITE_DEVICE_ID = "2.23.133.5.4.1";
    private static final String TCB_INFO = "2.23.133.5.4.1.1";
    private static final String SHA384 = "2.16.840.1.101.3.4.2.2";
    private static final int DIGEST = 48;
    private static final int TAG_FIRMWARE_IDS = 6;
    private static final int TAG_FLAGS = 7;
    private static final int FLAG_NOT_SECURE = 1;
    private static final int FLAG_RECOVERY = 2;
    private static final int FLAG_DEBUG = 3;

    /** What a device is. */
    public enum Kind {
        /** A GPU of the generation of GH100: H100, H200. */
        HOPPER,
        /** A GPU of the generation of GB100. */
        BLACKWELL,
        /** An NVSwitch. Its report is no evidence of a GPU. */
        SWITCH,
        /** Not known here. */
        UNKNOWN;

        /** True for a GPU that is known here. */
        public boolean gpu() {
            return this == HOPPER || this == BLACKWELL;
        }
    }

    /** Copies. */
    public DeviceIdentity {
        firmwareIds = List.copyOf(firmwareIds);
    }

    /**
     * Reads the leaf of {@code chain}.
     *
     * @throws AttestationException {@code nvidia.device.firmware} when its DICE extension is absent or malformed
     */
    public static DeviceIdentity of(CertificateChain chain) {
        String chip = chip(chain);
        X509Certificate leaf = chain.leaf();
        byte[] composite = leaf.getExtensionValue(COMPOSITE_DEVICE_ID);
        byte[] tcbInfo = leaf.getExtensionValue(TCB_INFO);
        if ((composite == null) == (tcbInfo == null)) {
            throw new AttestationException(CODE, composite == null
                    ? "the leaf certificate carries no firmware id"
                    : "the leaf certificate carries its firmware id in two forms");
        }
        try {
            return composite != null
                    ? new DeviceIdentity(chip, kind(chip), ofComposite(content(composite)), Optional.empty())
                    : ofTcbInfo(chip, content(tcbInfo));
        } catch (AttestationException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The ASN.1 library tells of broken content by several runtime exceptions.
            throw new AttestationException(CODE, "the leaf's firmware id is malformed: " + e.getMessage(), e);
        }
    }

    /** The chip that a chain's leaf names. */
    static String chip(CertificateChain chain) {
        return plainName(chain.leaf()).split(" ", 2)[0];
    }

    /** The kind of a chip. */
    static Kind kind(String chip) {
        if (chip.matches("GH1\\d\\d")) {
            return Kind.HOPPER;
        }
        if (chip.matches("GB[12]\\d\\d")) {
            return Kind.BLACKWELL;
        }
        return chip.startsWith("LS") ? Kind.SWITCH : Kind.UNKNOWN;
    }

    /** Why the certificates do not play the parts of leaf, device, provisioner and family of one chip; empty when they do. */
    static Optional<String> rolesProblem(CertificateChain chain) {
        if (chain.size() != CHAIN_LENGTH) {
            return Optional.of("the parts of " + chain.size() + " certificates are not defined");
        }
        String chip = chip(chain);
        boolean fit = !chip.isEmpty()
                && plainName(chain.get(0)).startsWith(chip + " ")
                && plainName(chain.get(1)).startsWith(chip + " ")
                && plainName(chain.get(1)).endsWith(" BROM")
                && plainName(chain.get(2)).startsWith("NVIDIA " + chip + " Provisioner ICA ")
                && plainName(chain.get(3)).equals("NVIDIA " + chip + " Identity");
        return fit ? Optional.empty() : Optional.of("\"" + plainName(chain.get(0)) + "\" by \"" + plainName(chain.get(1)) + "\" by \""
                + plainName(chain.get(2)) + "\" by \"" + plainName(chain.get(3)) + "\" are not the certificates of one device");
    }

    /** What of debug, recovery and insecure operation the certificate tells of; empty when of none. */
    Optional<String> debugProblem() {
        List<String> set = new ArrayList<>();
        flags.ifPresent(bits -> {
            addIf(set, bits, FLAG_NOT_SECURE, "not secure");
            addIf(set, bits, FLAG_RECOVERY, "recovery");
            addIf(set, bits, FLAG_DEBUG, "debug");
        });
        return set.isEmpty() ? Optional.empty() : Optional.of("the device's certificate tells of the mode: " + String.join(", ", set));
    }

    private static void addIf(List<String> set, Bytes bits, int bit, String name) {
        if (bit / 8 < bits.size() && (bits.u8(bit / 8) & 0x80 >> bit % 8) != 0) {
            set.add(name);
        }
    }

    private static String plainName(X509Certificate certificate) {
        String name = CertificateChain.commonName(certificate);
        return name.startsWith(TrustAnchor.DEVELOPMENT_PREFIX) ? name.substring(TrustAnchor.DEVELOPMENT_PREFIX.length()) : name;
    }

    private static ASN1Sequence content(byte[] extension) throws IOException {
        return ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(ASN1OctetString.getInstance(ASN1Primitive.fromByteArray(extension)).getOctets()));
    }

    /** SEQUENCE of version, device key, firmware id. */
    private static List<Bytes> ofComposite(ASN1Sequence composite) {
        if (composite.size() != 3) {
            throw new AttestationException(CODE, "the composite device id has " + composite.size() + " members, must have 3");
        }
        return withoutZeros(List.of(digest(composite.getObjectAt(2))));
    }

    /** TCG DiceTcbInfo: implicitly tagged members, of which firmware ids and flags are read. */
    private static DeviceIdentity ofTcbInfo(String chip, ASN1Sequence members) {
        List<Bytes> digests = new ArrayList<>();
        Optional<Bytes> flags = Optional.empty();
        int before = -1;
        for (ASN1Encodable member : members) {
            ASN1TaggedObject tagged = ASN1TaggedObject.getInstance(member);
            if (tagged.getTagNo() <= before) {
                throw new AttestationException(CODE, "the members of the TCB info are not in order");
            }
            before = tagged.getTagNo();
            if (before == TAG_FIRMWARE_IDS) {
                ASN1Sequence.getInstance(tagged, false).forEach(element -> digests.add(digest(element)));
            } else if (before == TAG_FLAGS) {
                flags = Optional.of(Bytes.of(ASN1BitString.getInstance(tagged, false).getBytes()));
            }
        }
        return new DeviceIdentity(chip, kind(chip), withoutZeros(digests), flags);
    }

    private static Bytes digest(ASN1Encodable value) {
        ASN1Sequence pair = ASN1Sequence.getInstance(value);
        Bytes digest = Bytes.of(ASN1OctetString.getInstance(pair.getObjectAt(1)).getOctets());
        if (pair.size() != 2 || digest.size() != DIGEST || !ASN1ObjectIdentifier.getInstance(pair.getObjectAt(0)).getId().equals(SHA384)) {
            throw new AttestationException(CODE, "a firmware id is not a SHA-384");
        }
        return digest;
    }

    private static List<Bytes> withoutZeros(List<Bytes> digests) {
        List<Bytes> set = digests.stream().filter(digest -> !digest.isZero()).toList();
        if (set.isEmpty()) {
            throw new AttestationException(CODE, "the leaf certificate carries no firmware id but zeros");
        }
        return set;
    }
}
