package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The opaque data of a report: entries of type u16, size u16, value. Types that are not known here are skipped; a known one may stand
 * there once only.
 *
 * @param fields  what is known
 * @param skipped how many entries are of unknown types
 */
public record OpaqueData(Map<OpaqueField, Bytes> fields, int skipped) {
    private static final String CODE = "nvidia.report.opaque";
    private static final int VBIOS_VERSION_LENGTH = 8;
    private static final int FIRMWARE_ID_LENGTH = 48;
    private static final int SWITCH_ID_LENGTH = 8;
    private static final int SWITCH_GPUS = 8;

    /** Copies. */
    public OpaqueData {
        Map<OpaqueField, Bytes> copy = new EnumMap<>(OpaqueField.class);
        copy.putAll(fields);
        fields = Collections.unmodifiableMap(copy);
    }

    /**
     * Reads opaque data.
     *
     * @throws AttestationException {@code nvidia.report.opaque} when entries do not fill it exactly, a known one is there twice or is of
     *                              another form
     */
    public static OpaqueData parse(Bytes raw) {
        Cursor cursor = new Cursor(raw, "opaque data", CODE);
        Map<OpaqueField, Bytes> fields = new EnumMap<>(OpaqueField.class);
        int skipped = 0;
        while (!cursor.atEnd()) {
            int type = cursor.u16("type");
            Bytes value = cursor.take(cursor.u16("size"), "value of type " + type);
            Optional<OpaqueField> field = OpaqueField.ofType(type);
            if (field.isEmpty()) {
                skipped++;
            } else if (fields.put(field.get(), value) != null) {
                throw refused(field.get() + " (type " + type + ") is there twice");
            }
        }
        OpaqueData data = new OpaqueData(fields, skipped);
        data.requireForms();
        return data;
    }

    private void requireForms() {
        requireLength(OpaqueField.VBIOS_VERSION, VBIOS_VERSION_LENGTH);
        requireLength(OpaqueField.FIRMWARE_ID, FIRMWARE_ID_LENGTH);
        requireLength(OpaqueField.NVDEC0_STATUS, 1);
        requireLength(OpaqueField.PROTECTED_PCIE, 1);
        requireLength(OpaqueField.FEATURE_FLAG, 2);
        if (fields.getOrDefault(OpaqueField.SWITCH_IDS, Bytes.EMPTY).size() % SWITCH_ID_LENGTH != 0) {
            throw refused("SWITCH_IDS is not made of ids of " + SWITCH_ID_LENGTH + " bytes");
        }
        if (fields.containsKey(OpaqueField.SWITCH_GPUS) && fields.get(OpaqueField.SWITCH_GPUS).size() < SWITCH_GPUS * SWITCH_ID_LENGTH) {
            throw refused("SWITCH_GPUS does not hold " + SWITCH_GPUS + " ids of " + SWITCH_ID_LENGTH + " bytes");
        }
        text(OpaqueField.DRIVER_VERSION);
        text(OpaqueField.PROJECT);
        text(OpaqueField.PROJECT_SKU);
        text(OpaqueField.CHIP_SKU);
    }

    private void requireLength(OpaqueField field, int length) {
        if (fields.containsKey(field) && fields.get(field).size() != length) {
            throw refused(field + " has " + fields.get(field).size() + " bytes, must have " + length);
        }
    }

    /** The bytes of a field; empty when the report has none. */
    public Optional<Bytes> get(OpaqueField field) {
        return Optional.ofNullable(fields.get(field));
    }

    /** Version of the driver, such as {@code 550.90.07}; empty when there is none, as in a switch's report. */
    public Optional<String> driverVersion() {
        return text(OpaqueField.DRIVER_VERSION);
    }

    /**
     * Version of the VBIOS, such as {@code 96.00.5e.00.01}: of the eight bytes reversed, the second half and then the last byte of the
     * first, in hexadecimal.
     */
    public Optional<String> vbiosVersion() {
        return get(OpaqueField.VBIOS_VERSION).map(raw ->
                String.format("%02x.%02x.%02x.%02x.%02x", raw.u8(3), raw.u8(2), raw.u8(1), raw.u8(0), raw.u8(4)));
    }

    /** Project, project SKU and chip SKU, such as {@code 1010_0200_882}; empty when one is missing. */
    public Optional<String> project() {
        return text(OpaqueField.PROJECT).flatMap(project -> text(OpaqueField.PROJECT_SKU)
                .flatMap(sku -> text(OpaqueField.CHIP_SKU).map(chip -> project + "_" + sku + "_" + chip)));
    }

    /** True when the GPU says that it is connected to switches. */
    public boolean namesSwitches() {
        return !switchIds().isEmpty();
    }

    /** Of a GPU the switches that it says it is connected to, of a switch its own id; 8 bytes each. */
    public Set<Bytes> switchIds() {
        return ids(get(OpaqueField.SWITCH_IDS).orElse(Bytes.EMPTY));
    }

    /** Of a switch the GPUs that it says it joins, 8 bytes each. */
    public Set<Bytes> switchGpus() {
        return ids(get(OpaqueField.SWITCH_GPUS).map(raw -> raw.slice(0, SWITCH_GPUS * SWITCH_ID_LENGTH)).orElse(Bytes.EMPTY));
    }

    /** The ids of a row of them, without those that are all zero. */
    private static Set<Bytes> ids(Bytes row) {
        return IntStream.range(0, row.size() / SWITCH_ID_LENGTH).mapToObj(i -> row.slice(i * SWITCH_ID_LENGTH, SWITCH_ID_LENGTH)).filter(id -> !id.isZero())
                .collect(Collectors.toUnmodifiableSet());
    }

    private Optional<String> text(OpaqueField field) {
        return get(field).map(raw -> {
            StringBuilder text = new StringBuilder();
            boolean ended = false;
            for (int i = 0; i < raw.size(); i++) {
                int character = raw.u8(i);
                ended |= character == 0;
                if (ended ? character != 0 : character <= ' ' || character > '~') {
                    throw refused(field + " is not printable ASCII ended by NUL");
                }
                if (!ended) {
                    text.append((char) character);
                }
            }
            if (text.isEmpty()) {
                throw refused(field + " is empty");
            }
            return text.toString();
        });
    }

    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
