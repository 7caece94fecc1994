package network.nyxos.cli.attest;

import java.util.Locale;

/** What kind of evidence a file holds. */
enum EvidenceKind {
    /** An Intel TDX quote. */
    TDX,
    /** An AMD SEV-SNP report. */
    SNP,
    /** An NVIDIA GPU report. */
    NVIDIA,
    /** A token of NVIDIA's remote attestation service. */
    NRAS;

    /** As on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
