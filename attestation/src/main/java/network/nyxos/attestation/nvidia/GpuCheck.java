package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.CheckId;

/**
 * The checks that a GPU's report meets, in the order of the verdict. A verdict holds all of them, and, where manifests are judged, those of
 * {@link RimCheck} for driver and VBIOS besides.
 */
public enum GpuCheck implements CheckId {
    /** Lengths fit, nothing is cut off, left over or there twice. */
    REPORT_LAYOUT("nvidia.report.layout"),
    /** SPDM 1.1, the request for all measurements and its response. */
    REPORT_VERSION("nvidia.report.version"),
    /** The opaque data can be read and holds what is needed. */
    REPORT_OPAQUE("nvidia.report.opaque"),
    /** Five certificates that form a chain. */
    DEVICE_CHAIN("nvidia.device.chain"),
    /** The chain ends in a configured root. */
    DEVICE_ROOT("nvidia.device.root"),
    /** A GPU of a known generation, and no switch. */
    DEVICE_KIND("nvidia.device.kind"),
    /** Each certificate plays its own part, for one chip. */
    DEVICE_ROLES("nvidia.device.roles"),
    /** All are valid now. */
    DEVICE_VALIDITY("nvidia.device.validity"),
    /** The revocation lists or OCSP answers that the policy asks for are there; those that are there are signed, current, and know the certificate. */
    DEVICE_REVOCATION_LISTS("nvidia.device.revocation-lists"),
    /** No certificate is revoked. */
    DEVICE_REVOKED("nvidia.device.revoked"),
    /** No certificate is on hold. */
    DEVICE_ON_HOLD("nvidia.device.on-hold"),
    /** The leaf certificate tells which firmware holds its key. */
    DEVICE_FIRMWARE("nvidia.device.firmware"),
    /** No debug, recovery or insecure mode. */
    DEVICE_DEBUG("nvidia.device.debug"),
    /** The leaf's key signed request and response. */
    REPORT_SIGNATURE("nvidia.report.signature"),
    /** The nonce that was asked for. */
    REPORT_NONCE("nvidia.report.nonce"),
    /** The nonce binds the GPU to a CPU TEE, where the policy asks for it. */
    CPU_BINDING("nvidia.binding.cpu"),
    /** The firmware id of the report is the certificate's. */
    REPORT_FIRMWARE_ID("nvidia.report.fwid"),
    /** A mode of confidential computing that is known here. */
    REPORT_MODE("nvidia.report.mode"),
    /** Not older than the policy allows. */
    POLICY_DRIVER("nvidia.policy.driver"),
    /** Reference manifests were compared, or the policy does without. */
    POLICY_MANIFESTS("nvidia.policy.manifests"),
    /** Driver and VBIOS do not both claim one index. */
    MEASUREMENT_CONFLICT("nvidia.measurements.conflict"),
    /** All measurements of the driver are NVIDIA's. */
    MEASUREMENT_DRIVER("nvidia.measurements.driver"),
    /** All measurements of the VBIOS are NVIDIA's. */
    MEASUREMENT_VBIOS("nvidia.measurements.vbios");

    private final String id;

    GpuCheck(String id) {
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }
}
