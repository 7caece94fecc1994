package network.nyxos.attestation.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What Intel publishes for one platform family on one day, raw as it was fetched. Nothing is judged here.
 *
 * @param rootCrl               DER, of the root
 * @param pckCrl                DER, of the CA that issued the platform's PCK certificate
 * @param tcbInfoIssuerChain    PEM, signer first
 * @param tcbInfo               the exact text that is signed
 * @param tcbInfoSignature      r ‖ s in hexadecimal
 * @param qeIdentityIssuerChain PEM, signer first
 * @param qeIdentity            the exact text that is signed
 * @param qeIdentitySignature   r ‖ s in hexadecimal
 */
public record Collateral(Bytes rootCrl, Bytes pckCrl, String tcbInfoIssuerChain, String tcbInfo, String tcbInfoSignature,
                         String qeIdentityIssuerChain, String qeIdentity, String qeIdentitySignature) {
    private static final String CODE = "collateral.json";

    /** Checks for absence. */
    public Collateral {
        Objects.requireNonNull(rootCrl, "rootCrl");
        Objects.requireNonNull(pckCrl, "pckCrl");
        Objects.requireNonNull(tcbInfoIssuerChain, "tcbInfoIssuerChain");
        Objects.requireNonNull(tcbInfo, "tcbInfo");
        Objects.requireNonNull(tcbInfoSignature, "tcbInfoSignature");
        Objects.requireNonNull(qeIdentityIssuerChain, "qeIdentityIssuerChain");
        Objects.requireNonNull(qeIdentity, "qeIdentity");
        Objects.requireNonNull(qeIdentitySignature, "qeIdentitySignature");
    }

    /**
     * Collateral from the answers of Intel's Provisioning Certification Service v4 (or a PCCS).
     *
     * @param tcbBody            body of {@code /tdx/certification/v4/tcb}
     * @param tcbIssuerChain     its header {@code TCB-Info-Issuer-Chain}, percent-encoded
     * @param qeIdentityBody     body of {@code /tdx/certification/v4/qe/identity}
     * @param identityIssuerChain its header {@code SGX-Enclave-Identity-Issuer-Chain}, percent-encoded
     * @param rootCrl            DER
     * @param pckCrl             DER
     * @throws AttestationException {@code collateral.json} when a body is not of that form
     */
    public static Collateral ofService(byte[] tcbBody, String tcbIssuerChain, byte[] qeIdentityBody, String identityIssuerChain,
                                       Bytes rootCrl, Bytes pckCrl) {
        return new Collateral(rootCrl, pckCrl,
                percentDecode(tcbIssuerChain), SignedJson.cutMember(tcbBody, "tcbInfo", CODE), signature(tcbBody),
                percentDecode(identityIssuerChain), SignedJson.cutMember(qeIdentityBody, "enclaveIdentity", CODE), signature(qeIdentityBody));
    }

    /**
     * Reads {@link #toJson()}. Members that are not known are ignored: this envelope is not what is signed.
     *
     * @throws AttestationException {@code collateral.json} when a member is missing or malformed
     */
    public static Collateral fromJson(String json) {
        JsonNode root = SignedJson.object(json, CODE);
        return new Collateral(
                SignedJson.hex(SignedJson.text(root, "root_ca_crl", CODE), "root_ca_crl", CODE),
                SignedJson.hex(SignedJson.text(root, "pck_crl", CODE), "pck_crl", CODE),
                SignedJson.text(root, "tcb_info_issuer_chain", CODE), SignedJson.text(root, "tcb_info", CODE),
                SignedJson.text(root, "tcb_info_signature", CODE),
                SignedJson.text(root, "qe_identity_issuer_chain", CODE), SignedJson.text(root, "qe_identity", CODE),
                SignedJson.text(root, "qe_identity_signature", CODE));
    }

    /** One JSON document for transport. Revocation lists in hexadecimal, signed texts as strings, so that they arrive as they were. */
    public String toJson() {
        return JsonNodeFactory.instance.objectNode()
                .put("root_ca_crl", rootCrl.hex())
                .put("pck_crl", pckCrl.hex())
                .put("tcb_info_issuer_chain", tcbInfoIssuerChain)
                .put("tcb_info", tcbInfo)
                .put("tcb_info_signature", tcbInfoSignature)
                .put("qe_identity_issuer_chain", qeIdentityIssuerChain)
                .put("qe_identity", qeIdentity)
                .put("qe_identity_signature", qeIdentitySignature)
                .toString();
    }

    private static String signature(byte[] body) {
        return SignedJson.text(SignedJson.object(new String(body, StandardCharsets.UTF_8), CODE), "signature", CODE);
    }

    /** Decodes %XX only. A form decoder would also turn '+', a base64 digit, into a space. */
    private static String percentDecode(String header) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(header.length());
        for (int i = 0; i < header.length(); i++) {
            char c = header.charAt(i);
            if (c != '%') {
                decoded.write(c);
                continue;
            }
            int high = i + 2 < header.length() ? Character.digit(header.charAt(i + 1), 16) : -1;
            int low = i + 2 < header.length() ? Character.digit(header.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw new AttestationException(CODE, "the issuer chain is not percent-encoded");
            }
            decoded.write(high << 4 | low);
            i += 2;
        }
        return decoded.toString(StandardCharsets.US_ASCII);
    }
}
