package network.nyxos.attestation.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.sgx.EnclaveReport;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a genuine quoting enclave looks like: Intel's enclave identity, version 2.
 *
 * @param id               {@code TD_QE} for TDX, {@code QE} for SGX
 * @param issueDate        when it was signed
 * @param nextUpdate       until when it may be used
 * @param evaluationNumber rises with every TCB recovery
 * @param miscSelect       4 bytes in the order of the report
 * @param miscSelectMask   likewise
 * @param attributes       16 bytes
 * @param attributesMask   likewise
 * @param mrSigner         32 bytes
 * @param isvProdId        the enclave's product id
 * @param levels           descending
 */
public record QeIdentity(String id, Instant issueDate, Instant nextUpdate, int evaluationNumber, Bytes miscSelect, Bytes miscSelectMask,
                         Bytes attributes, Bytes attributesMask, Bytes mrSigner, int isvProdId, List<SvnLevel> levels) {
    private static final String CODE = "collateral.qe-identity";

    /**
     * Reads the signed text.
     *
     * @throws AttestationException {@code collateral.qe-identity} when it is not a version 2 identity
     */
    public static QeIdentity parse(String json) {
        JsonNode root = SignedJson.object(json, CODE);
        int version = SignedJson.integer(root, "version", Integer.MAX_VALUE, CODE);
        if (version != 2) {
            throw new AttestationException(CODE, "enclave identity version " + version + " is not known, only 2 is");
        }
        return new QeIdentity(SignedJson.text(root, "id", CODE),
                SignedJson.instant(root, "issueDate", CODE), SignedJson.instant(root, "nextUpdate", CODE),
                SignedJson.integer(root, "tcbEvaluationDataNumber", Integer.MAX_VALUE, CODE),
                SignedJson.hex(root, "miscselect", 4, CODE), SignedJson.hex(root, "miscselectMask", 4, CODE),
                SignedJson.hex(root, "attributes", 16, CODE), SignedJson.hex(root, "attributesMask", 16, CODE),
                SignedJson.hex(root, "mrsigner", 32, CODE), SignedJson.integer(root, "isvprodid", 0xffff, CODE),
                SvnLevel.parse(root, CODE));
    }

    /** Why {@code report} is not one of this enclave; empty when it is. */
    public Optional<String> mismatch(EnclaveReport report) {
        if (!report.mrSigner().equals(mrSigner)) {
            return Optional.of("MRSIGNER is " + report.mrSigner() + ", must be " + mrSigner);
        }
        if (report.isvProdId() != isvProdId) {
            return Optional.of("ISVPRODID is " + report.isvProdId() + ", must be " + isvProdId);
        }
        if (!report.miscSelect().and(miscSelectMask).equals(miscSelect)) {
            return Optional.of("MISCSELECT is " + report.miscSelect() + ", must be " + miscSelect + " under mask " + miscSelectMask);
        }
        if (!report.attributes().and(attributesMask).equals(attributes)) {
            return Optional.of("ATTRIBUTES are " + report.attributes() + ", must be " + attributes + " under mask " + attributesMask);
        }
        return Optional.empty();
    }

    /** The level that an enclave of this security version reaches; empty when it reaches none. */
    public Optional<SvnLevel> level(int isvSvn) {
        return SvnLevel.reached(levels, isvSvn);
    }
}
