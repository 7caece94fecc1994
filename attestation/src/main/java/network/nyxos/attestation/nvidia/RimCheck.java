package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.verdict.CheckId;

/** Every check that a reference manifest meets, in the order of the verdict. */
public enum RimCheck implements CheckId {
    /** It is there. Asked only together with a report. */
    PRESENT("present"),
    /** Strict SWID XML with one signature of the one known form. */
    LAYOUT("layout"),
    /** The signer's key signed this very document. */
    SIGNATURE("signature"),
    /** Four certificates that form a chain. */
    CHAIN("chain"),
    /** The chain ends in a configured root. */
    ROOT("root"),
    /** The signer may sign reference values for this chip, and not for debugging. */
    ROLES("roles"),
    /** All are valid now. */
    VALIDITY("validity"),
    /** Of the chip and version that the report states. Asked only together with a report. */
    SUBJECT("subject");

    private final String name;

    RimCheck(String name) {
        this.name = name;
    }

    /** The stable id for a manifest judged alone. */
    @Override
    public String id() {
        return "nvidia.rim." + name;
    }

    /** The stable id within a GPU's verdict. */
    public String id(ReferenceManifest.Subject subject) {
        return (subject == ReferenceManifest.Subject.DRIVER ? "nvidia.driver-rim." : "nvidia.vbios-rim.") + name;
    }
}
