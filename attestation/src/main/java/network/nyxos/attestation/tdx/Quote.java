package network.nyxos.attestation.tdx;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.sgx.EnclaveReport;

/**
 * An Intel quote, version 3 (SGX), 4 (TDX) or 5 (either), all integers little-endian.
 * <pre>
 * header 48: 0 version u16, 2 attestation key type u16 = 2 (ECDSA P-256), 4 TEE type u32 (0x81 TDX, 0 SGX),
 *            8 QE SVN u16 and 10 PCE SVN u16 (unused), 12 QE vendor 16, 28 user data 20
 * v3: body at 48, SGX report 384    v4: body at 48, TD report 584
 * v5: at 48 body type u16 (1 SGX report 384, 2 TD report 584, 3 TD report 1.5 648) and size u32, body at 54
 * then signature length u32, and exactly so many bytes:
 *   0 signature 64, 64 attestation key 64, and
 *   v3:     certification
 *   v4, v5: 128 type u16 = 6, 130 size u32, and exactly so many bytes of certification
 * certification: QE report 384, its signature 64, auth length u16, auth data, type u16 = 5, size u32, PEM chain; nothing is left over
 * </pre>
 *
 * @param version      3, 4 or 5
 * @param body         what it speaks of
 * @param signedBytes  header and body as they stand: what the attestation key signed
 * @param signature    the signature data
 * @param length       of the quote itself, in bytes
 * @param trailing     whatever follows it
 * @param evidenceHash SHA-256 of the quote itself, 32 bytes
 */
public record Quote(int version, QuoteBody body, Bytes signedBytes, QuoteSignature signature, int length, Bytes trailing, Bytes evidenceHash) {
    /** Longest input that is read at all, in bytes. */
    public static final int MAX_LENGTH = 1 << 16;

    private static final Bytes INTEL_QE_VENDOR = Bytes.fromHex("939a7233f79c4ca9940a0db3957f0607");
    private static final int HEADER = 48;
    private static final int KEY_TYPE_ECDSA_P256 = 2;
    private static final long TEE_SGX = 0;
    private static final long TEE_TDX = 0x81;
    private static final int CERTIFICATION_QE_REPORT = 6;
    private static final int CERTIFICATION_PEM_CHAIN = 5;

    /** Where the body lies and what it is. */
    private record BodyPlace(int offset, int length, boolean enclave) {
        int end() {
            return offset + length;
        }
    }

    /** Reads forward, never past {@code end}. */
    private static final class Cursor {
        private final Bytes source;
        private int at;
        private final int end;

        Cursor(Bytes source, int at, int end) {
            this.source = source;
            this.at = at;
            this.end = end;
        }

        Bytes take(long length, String what) {
            if (length > end - at) {
                throw layout("the quote ends inside its " + what + ": at byte " + at + " " + length + " bytes are needed, " + (end - at) + " are there");
            }
            Bytes taken = source.slice(at, (int) length);
            at += (int) length;
            return taken;
        }

        int u16(String what) {
            return take(2, what).u16(0);
        }

        long u32(String what) {
            return take(4, what).u32(0);
        }

        void requireEnd(String what) {
            if (at != end) {
                throw layout((end - at) + " bytes are left over inside the " + what);
            }
        }
    }

