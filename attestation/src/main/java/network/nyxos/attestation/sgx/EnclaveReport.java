package network.nyxos.attestation.sgx;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

/**
 * An SGX enclave report, 384 bytes, integers little-endian:
 * <pre>
 *   0 CPUSVN 16          64 MRENCLAVE 32     256 ISVPRODID u16
 *  16 MISCSELECT u32    128 MRSIGNER 32      258 ISVSVN u16
 *  48 ATTRIBUTES 16                          320 REPORTDATA 64      the rest is reserved
 * </pre>
 *
 * @param raw        the 384 bytes
 * @param miscSelect 4 bytes, as they lie in the report
 * @param attributes 16 bytes; bit 1 of the first is DEBUG
 * @param mrEnclave  32 bytes
 * @param mrSigner   32 bytes
 * @param isvProdId  unsigned 16 bits
 * @param isvSvn     unsigned 16 bits
 * @param reportData 64 bytes
 */
public record EnclaveReport(Bytes raw, Bytes miscSelect, Bytes attributes, Bytes mrEnclave, Bytes mrSigner, int isvProdId, int isvSvn,
                            Bytes reportData) {
    /** Length of a report. */
    public static final int LENGTH = 384;

    /**
     * Reads a report.
     *
     * @throws AttestationException {@code sgx.report.length} when {@code raw} has not exactly 384 bytes
     */
    public static EnclaveReport parse(Bytes raw) {
        if (raw.size() != LENGTH) {
            throw new AttestationException("sgx.report.length", "an SGX report has 384 bytes, not " + raw.size());
        }
        return new EnclaveReport(raw, raw.slice(16, 4), raw.slice(48, 16), raw.slice(64, 32), raw.slice(128, 32),
                raw.u16(256), raw.u16(258), raw.slice(320, 64));
    }
}
