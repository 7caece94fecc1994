package network.nyxos.attestation.snp;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P384;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.policy.SnpRules;
import network.nyxos.attestation.policy.TcbFloor;
import network.nyxos.attestation.sev.Flag;
import network.nyxos.attestation.sev.GuestFlag;
import network.nyxos.attestation.sev.KeyKind;
import network.nyxos.attestation.sev.PlatformFlag;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.verdict.CheckLedger;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges AMD SEV-SNP attestation reports. Never throws for what a report contains: whatever is wrong becomes a failed check, and as many
 * checks as can be are judged. AMD publishes no TCB status; what is too old is the policy's to say.
 */
public final class SnpVerifier {
    private static final String KIND = "AMD SEV-SNP";
    private static final long ECDSA_P384_SHA384 = 1;
    private static final long HOST_REQUESTED = 0xffff_ffffL;
    private static final Set<GuestFlag> OTHER_GUEST_FLAGS = EnumSet.complementOf(
            EnumSet.of(GuestFlag.DEBUG, GuestFlag.MIGRATION_AGENT, GuestFlag.SMT, GuestFlag.SINGLE_SOCKET));

    private final Endorsements endorsements;
    private final Policy policy;
    private final SnpRules rules;
    private final Instant now;
    private final Optional<TrustAnchor> anchor;
    private final boolean development;
    private final CheckLedger<SnpCheck> ledger = new CheckLedger<>(SnpCheck.class);

    private SnpVerifier(Endorsements endorsements, Policy policy, Instant now) {
        this.endorsements = Objects.requireNonNull(endorsements, "endorsements");
        this.policy = Objects.requireNonNull(policy, "policy");
        this.rules = policy.snp();
        this.now = Objects.requireNonNull(now, "now");
        this.anchor = policy.roots().stream()
                .filter(root -> root.family().maker() == TrustAnchor.Maker.AMD && root.fingerprint().equals(endorsements.rootFingerprint()))
                .findFirst();
        this.development = anchor.map(TrustAnchor::development).orElseGet(() -> TrustAnchor.isDevelopment(endorsements.root()));
    }

    /**
     * Judges a report.
     *
     * @param report       exactly as the guest got it
     * @param endorsements certificates, and AMD's revocation list where the caller has it
     * @param policy       what is accepted
     * @param now          the one time that everything is judged at
     */
    public static Verdict verify(byte[] report, Endorsements endorsements, Policy policy, Instant now) {
        return new SnpVerifier(endorsements, policy, now).judge(Bytes.of(report));
    }

    private Verdict judge(Bytes raw) {
        chain();
        AttestationReport report;
        try {
            report = AttestationReport.parse(raw);
        } catch (AttestationException e) {
            ledger.record(ledger.named(e.code(), SnpCheck.REPORT_LAYOUT), Optional.of(e.getMessage()), () -> "");
            return verdict(raw, Optional.empty(), Optional.empty());
        }
        form(report);
        signature(report);
        endorsements.claimedProduct().ifPresent(product -> platform(report, product));
        firmware(report);
        guest(report);
        idBlock(report);
        demanded(report);
        return verdict(raw, Optional.of(report.measurement()), Optional.of(report.reportData()));
    }

    private Verdict verdict(Bytes raw, Optional<Measurement> measurement, Optional<Bytes> reportData) {
        return new Verdict(KIND, now, raw.sha256(), development, Optional.empty(), Optional.empty(), List.of(),
                measurement, reportData, ledger.all());
    }

    private void form(AttestationReport report) {
        ledger.record(SnpCheck.REPORT_LAYOUT, Optional.empty(), () -> AttestationReport.LENGTH + " bytes");
        ledger.record(SnpCheck.REPORT_VERSION, Optional.empty(), () -> "version " + report.version());
        ledger.record(SnpCheck.REPORT_RESERVED, report.reservedProblem(), () -> "all zero");
        ledger.require(SnpCheck.REPORT_ALGORITHM, report.signatureAlgorithm() == ECDSA_P384_SHA384, () -> "ECDSA P-384 with SHA-384",
                () -> "signature algorithm " + report.signatureAlgorithm() + " is not 1 (ECDSA P-384 with SHA-384)");
    }