    /**
     * Reads a quote.
     *
     * @throws AttestationException whose code is the id of the {@link TdxCheck} that fails
     */
    public static Quote parse(Bytes raw) {
        if (raw.size() > MAX_LENGTH) {
            throw layout("longer than " + MAX_LENGTH + " bytes");
        }
        Cursor cursor = new Cursor(raw, 0, raw.size());
        Bytes header = cursor.take(HEADER, "header");
        int version = header.u16(0);
        if (version < 3 || version > 5) {
            throw refused(TdxCheck.QUOTE_VERSION, "quote version " + version + " is not known");
        }
        if (header.u16(2) != KEY_TYPE_ECDSA_P256) {
            throw refused(TdxCheck.QUOTE_KEY_TYPE, "attestation key type " + header.u16(2) + " is not ECDSA P-256");
        }
        if (!header.slice(12, 16).equals(INTEL_QE_VENDOR)) {
            throw refused(TdxCheck.QUOTE_VENDOR, "quoting enclave vendor " + header.slice(12, 16) + " is not Intel");
        }
        BodyPlace place = bodyPlace(version, header.u32(4), cursor);
        Bytes bodyBytes = cursor.take(place.length(), "body");
        QuoteBody body = place.enclave()
                ? new QuoteBody.Enclave(EnclaveReport.parse(bodyBytes))
                : new QuoteBody.TrustDomain(TdReport.parse(bodyBytes));
        long signatureLength = cursor.u32("signature length");
        cursor.take(signatureLength, "signature data");
        int end = cursor.at;
        QuoteSignature signature = signature(version, new Cursor(raw, end - (int) signatureLength, end));
        return new Quote(version, body, raw.slice(0, place.end()), signature, end, raw.slice(end, raw.size() - end), raw.slice(0, end).sha256());
    }

    private static BodyPlace bodyPlace(int version, long teeType, Cursor cursor) {
        if (teeType != TEE_SGX && teeType != TEE_TDX) {
            throw refused(TdxCheck.QUOTE_TEE_TYPE, "TEE type 0x" + Long.toHexString(teeType) + " is not known");
        }
        boolean enclave = teeType == TEE_SGX;
        if (version < 5) {
            if (enclave != (version == 3)) {
                throw refused(TdxCheck.QUOTE_TEE_TYPE, "a version " + version + " quote cannot be of TEE type 0x" + Long.toHexString(teeType));
            }
            return new BodyPlace(HEADER, enclave ? EnclaveReport.LENGTH : TdReport.LENGTH_1_0, enclave);
        }
        int type = cursor.u16("body descriptor");
        long size = cursor.u32("body descriptor");
        int expected = switch (type) {
            case 1 -> EnclaveReport.LENGTH;
            case 2 -> TdReport.LENGTH_1_0;
            case 3 -> TdReport.LENGTH_1_5;
            default -> throw refused(TdxCheck.QUOTE_BODY_TYPE, "body type " + type + " is not known");
        };
        if (size != expected) {
            throw refused(TdxCheck.QUOTE_BODY_TYPE, "body type " + type + " has " + expected + " bytes, the quote says " + size);
        }
        if (enclave != (type == 1)) {
            throw refused(TdxCheck.QUOTE_TEE_TYPE, "body type " + type + " does not belong to TEE type 0x" + Long.toHexString(teeType));
        }
        return new BodyPlace(HEADER + 6, expected, enclave);
    }

    private static QuoteSignature signature(int version, Cursor cursor) {
        Bytes signature = cursor.take(64, "quote signature");
        Bytes attestationKey = cursor.take(64, "attestation key");
        if (version != 3) {
            int type = cursor.u16("certification data");
            if (type != CERTIFICATION_QE_REPORT) {
                throw refused(TdxCheck.QUOTE_CERTIFICATION, "outer certification data type " + type + " must be 6");
            }
            long size = cursor.u32("certification data");
            if (size != cursor.end - cursor.at) {
                throw layout("the certification data says " + size + " bytes, the signature data has " + (cursor.end - cursor.at) + " left");
            }
        }
        Bytes qeReport = cursor.take(EnclaveReport.LENGTH, "QE report");
        Bytes qeReportSignature = cursor.take(64, "QE report signature");
        Bytes authData = cursor.take(cursor.u16("auth data length"), "auth data");
        int type = cursor.u16("certification data");
        if (type != CERTIFICATION_PEM_CHAIN) {
            throw refused(TdxCheck.QUOTE_CERTIFICATION, "certification data type " + type + " must be 5, a PEM chain");
        }
        Bytes chain = cursor.take(cursor.u32("certification data"), "certification data");
        cursor.requireEnd("signature data");
        return new QuoteSignature(signature, attestationKey, EnclaveReport.parse(qeReport), qeReportSignature, authData, chain);
    }

    private static AttestationException layout(String message) {
        return refused(TdxCheck.QUOTE_LAYOUT, message);
    }

    private static AttestationException refused(TdxCheck check, String message) {
        return new AttestationException(check.id(), message);
    }
}
