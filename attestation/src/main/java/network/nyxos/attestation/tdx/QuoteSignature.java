package network.nyxos.attestation.tdx;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.sgx.EnclaveReport;

/**
 * A quote's signature data.
 *
 * @param signature         64 bytes r ‖ s, by the attestation key over header and body
 * @param attestationKey    64 bytes X ‖ Y
 * @param qeReport          of the quoting enclave that made the attestation key
 * @param qeReportSignature 64 bytes r ‖ s, by the PCK key over the QE report
 * @param authData          bound into the QE report beside the attestation key; any length
 * @param certification     the PCK certificate chain, PEM
 */
public record QuoteSignature(Bytes signature, Bytes attestationKey, EnclaveReport qeReport, Bytes qeReportSignature, Bytes authData,
                             Bytes certification) {
}