    private void signature(AttestationReport report) {
        var key = endorsements.key().getPublicKey();
        if (P384.isP384(key)) {
            ledger.require(SnpCheck.REPORT_SIGNATURE, P384.verify(key, report.signedBytes().toArray(), report.signature()),
                    () -> "by the endorsement key over the report", () -> "the endorsement key did not sign this report");
        }
    }

    private void chain() {
        ledger.record(SnpCheck.CHAIN, endorsements.chainProblem(), () -> "three certificates, RSASSA-PSS with SHA-384");
        ledger.require(SnpCheck.CHAIN_ROOT, anchor.isPresent(),
                () -> anchor.orElseThrow().family().root() + ", sha256 " + endorsements.rootFingerprint(),
                () -> development && !policy.allowDevelopmentRoots()
                        ? "the root is a development root, which this policy does not allow"
                        : "root \"" + CertificateChain.commonName(endorsements.root()) + "\" (sha256 " + endorsements.rootFingerprint()
                                + ") is not configured");
        anchor.ifPresent(root -> ledger.record(SnpCheck.CHAIN_ROLES, rolesProblem(root.family()),
                () -> CertificateChain.commonName(endorsements.key()) + " by " + CertificateChain.commonName(endorsements.authority())));
        ledger.record(SnpCheck.CHAIN_VALIDITY, endorsements.validityProblem(now), () -> "all certificates are valid");
        ledger.record(SnpCheck.CHAIN_CRL,
                rules.requireRevocationList() && !endorsements.hasRevocationList()
                        ? Optional.of("the policy requires AMD's revocation list, and none is given")
                        : endorsements.revocationProblem(now),
                () -> endorsements.hasRevocationList() ? "of the root, current; the CA is not on it" : "none given, and the policy requires none");
    }

    /** The kind that the CA issues keys of, by the name of the CA; empty when it is no CA of this family. */
    private Optional<KeyKind> kindOfAuthority(TrustAnchor.Family family) {
        String name = CertificateChain.commonName(endorsements.authority());
        return Product.of(family).flatMap(product -> EnumSet.allOf(KeyKind.class).stream()
                .filter(kind -> name.equals(family.prefix() + kind.authority(product)))
                .findFirst());
    }

    private Optional<String> rolesProblem(TrustAnchor.Family family) {
        String leaf = CertificateChain.commonName(endorsements.key());
        boolean fit = CertificateChain.commonName(endorsements.root()).equals(family.root())
                && kindOfAuthority(family).filter(kind -> leaf.equals(family.prefix() + kind.leaf())).isPresent();
        return fit ? Optional.empty() : Optional.of("\"" + leaf + "\" by \"" + CertificateChain.commonName(endorsements.authority())
                + "\" by \"" + CertificateChain.commonName(endorsements.root()) + "\" may not endorse a report");
    }

    private void platform(AttestationReport report, Product product) {
        ledger.record(SnpCheck.PRODUCT, productProblem(report, product),
                () -> product.label() + report.processor().map(processor -> ", " + processor).orElse(", by its certificates (version 2 does not say)"));
        EndorsementKey key = null;
        try {
            key = EndorsementKey.of(endorsements.key(), product);
            ledger.record(SnpCheck.KEY_EXTENSIONS, Optional.empty(), () -> "of " + product.label());
        } catch (AttestationException e) {
            ledger.record(SnpCheck.KEY_EXTENSIONS, Optional.of(e.getMessage()), () -> "");
        }
        Optional.ofNullable(key).ifPresent(read -> {
            keyKind(report, read, product);
            chip(report, read);
        });
        tcb(report, Optional.ofNullable(key), product);
    }

