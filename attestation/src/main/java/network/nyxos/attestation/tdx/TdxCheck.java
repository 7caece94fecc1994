package network.nyxos.attestation.tdx;

import network.nyxos.attestation.verdict.CheckId;

/**
 * Every check that a TDX quote meets, in the order of the verdict. A verdict holds all of them, so that none can be left out unseen: one
 * that was not recorded as passed keeps the quote from being accepted.
 */
public enum TdxCheck implements CheckId {
    /** Lengths fit, nothing is cut off or left over. */
    QUOTE_LAYOUT("tdx.quote.layout"),
    /** A known version. */
    QUOTE_VERSION("tdx.quote.version"),
    /** ECDSA P-256. */
    QUOTE_KEY_TYPE("tdx.quote.key-type"),
    /** Intel's quoting enclave. */
    QUOTE_VENDOR("tdx.quote.vendor"),
    /** A TD, and the header says so too. */
    QUOTE_TEE_TYPE("tdx.quote.tee-type"),
    /** A known body of its own size. */
    QUOTE_BODY_TYPE("tdx.quote.body-type"),
    /** A PEM chain inside a QE report wrapper. */
    QUOTE_CERTIFICATION("tdx.quote.certification"),
    /** Only zeros follow the quote. Strictness of ours: what follows is covered by nothing. */
    QUOTE_TRAILING("tdx.quote.trailing"),
    /** The attestation key is a point of the curve. */
    QUOTE_ATTESTATION_KEY("tdx.quote.attestation-key"),
    /** The attestation key signed header and body. */
    QUOTE_SIGNATURE("tdx.quote.signature"),
    /** Three certificates that form a chain. */
    PCK_CHAIN("tdx.pck.chain"),
    /** The chain ends in a configured root. */
    PCK_ROOT("tdx.pck.root"),
    /** Each certificate plays its own part. */
    PCK_ROLES("tdx.pck.roles"),
    /** All are valid now. */
    PCK_VALIDITY("tdx.pck.validity"),
    /** The SGX extension is there, once, whole. */
    PCK_EXTENSION("tdx.pck.extension"),
    /** The PCK CRL is of the issuing CA and current, and does not list the PCK certificate. */
    PCK_CRL("tdx.pck.crl"),
    /** The PCK key signed the QE report. */
    QE_SIGNATURE("tdx.qe.signature"),
    /** The QE report binds the attestation key. */
    QE_BINDING("tdx.qe.binding"),
    /** The QE is the one of the identity. */
    QE_IDENTITY("tdx.qe.identity"),
    /** The TCB info can be read. */
    TCB_INFO("tdx.collateral.tcb-info"),
    /** The TCB signer signed it. */
    TCB_INFO_SIGNATURE("tdx.collateral.tcb-info-signature"),
    /** The QE identity can be read. */
    QE_IDENTITY_DOCUMENT("tdx.collateral.qe-identity"),
    /** The TCB signer signed it. */
    QE_IDENTITY_SIGNATURE("tdx.collateral.qe-identity-signature"),
    /** The signers' chains: two certificates, same root, the signer's name, valid now. */
    COLLATERAL_SIGNER("tdx.collateral.signer"),
    /** The root CRL is the root's and current, and lists neither the CA nor a signer. */
    ROOT_CRL("tdx.collateral.root-crl"),
    /** Neither from the future nor past its next update. */
    COLLATERAL_FRESHNESS("tdx.collateral.freshness"),
    /** Not older than the policy allows. */
    COLLATERAL_AGE("tdx.collateral.age"),
    /** For this kind of TEE and this platform. */
    COLLATERAL_PLATFORM("tdx.collateral.platform"),
    /** Equal in both documents, and not below the policy's. */
    EVALUATION_NUMBER("tdx.collateral.evaluation-number"),
    /** The platform reaches a published level. */
    TCB_PLATFORM("tdx.tcb.platform"),
    /** The module is known and reaches a published level. */
    TCB_MODULE("tdx.tcb.module"),
    /** The quoting enclave reaches a published level. */
    TCB_QE("tdx.tcb.qe"),
    /** All merged, the status is one that the policy accepts. */
    TCB_STATUS("tdx.tcb.status"),
    /** The advisories are ones that the policy accepts. */
    TCB_ADVISORIES("tdx.tcb.advisories"),
    /** The module is Intel's: signer and attributes. */
    MODULE_IDENTITY("tdx.module.identity"),
    /** Not a debug TD. */
    TD_DEBUG("tdx.td.debug"),
    /** No reserved or unknown attribute. */
    TD_ATTRIBUTES("tdx.td.attributes"),
    /** SEPT_VE_DISABLE is set. */
    TD_SEPT_VE("tdx.td.sept-ve-disable"),
    /** Not migratable, unless the policy allows it. */
    TD_MIGRATABLE("tdx.td.migratable"),
    /** XFAM has its fixed bits and no unknown one. */
    TD_XFAM("tdx.td.xfam"),
    /** No service TD. */
    TD_SERVICE("tdx.td.service-td"),
    /** One of the policy's measurements. */
    POLICY_MEASUREMENT("tdx.policy.measurement"),
    /** The policy's report data, all 64 bytes. */
    POLICY_REPORT_DATA("tdx.policy.report-data"),
    /** Where the policy requires a GPU: a quote alone speaks of none. */
    POLICY_GPU("tdx.policy.gpu");

    private final String id;

    TdxCheck(String id) {
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }
}
