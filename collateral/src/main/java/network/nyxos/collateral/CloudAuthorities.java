package network.nyxos.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.SignedJson;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.pki.SignatureScheme;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.Endorsements;

/// What AMD publishes for all keys that clouds have for a product: the CA of those keys (ASVK), the root above it (ARK), and the list of revoked CAs.
///
/// @param authority DER
/// @param root      DER
/// @param list      DER; empty where the product has none
record CloudAuthorities(Bytes authority, Bytes root, Optional<Bytes> list) {
    private static final String CODE = "collateral.cloud";

    /// How they are kept: as {@link Endorsements} are written, without a key.
    String toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("authority", authority.hex()).put("root", root.hex());
        list.ifPresent(der -> json.put("revocation_list", der.hex()));
        return json.toString();
    }

    /// Reads {@link #toJson}.
    static CloudAuthorities fromJson(String kept) {
        JsonNode json = SignedJson.object(kept, CODE);
        return new CloudAuthorities(hex(json, "authority"), hex(json, "root"), json.has("revocation_list") ? Optional.of(hex(json, "revocation_list")) : Optional.empty());
    }

    private static Bytes hex(JsonNode json, String name) {
        return SignedJson.hex(SignedJson.text(json, name, CODE), name, CODE);
    }

    /// What keeps these from being of use for a product at `now`; empty when nothing does.
    ///
    /// @throws AttestationException when one cannot be read
    Optional<String> problem(Product product, Instant now) {
        X509Certificate ca = CertificateChain.parseDer(authority.toArray());
        X509Certificate above = CertificateChain.parseDer(root.toArray());
        Optional<String> name = CertificateChain.commonName(ca).endsWith(KeyKind.VLEK.authority(product)) ? Optional.empty()
            : Optional.of("\"" + CertificateChain.commonName(ca) + "\" is not the CA of clouds' keys for " + product.label());
        return name.or(() -> Endorsements.authoritiesProblem(ca, above))
            .or(() -> CertificateChain.validityProblem(ca, now)).or(() -> CertificateChain.validityProblem(above, now))
            .or(() -> list.map(RevocationList::parse).flatMap(of -> of.issuerProblem(above, SignatureScheme.RSA_PSS_SHA384).or(() -> Endorsements.revocationProblem(of, ca, now))));
    }

    /// These with the key's certificate that a node brought: the one thing of its collateral that no service gives. It proves itself: AMD's CA has signed it, for
    /// the TCB that the report states.
    ///
    /// @param brought JSON as {@link Endorsements} are written, or the key's certificate of it alone
    /// @throws CollateralException `collateral_evidence` when it cannot be read
    String endorse(String brought) {
        try {
            Bytes key = Bytes.of(CertificateChain.encoded(Endorsements.keyOf(brought)));
            return Endorsements.of(key, authority, root, list.orElse(Bytes.EMPTY)).toJson();
        } catch (AttestationException e) {
            throw new CollateralException(CollateralException.Kind.EVIDENCE, "what the node brought has no certificate of a cloud's key: " + e.getMessage(), e);
        }
    }
}