    private Optional<String> productProblem(AttestationReport report, Product product) {
        if (report.processor().isEmpty()) {
            return product == Product.TURIN ? Optional.of("a report of version 2 cannot be Turin's") : Optional.empty();
        }
        AttestationReport.Processor processor = report.processor().get();
        return processor.product().equals(Optional.of(product))
                ? Optional.empty()
                : Optional.of("the processor (" + processor + ") is "
                        + processor.product().map(Product::label).orElse("not known") + ", the chain is of " + product.label());
    }

    private void keyKind(AttestationReport report, EndorsementKey key, Product product) {
        TrustAnchor.Family family = anchor.map(TrustAnchor::family)
                .orElseGet(() -> TrustAnchor.isDevelopment(endorsements.root()) ? product.development() : product.hardware());
        Optional<KeyKind> said = report.keyKind();
        Optional<String> problem;
        if (said.isEmpty()) {
            problem = Optional.of(report.signingKey() == 7 ? "the report says that it is not signed" : "signing key " + report.signingKey() + " is not known");
        } else if (said.get() != key.kind() || !said.equals(kindOfAuthority(family))) {
            problem = Optional.of("the report is signed by a " + said.get() + ", the certificate is of a " + key.kind() + ", the CA is \""
                    + CertificateChain.commonName(endorsements.authority()) + "\"");
        } else {
            problem = rules.keyKinds().contains(said.get()) ? Optional.empty() : Optional.of("the policy accepts " + rules.keyKinds() + ", this is a " + said.get());
        }
        ledger.record(SnpCheck.KEY_KIND, problem, () -> key.kind() + (key.cloud().isEmpty() ? "" : " of " + key.cloud()));
    }

    private void chip(AttestationReport report, EndorsementKey key) {
        if (key.kind() == KeyKind.VLEK) {
            ledger.record(SnpCheck.KEY_CHIP, Optional.empty(), () -> "a VLEK names no chip");
            return;
        }
        Bytes expected = key.hardwareId().concat(Bytes.zeros(report.chipId().size() - key.hardwareId().size()));
        ledger.require(SnpCheck.KEY_CHIP, !report.chipId().isZero() && report.chipId().equals(expected), () -> "the key is this chip's",
                () -> report.chipId().isZero() ? "the host masks the chip's id, so the key cannot be shown to be this chip's"
                        : "the report is of chip " + report.chipId() + ", the key is of " + expected);
    }

    private void tcb(AttestationReport report, Optional<EndorsementKey> key, Product product) {
        Optional<TcbVersion> current = TcbVersion.of(report.currentTcb(), product);
        Optional<TcbVersion> reported = TcbVersion.of(report.reportedTcb(), product);
        Optional<TcbVersion> committed = TcbVersion.of(report.committedTcb(), product);
        Optional<TcbVersion> launch = TcbVersion.of(report.launchTcb(), product);
        if (current.isEmpty() || reported.isEmpty() || committed.isEmpty() || launch.isEmpty()) {
            ledger.record(SnpCheck.TCB_ORDER, Optional.of("a TCB version has bytes set that are zero on " + product.label()), () -> "");
            return;
        }
        Versions versions = new Versions(current.get(), reported.get(), committed.get(), launch.get());
        key.ifPresent(read -> ledger.require(SnpCheck.KEY_TCB, read.tcb().equals(versions.reported), () -> "the reported one: " + versions.reported,
                () -> "the key is of " + read.tcb() + ", the report says " + versions.reported));
        ledger.record(SnpCheck.TCB_ORDER, versions.orderProblem(GuestFlag.MIGRATION_AGENT.in(report.policy())), () -> "current: " + versions.current);
        boolean provisional = !versions.current.isAtMost(versions.committed) || report.committedFirmware().compareTo(report.currentFirmware()) < 0;
        ledger.require(SnpCheck.TCB_COMMITTED, !provisional || rules.allowProvisional(),
                () -> provisional ? "the policy allows firmware that can be rolled back to " + versions.committed : "all of what runs is committed",
                () -> "what runs (" + versions.current + ") can be rolled back to " + versions.committed);
        ledger.record(SnpCheck.TCB_MINIMUM, floorProblem(versions, product), () -> rules.floors().isEmpty() ? "the policy sets none" : "reached");
    }

