package network.nyxos.cli.provider;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.job.Tier;
import network.nyxos.node.evidence.EvidenceSource;
import network.nyxos.node.evidence.GuestEvidence;

/** Where a node's evidence of its machine comes from, by its configuration. */
enum MachineEvidence {
    /** There is none. */
    NONE,
    /** Whatever the machine offers. */
    AUTO,
    /** The TDX guest that the node runs in. */
    TDX,
    /** The SEV-SNP guest that the node runs in. */
    SNP;

    /** Key {@code evidence}. Where it is left out, the machine decides for nodes of the confidential tier; others need none. */
    static MachineEvidence of(ConfigFile config, Collection<Tier> tiers) {
        String said = config.optional("evidence").orElse(tiers.contains(Tier.CONFIDENTIAL) ? "auto" : "none");
        return switch (said) {
            case "auto" -> AUTO;
            case "tdx" -> TDX;
            case "snp" -> SNP;
            case "none" -> NONE;
            default -> throw ConfigFile.invalid("evidence is auto, tdx, snp or none, not '" + said + "'");
        };
    }

    /**
     * Opens it.
     *
     * @param base where the kernel offers it
     * @throws StackException {@code evidence_absent} when the machine does not offer what is asked of it
     */
    Optional<EvidenceSource> open(Path base) {
        if (this == NONE) {
            return Optional.empty();
        }
        try {
            GuestEvidence.Provider offered = GuestEvidence.detect(base);
            if (this != AUTO && !name().equals(offered.name())) {
                throw new StackException("evidence_absent", "evidence = " + this + ", and this machine offers " + offered.kind());
            }
            return Optional.of(new GuestEvidence(offered, base));
        } catch (EvidenceSource.EvidenceException e) {
            throw new StackException("evidence_absent", e.getMessage());
        }
    }

    /** As in a configuration. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
