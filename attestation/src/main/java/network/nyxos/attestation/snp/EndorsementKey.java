package network.nyxos.attestation.snp;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;

import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What an endorsement key's certificate says of its key, in extensions under 1.3.6.1.4.1.3704.1:
 * <pre>
 * .1 structure version INTEGER   .3.1 boot loader   .3.4 to .3.7 zero   .4 hardware id, raw (VCEK)
 * .2 product IA5String           .3.2 TEE           .3.8 microcode      .5 cloud's name IA5String (VLEK)
 *                                .3.3 SNP           .3.9 FMC (Turin)
 * </pre>
 *
 * @param kind       VCEK with a hardware id, VLEK with a cloud's name
 * @param tcb        the security versions that the key was derived for
 * @param hardwareId of a VCEK, 64 bytes (Turin: 8); no bytes for a VLEK
 * @param cloud      of a VLEK; no text for a VCEK
 */
public record EndorsementKey(KeyKind kind, TcbVersion tcb, Bytes hardwareId, String cloud) {
    /** The arc of the extensions. */
    public static final String ARC = "1.3.6.1.4.1.3704.1.";

    private static final Set<String> KNOWN = Stream.concat(Stream.of("1", "2", "4", "5"), IntStream.rangeClosed(1, 9).mapToObj(i -> "3." + i))
            .map(ARC::concat).collect(Collectors.toUnmodifiableSet());

    /**
     * Reads the extensions.
     *
     * @param product whose layout they must have
     * @throws AttestationException {@code snp.key.extensions} when one is missing, malformed, unknown, or of another product
     */
    public static EndorsementKey of(X509Certificate certificate, Product product) {
        refuseUnknown(certificate);
        int structure = integer(certificate, "1");
        if (structure != (product.hasFmc() ? 1 : 0)) {
            throw refused("structure version " + structure + " is not " + product.label() + "'s");
        }
        String name = ia5(certificate, "2").orElseThrow(() -> refused(ARC + "2 (product) is missing"));
        if (!product.isNamed(name)) {
            throw refused("the product is \"" + name + "\", the chain is of " + product.label());
        }
        for (int reserved = 4; reserved <= 7; reserved++) {
            if (value(certificate, "3." + reserved).isPresent() && integer(certificate, "3." + reserved) != 0) {
                throw refused(ARC + "3." + reserved + " must be zero");
            }
        }
        if (!product.hasFmc() && value(certificate, "3.9").isPresent()) {
            throw refused(product.label() + " has no FMC");
        }
        TcbVersion tcb = new TcbVersion(product.hasFmc() ? integer(certificate, "3.9") : 0, integer(certificate, "3.1"), integer(certificate, "3.2"),
                integer(certificate, "3.3"), integer(certificate, "3.8"));
        Optional<Bytes> hardwareId = value(certificate, "4");
        Optional<String> cloud = ia5(certificate, "5");
        if (hardwareId.isPresent() == cloud.isPresent()) {
            throw refused(cloud.isPresent() ? "it has both a hardware id and a cloud's name" : "it has neither a hardware id nor a cloud's name");
        }
        if (hardwareId.isPresent() && hardwareId.get().size() != product.hardwareIdBytes()) {
            throw refused("the hardware id has " + hardwareId.get().size() + " bytes, must have " + product.hardwareIdBytes());
        }
        return new EndorsementKey(hardwareId.isPresent() ? KeyKind.VCEK : KeyKind.VLEK, tcb, hardwareId.orElse(Bytes.EMPTY), cloud.orElse(""));
    }

    /**
     * The product that a certificate claims its key to be of; proves nothing by itself.
     *
     * @throws AttestationException {@code snp.key.extensions} when what says so is malformed
     */
    public static Optional<Product> claimedProduct(X509Certificate certificate) {
        return ia5(certificate, "2").flatMap(name -> Arrays.stream(Product.values()).filter(product -> product.isNamed(name)).findFirst());
    }

    private static void refuseUnknown(X509Certificate certificate) {
        Set<String> oids = new HashSet<>();
        Optional.ofNullable(certificate.getNonCriticalExtensionOIDs()).ifPresent(oids::addAll);
        Optional.ofNullable(certificate.getCriticalExtensionOIDs()).ifPresent(oids::addAll);
        oids.stream().filter(oid -> oid.startsWith(ARC) && !KNOWN.contains(oid)).findFirst().ifPresent(oid -> {
            throw refused("extension " + oid + " is not known");
        });
    }

    /** The content of an extension: what its OCTET STRING holds. */
    private static Optional<Bytes> value(X509Certificate certificate, String arc) {
        return Optional.ofNullable(certificate.getExtensionValue(ARC + arc)).map(encoded ->
                Bytes.of(ASN1OctetString.getInstance(encoded).getOctets()));
    }

    private static int integer(X509Certificate certificate, String arc) {
        Bytes der = value(certificate, arc).orElseThrow(() -> refused(ARC + arc + " is missing"));
        try {
            BigInteger number = ASN1Integer.getInstance(ASN1Primitive.fromByteArray(der.toArray())).getValue();
            if (number.signum() < 0 || number.bitLength() > 8) {
                throw refused(ARC + arc + " is " + number + ", must be 0 to 255");
            }
            return number.intValue();
        } catch (IOException | IllegalArgumentException e) {
            throw new AttestationException(SnpCheck.KEY_EXTENSIONS.id(), ARC + arc + " is no integer", e);
        }
    }

    private static Optional<String> ia5(X509Certificate certificate, String arc) {
        return value(certificate, arc).map(der -> {
            try {
                return ASN1IA5String.getInstance(ASN1Primitive.fromByteArray(der.toArray())).getString();
            } catch (IOException | IllegalArgumentException e) {
                throw new AttestationException(SnpCheck.KEY_EXTENSIONS.id(), ARC + arc + " is no IA5String", e);
            }
        });
    }

    private static AttestationException refused(String message) {
        return new AttestationException(SnpCheck.KEY_EXTENSIONS.id(), message);
    }
}