    private void firmware(AttestationReport report) {
        SnpRules.Firmware lower = report.committedFirmware().compareTo(report.currentFirmware()) < 0 ? report.committedFirmware() : report.currentFirmware();
        ledger.require(SnpCheck.FIRMWARE, report.committedFirmware().compareTo(report.currentFirmware()) <= 0 && lower.compareTo(rules.minimumFirmware()) >= 0,
                () -> "current " + report.currentFirmware() + ", committed " + report.committedFirmware(),
                () -> "current " + report.currentFirmware() + ", committed " + report.committedFirmware() + "; committed must not be above current, nor either below "
                        + rules.minimumFirmware());
        long missing = rules.requiredMitigations() & ~report.currentMitigations().orElse(0L);
        ledger.require(SnpCheck.MITIGATIONS, missing == 0,
                () -> report.currentMitigations().map(bits -> String.format("0x%x", bits)).orElse("not told before version 5, and the policy requires none"),
                () -> String.format("mitigations 0x%x are required and not in force", missing));
        ledger.record(SnpCheck.PLATFORM, (report.platformInfo() & PlatformFlag.RESERVED) != 0
                ? Optional.of(String.format("PLATFORM_INFO 0x%x has reserved bits", report.platformInfo()))
                : flagProblem(report.platformInfo(), EnumSet.allOf(PlatformFlag.class), rules.requiredPlatform(), rules.forbiddenPlatform()),
                () -> flags(report.platformInfo(), EnumSet.allOf(PlatformFlag.class)));
    }

    private Optional<String> floorProblem(Versions versions, Product product) {
        if (rules.floors().isEmpty()) {
            return Optional.empty();
        }
        TcbFloor floor = rules.floors().get(product);
        if (floor == null) {
            return Optional.of("the policy sets least versions, and none for " + product.label());
        }
        List<String> low = new ArrayList<>();
        versions.reported.below(floor.reported()).forEach(text -> low.add("reported " + text));
        versions.committed.below(floor.committed()).forEach(text -> low.add("committed " + text));
        versions.launch.below(floor.launch()).forEach(text -> low.add("launch " + text));
        return low.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", low));
    }

    private void guest(AttestationReport report) {
        long guest = report.policy();
        ledger.require(SnpCheck.GUEST_DEBUG, !GuestFlag.DEBUG.in(guest), () -> "not a debug guest", () -> "this is a debug guest: its host reads its memory");
        ledger.require(SnpCheck.GUEST_POLICY, (guest & GuestFlag.FIXED) != 0 && (guest & GuestFlag.RESERVED) == 0, () -> String.format("0x%x", guest),
                () -> String.format("guest policy 0x%x lacks bit 17 or has a reserved bit", guest));
        guestFlags(SnpCheck.GUEST_MIGRATION, guest, EnumSet.of(GuestFlag.MIGRATION_AGENT));
        guestFlags(SnpCheck.GUEST_SMT, guest, EnumSet.of(GuestFlag.SMT));
        guestFlags(SnpCheck.GUEST_SOCKET, guest, EnumSet.of(GuestFlag.SINGLE_SOCKET));
        guestFlags(SnpCheck.GUEST_FLAGS, guest, OTHER_GUEST_FLAGS);
        ledger.require(SnpCheck.GUEST_VMPL, report.vmpl() <= 3 && rules.vmpls().contains((int) report.vmpl()), () -> "VMPL " + report.vmpl(),
                () -> report.vmpl() == HOST_REQUESTED ? "the host asked for this report: the report data is not the guest's"
                        : "VMPL " + report.vmpl() + " asked; the policy accepts " + rules.vmpls().stream().sorted().toList());
        ledger.require(SnpCheck.GUEST_SVN, report.guestSvn() >= rules.minimumGuestSvn(), () -> "GUEST_SVN " + report.guestSvn(),
                () -> "GUEST_SVN is " + report.guestSvn() + ", must be at least " + rules.minimumGuestSvn());
    }

