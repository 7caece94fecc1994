package network.nyxos.attestation.snp;

import network.nyxos.attestation.verdict.CheckId;

/** Every check that an SEV-SNP report meets, in the order of the verdict. */
public enum SnpCheck implements CheckId {
    /** Exactly 1184 bytes. */
    REPORT_LAYOUT("snp.report.layout"),
    /** A known version. */
    REPORT_VERSION("snp.report.version"),
    /** What must be zero is zero, behind the signature too. */
    REPORT_RESERVED("snp.report.reserved"),
    /** ECDSA P-384 with SHA-384. */
    REPORT_ALGORITHM("snp.report.algorithm"),
    /** The endorsement key signed the report. */
    REPORT_SIGNATURE("snp.report.signature"),
    /** Three certificates that form a chain of AMD's form. */
    CHAIN("snp.chain"),
    /** The chain ends in a configured root of AMD's. */
    CHAIN_ROOT("snp.chain.root"),
    /** Each certificate plays its own part, for one product. */
    CHAIN_ROLES("snp.chain.roles"),
    /** All are valid now. */
    CHAIN_VALIDITY("snp.chain.validity"),
    /** The revocation list is AMD's and current, and does not list the CA. */
    CHAIN_CRL("snp.chain.crl"),
    /** The processor is of the product that the chain is of. */
    PRODUCT("snp.product"),
    /** The key's certificate has AMD's extensions, whole. */
    KEY_EXTENSIONS("snp.key.extensions"),
    /** Report, certificate and CA agree whose key signed, and the policy accepts such keys. */
    KEY_KIND("snp.key.kind"),
    /** The key is derived for the reported TCB. */
    KEY_TCB("snp.key.tcb"),
    /** The key is this chip's. */
    KEY_CHIP("snp.key.chip-id"),
    /** Reported, committed and launch TCB are not above what runs. */
    TCB_ORDER("snp.tcb.order"),
    /** Firmware that could be rolled back, where the policy refuses it. */
    TCB_COMMITTED("snp.tcb.committed"),
    /** The policy's least TCB. */
    TCB_MINIMUM("snp.tcb.minimum"),
    /** The policy's least firmware. */
    FIRMWARE("snp.firmware.version"),
    /** The policy's mitigations. */
    MITIGATIONS("snp.firmware.mitigations"),
    /** The platform's setup. */
    PLATFORM("snp.platform"),
    /** Not a debug guest. */
    GUEST_DEBUG("snp.guest.debug"),
    /** Fixed and reserved bits of the guest policy. */
    GUEST_POLICY("snp.guest.policy"),
    /** No migration agent. */
    GUEST_MIGRATION("snp.guest.migration"),
    /** Two threads a core. */
    GUEST_SMT("snp.guest.smt"),
    /** One socket. */
    GUEST_SOCKET("snp.guest.single-socket"),
    /** The other bits of the guest policy. */
    GUEST_FLAGS("snp.guest.flags"),
    /** The privilege level that asked. */
    GUEST_VMPL("snp.guest.vmpl"),
    /** The guest's security version. */
    GUEST_SVN("snp.guest.svn"),
    /** The key that signed the ID block. */
    ID_KEY("snp.id-block.key"),
    /** The key that signed the ID key. */
    AUTHOR_KEY("snp.id-block.author-key"),
    /** The policy's host data. */
    POLICY_HOST_DATA("snp.policy.host-data"),
    /** One of the policy's measurements. */
    POLICY_MEASUREMENT("snp.policy.measurement"),
    /** The policy's report data, all 64 bytes. */
    POLICY_REPORT_DATA("snp.policy.report-data"),
    /** Where the policy requires a GPU: a report alone speaks of none. */
    POLICY_GPU("snp.policy.gpu");

    private final String id;

    SnpCheck(String id) {
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }
}
