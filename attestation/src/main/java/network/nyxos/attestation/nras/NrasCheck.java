package network.nyxos.attestation.nras;

import network.nyxos.attestation.verdict.CheckId;

/** Every check that a detached token meets, in the order of the verdict. Those of GPUs speak of all of them, and name whom they refuse. */
public enum NrasCheck implements CheckId {
    /** The bundle of tokens, each GPU once. */
    EAT_LAYOUT("nras.eat.layout"),
    /** As many GPUs as claimed. */
    EAT_COUNT("nras.eat.count"),
    /** A signed token of the one known algorithm. */
    OVERALL_TOKEN("nras.overall.token"),
    /** Its key is one that the caller trusts. */
    OVERALL_KEY("nras.overall.key"),
    /** That key signed it. */
    OVERALL_SIGNATURE("nras.overall.signature"),
    /** Issued by whom the policy names. */
    OVERALL_ISSUER("nras.overall.issuer"),
    /** Valid now, and not for longer than the policy allows. */
    OVERALL_TIMES("nras.overall.times"),
    /** The nonce that was asked for. */
    OVERALL_NONCE("nras.overall.nonce"),
    /** Claims of a version that is known here. */
    OVERALL_VERSION("nras.overall.version"),
    /** The service's own result. */
    OVERALL_RESULT("nras.overall.result"),
    /** It names the very GPU tokens that are there, by digest, and no other. */
    OVERALL_DIGESTS("nras.overall.digests"),
    /** Signed tokens of the one known algorithm. */
    GPU_TOKEN("nras.gpu.token"),
    /** Their keys are ones that the caller trusts. */
    GPU_KEY("nras.gpu.key"),
    /** Those keys signed them. */
    GPU_SIGNATURE("nras.gpu.signature"),
    /** Issued by whom the policy names. */
    GPU_ISSUER("nras.gpu.issuer"),
    /** Valid now, and not for longer than the policy allows. */
    GPU_TIMES("nras.gpu.times"),
    /** The nonce that was asked for. */
    GPU_NONCE("nras.gpu.nonce"),
    /** GPUs of a known generation, and no switch. */
    GPU_KIND("nras.gpu.kind"),
    /** The measurements were compared, successfully. */
    GPU_MEASUREMENTS("nras.gpu.measurements"),
    /** Report, manifests and their versions were verified. */
    GPU_CLAIMS("nras.gpu.claims"),
    /** The certificates of device and manifests are valid and not revoked. */
    GPU_CERTIFICATES("nras.gpu.certificates"),
    /** Securely booted, debugging disabled. */
    GPU_DEBUG("nras.gpu.debug"),
    /** No GPU is there twice. */
    GPU_DISTINCT("nras.gpu.distinct"),
    /** Not older than the policy allows. */
    GPU_DRIVER("nras.gpu.driver"),
    /** The nonce binds the GPUs to a CPU TEE, where the policy asks for it. */
    CPU_BINDING("nras.binding.cpu");

    private final String id;

    NrasCheck(String id) {
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }
}