    private void guestFlags(SnpCheck check, long guest, Set<GuestFlag> flags) {
        ledger.record(check, flagProblem(guest, flags, rules.requiredGuest(), rules.forbiddenGuest()), () -> flags(guest, flags));
    }

    private static <F extends Flag> Optional<String> flagProblem(long field, Set<F> flags, Set<F> required, Set<F> forbidden) {
        return flags.stream().filter(flag -> flag.in(field) ? forbidden.contains(flag) : required.contains(flag)).findFirst()
                .map(flag -> "\"" + flag.label() + "\" is " + (flag.in(field) ? "set, and the policy forbids it" : "not set, and the policy requires it"));
    }

    private static <F extends Flag> String flags(long field, Set<F> flags) {
        String set = flags.stream().filter(flag -> flag.in(field)).map(Flag::label).collect(Collectors.joining(", "));
        return set.isEmpty() ? "not set" : set;
    }

    private void idBlock(AttestationReport report) {
        ledger.require(SnpCheck.ID_KEY, rules.idKeyDigests().isEmpty() || rules.idKeyDigests().contains(report.idKeyDigest()),
                () -> report.idKeyDigest().isZero() ? "no ID block" : "key " + report.idKeyDigest(),
                () -> "the ID block's key is " + report.idKeyDigest() + ", none of the policy's");
        boolean consistent = report.authorKeyEnabled() != report.authorKeyDigest().isZero();
        ledger.require(SnpCheck.AUTHOR_KEY, consistent && (rules.authorKeyDigests().isEmpty() || rules.authorKeyDigests().contains(report.authorKeyDigest())),
                () -> report.authorKeyEnabled() ? "key " + report.authorKeyDigest() : "no author key",
                () -> consistent ? "the author key is " + report.authorKeyDigest() + ", none of the policy's"
                        : "the report " + (report.authorKeyEnabled() ? "says that there is an author key, and names none" : "names an author key, and says that there is none"));
    }

    private void demanded(AttestationReport report) {
        ledger.require(SnpCheck.POLICY_HOST_DATA, rules.hostData().isEmpty() || rules.hostData().equals(report.hostData()),
                () -> rules.hostData().isEmpty() ? "the policy accepts any host data" : "as the policy demands",
                () -> "host data is " + report.hostData() + ", must be " + rules.hostData());
        ledger.require(SnpCheck.POLICY_MEASUREMENT, policy.measurements().isEmpty() || policy.measurements().stream().anyMatch(report.measurement()::satisfies),
                () -> policy.measurements().isEmpty() ? "the policy accepts any measurement" : "one of the policy's",
                () -> "none of the policy's " + policy.measurements().size() + " measurements: " + report.measurement());
        ledger.require(SnpCheck.POLICY_REPORT_DATA, policy.reportData().isEmpty() || policy.reportData().equals(report.reportData()),
                () -> policy.reportData().isEmpty() ? "the policy accepts any report data" : "as the policy demands",
                () -> "report data is " + report.reportData() + ", must be " + policy.reportData());
        ledger.require(SnpCheck.POLICY_GPU, !policy.gpuRequired(), () -> "the policy requires none",
                () -> "the policy requires GPU evidence, and a report alone speaks of no GPU");
    }

    /** The four TCB versions of a report. */
    private record Versions(TcbVersion current, TcbVersion reported, TcbVersion committed, TcbVersion launch) {
        /** A guest that was moved here may have been launched under newer firmware than runs here. */
        Optional<String> orderProblem(boolean mayHaveMigrated) {
            if (!reported.isAtMost(current)) {
                return Optional.of("reported (" + reported + ") is above current (" + current + ")");
            }
            if (!committed.isAtMost(current)) {
                return Optional.of("committed (" + committed + ") is above current (" + current + ")");
            }
            return mayHaveMigrated || launch.isAtMost(current) ? Optional.empty() : Optional.of("launch (" + launch + ") is above current (" + current + ")");
        }
    }
}
