package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An attestation report of an NVIDIA device: the SPDM 1.1 GET_MEASUREMENTS request and its MEASUREMENTS response, integers little-endian.
 * <pre>
 * request 37:  0 version 0x11, 1 code 0xe0, 2 param1 = 1 (signature wanted), 3 param2 = 0xff (all), 4 nonce 32, 36 slot
 * response:    0 version 0x11, 1 code 0x60, 2 param1, 3 param2 (low half: slot), 4 blocks u8, 5 L u24, 8 record L,
 *              8+L nonce 32, 40+L opaque length u16, 42+L opaque data, then signature r ‖ s 96 (big-endian), and nothing more
 * block:       index u8 from 1, specification u8 = 1, size u16, type u8, value size u16 = size - 3, value 48 (SHA-384)
 * </pre>
 *
 * @param nonce        of the request, 32 bytes: the verifier's
 * @param slot         of the certificate chain
 * @param measurements by block index, ascending, 48 bytes each
 * @param opaque       the opaque data
 * @param signedBytes  request and response without the signature
 * @param signature    r ‖ s, 96 bytes
 * @param evidenceHash SHA-256 of the whole, 32 bytes
 */
public record GpuReport(Bytes nonce, int slot, SortedMap<Integer, Bytes> measurements, OpaqueData opaque, Bytes signedBytes, Bytes signature,
                        Bytes evidenceHash) {
    /** Longest input that is read at all, in bytes. */
    public static final int MAX_LENGTH = 1 << 17;
    /** Length of the verifier's nonce in bytes. */
    public static final int NONCE_LENGTH = 32;
    /** Length of a measurement in bytes. */
    public static final int MEASUREMENT_LENGTH = 48;

    /** Length of a signature in bytes: r ‖ s on P-384. */
    public static final int SIGNATURE_LENGTH = 96;

    private static final String LAYOUT = "nvidia.report.layout";
    private static final String VERSION = "nvidia.report.version";
    private static final int SPDM_1_1 = 0x11;
    private static final int GET_MEASUREMENTS = 0xe0;
    private static final int MEASUREMENTS = 0x60;
    private static final int DMTF = 1;
    private static final int RAW_VALUE = 0x80;
    private static final int VALUE_HEADER = 3;

    /** Copies. */
    public GpuReport {
        measurements = Collections.unmodifiableSortedMap(new TreeMap<>(measurements));
    }

    /**
     * Reads a report.
     *
     * @throws AttestationException {@code nvidia.report.layout}, {@code nvidia.report.version} or {@code nvidia.report.opaque}
     */
    public static GpuReport parse(Bytes raw) {
        if (raw.size() > MAX_LENGTH) {
            throw new AttestationException(LAYOUT, "the report has " + raw.size() + " bytes, at most " + MAX_LENGTH + " are read");
        }
        Cursor cursor = new Cursor(raw, "report", LAYOUT);
        requireMessage(cursor, GET_MEASUREMENTS, "GET_MEASUREMENTS request");
        if (cursor.u8("param1") != 1 || cursor.u8("param2") != 0xff) {
            throw new AttestationException(VERSION, "the request does not ask for all measurements with a signature");
        }
        Bytes nonce = cursor.take(NONCE_LENGTH, "nonce");
        int slot = cursor.u8("slot");
        requireMessage(cursor, MEASUREMENTS, "MEASUREMENTS response");
        cursor.u8("param1");
        int answered = cursor.u8("param2") & 0x0f;
        if (answered != slot) {
            throw new AttestationException(LAYOUT, "the response is of slot " + answered + ", asked was slot " + slot);
        }
        int blocks = cursor.u8("number of blocks");
        SortedMap<Integer, Bytes> measurements = measurements(cursor.take(cursor.u24("record length"), "measurement record"), blocks);
        cursor.take(NONCE_LENGTH, "response nonce");
        Bytes opaque = cursor.take(cursor.u16("opaque length"), "opaque data");
        Bytes signed = raw.slice(0, cursor.at());
        Bytes signature = cursor.take(SIGNATURE_LENGTH, "signature");
        cursor.requireEnd();
        return new GpuReport(nonce, slot, measurements, OpaqueData.parse(opaque), signed, signature, raw.sha256());
    }

    private static void requireMessage(Cursor cursor, int code, String name) {
        int version = cursor.u8("SPDM version");
        int actual = cursor.u8("SPDM code");
        if (version != SPDM_1_1 || actual != code) {
            throw new AttestationException(VERSION, String.format("0x%02x 0x%02x is not the %s of SPDM 1.1", version, actual, name));
        }
    }

    private static SortedMap<Integer, Bytes> measurements(Bytes record, int blocks) {
        Cursor cursor = new Cursor(record, "measurement record", LAYOUT);
        SortedMap<Integer, Bytes> measurements = new TreeMap<>();
        for (int i = 0; i < blocks; i++) {
            int index = cursor.u8("block index");
            int specification = cursor.u8("block specification");
            int size = cursor.u16("block size");
            int type = cursor.u8("value type");
            int valueSize = cursor.u16("value size");
            if (specification != DMTF || (type & RAW_VALUE) != 0 || valueSize != MEASUREMENT_LENGTH || size != valueSize + VALUE_HEADER) {
                throw new AttestationException(LAYOUT, "block " + index + " is not a SHA-384 of the DMTF form: specification " + specification + ", size " + size
                        + ", type " + type + ", value size " + valueSize);
            }
            if (index == 0 || measurements.put(index, cursor.take(valueSize, "block " + index)) != null) {
                throw new AttestationException(LAYOUT, index == 0 ? "a block has index 0" : "block " + index + " is there twice");
            }
        }
        cursor.requireEnd();
        if (measurements.isEmpty()) {
            throw new AttestationException(LAYOUT, "the report has no measurement");
        }
        return measurements;
    }

    /** The measurement of a block; blocks are numbered from 1. */
    public Optional<Bytes> measurement(int index) {
        return Optional.ofNullable(measurements.get(index));
    }
}
