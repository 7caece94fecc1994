package network.nyxos.attestation.nvidia;

import java.util.Arrays;
import java.util.Optional;

/** The fields of a report's opaque data that are known here. */
public enum OpaqueField {
    /** Issuer name of the certificate. */
    CERTIFICATE_ISSUER(1),
    /** Authority key id of the certificate. */
    AUTHORITY_KEY_ID(2),
    /** Version of the driver, ASCII ended by NUL. */
    DRIVER_VERSION(3),
    /** GPU info, 8 bytes. */
    GPU_INFO(4),
    /** SKU. */
    SKU(5),
    /** Version of the VBIOS, 8 bytes, see {@link OpaqueData#vbiosVersion()}. */
    VBIOS_VERSION(6),
    /** Manufacturer id. */
    MANUFACTURER_ID(7),
    /** Tamper detection. */
    TAMPER_DETECTION(8),
    /** SMC. */
    SMC(9),
    /** VPR. */
    VPR(10),
    /** State of the first video decoder: 0x55 disabled, 0xaa enabled. */
    NVDEC0_STATUS(11),
    /** Counts of measurements. */
    MEASUREMENT_COUNTS(12),
    /** CPR info. */
    CPR_INFO(13),
    /** Board id. */
    BOARD_ID(14),
    /** SKU of the chip, ASCII. */
    CHIP_SKU(15),
    /** Modifier of the chip's SKU, ASCII. */
    CHIP_SKU_MODIFIER(16),
    /** Project, ASCII. */
    PROJECT(17),
    /** SKU of the project, ASCII. */
    PROJECT_SKU(18),
    /** Modifier of the project's SKU, ASCII. */
    PROJECT_SKU_MODIFIER(19),
    /** Firmware id, 48 bytes. */
    FIRMWARE_ID(20),
    /** Protected PCIe: 0x55 off, 0xaa on. */
    PROTECTED_PCIE(21),
    /** Of a GPU: ids of the switches that it is connected to, 8 bytes each. Of a switch: its own. */
    SWITCH_IDS(22),
    /** Ports that are floor-swept. */
    FLOOR_SWEPT_PORTS(23),
    /** Position id. */
    POSITION_ID(24),
    /** Lock status. */
    LOCK_STATUS(25),
    /** Of a switch: ids of the GPUs that it joins, 8 of 8 bytes, zeros where there is none; then its ports. */
    SWITCH_GPUS(26),
    /** Links to other GPUs. */
    GPU_LINKS(32),
    /** System enable status. */
    SYSTEM_ENABLE_STATUS(33),
    /** Version of the opaque data. */
    OPAQUE_VERSION(34),
    /** Feature flag, u16: 0 single-GPU passthrough, 2 protected PCIe. */
    FEATURE_FLAG(36);

    private final int type;

    OpaqueField(int type) {
        this.type = type;
    }

    /** Its number in the report. */
    public int type() {
        return type;
    }

    static Optional<OpaqueField> ofType(int type) {
        return Arrays.stream(values()).filter(field -> field.type == type).findFirst();
    }
}
