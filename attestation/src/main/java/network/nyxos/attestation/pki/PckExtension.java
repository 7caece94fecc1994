package network.nyxos.attestation.pki;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;

import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;

/**
 * Intel's SGX extension of a PCK certificate, OID 1.2.840.113741.1.13.1: a SEQUENCE of {OID, value}.
 * <pre>
 *  .1 PPID OCTET 16                .3 PCEID OCTET 2      .5 SGX type ENUMERATED 0..2
 *  .2 TCB SEQUENCE of {OID, value} .4 FMSPC OCTET 6      .6 platform instance, .7 configuration: Platform CA only
 *     .2.1 to .2.16 component SVN INTEGER, .2.17 PCESVN INTEGER, .2.18 CPUSVN OCTET 16
 * </pre>
 *
 * @param cpuSvn 16 component SVNs, one byte each
 * @param pceSvn unsigned 16 bits
 * @param pceId  2 bytes
 * @param fmspc  6 bytes
 */
public record PckExtension(Bytes cpuSvn, int pceSvn, Bytes pceId, Bytes fmspc) {
    /** The extension's OID. */
    public static final String OID = "1.2.840.113741.1.13.1";
    /** Number of TCB components. */
    public static final int COMPONENTS = 16;

    /**
     * Reads the extension of {@code pck}.
     *
     * @throws AttestationException {@code pki.pck-extension} when it is absent, has a member twice or lacks one, or contradicts itself
     */
    public static PckExtension of(X509Certificate pck) {
        byte[] encoded = pck.getExtensionValue(OID);
        if (encoded == null) {
            throw refused("the PCK certificate has no SGX extension");
        }
        try {
            Map<String, ASN1Encodable> members = members(ASN1Primitive.fromByteArray(octets(ASN1Primitive.fromByteArray(encoded))), OID);
            octets(members, OID + ".1", 16);
            int type = ASN1Enumerated.getInstance(required(members, OID + ".5")).intValueExact();
            if (type < 0 || type > 2) {
                throw refused("SGX type " + type + " is not known");
            }
            Map<String, ASN1Encodable> tcb = members(required(members, OID + ".2"), OID + ".2");
            byte[] components = new byte[COMPONENTS];
            for (int i = 0; i < COMPONENTS; i++) {
                components[i] = (byte) integer(tcb, OID + ".2." + (i + 1), 0xff);
            }
            Bytes cpuSvn = octets(tcb, OID + ".2.18", COMPONENTS);
            if (!Bytes.of(components).equals(cpuSvn)) {
                throw refused("the components of the TCB and CPUSVN differ");
            }
            return new PckExtension(cpuSvn, integer(tcb, OID + ".2.17", 0xffff), octets(members, OID + ".3", 2), octets(members, OID + ".4", 6));
        } catch (AttestationException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The ASN.1 library tells of broken content by several runtime exceptions.
            throw new AttestationException("pki.pck-extension", "the SGX extension is malformed: " + e.getMessage(), e);
        }
    }

    private static Map<String, ASN1Encodable> members(ASN1Encodable value, String arc) {
        Map<String, ASN1Encodable> members = new HashMap<>();
        for (ASN1Encodable element : ASN1Sequence.getInstance(value)) {
            ASN1Sequence pair = ASN1Sequence.getInstance(element);
            if (pair.size() != 2) {
                throw refused("a member is not a pair of OID and value");
            }
            String oid = ASN1ObjectIdentifier.getInstance(pair.getObjectAt(0)).getId();
            if (!oid.startsWith(arc + ".")) {
                throw refused(oid + " does not belong to " + arc);
            }
            if (members.put(oid, pair.getObjectAt(1)) != null) {
                throw refused(oid + " is there twice");
            }
        }
        return members;
    }

    private static ASN1Encodable required(Map<String, ASN1Encodable> members, String oid) {
        ASN1Encodable value = members.get(oid);
        if (value == null) {
            throw refused(oid + " is missing");
        }
        return value;
    }

    private static int integer(Map<String, ASN1Encodable> members, String oid, int maximum) {
        BigInteger value = ASN1Integer.getInstance(required(members, oid)).getValue();
        if (value.signum() < 0 || value.compareTo(BigInteger.valueOf(maximum)) > 0) {
            throw refused(oid + " is " + value + ", above " + maximum + " or negative");
        }
        return value.intValueExact();
    }

    private static Bytes octets(Map<String, ASN1Encodable> members, String oid, int length) {
        Bytes value = Bytes.of(octets(required(members, oid)));
        if (value.size() != length) {
            throw refused(oid + " has " + value.size() + " bytes, must have " + length);
        }
        return value;
    }

    private static byte[] octets(ASN1Encodable value) {
        return ASN1OctetString.getInstance(value).getOctets();
    }

    private static AttestationException refused(String message) {
        return new AttestationException("pki.pck-extension", message);
    }
}
