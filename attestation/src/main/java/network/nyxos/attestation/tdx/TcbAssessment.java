package network.nyxos.attestation.tdx;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.QeIdentity;
import network.nyxos.attestation.collateral.SvnLevel;
import network.nyxos.attestation.collateral.TcbInfo;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.sgx.EnclaveReport;
import network.nyxos.attestation.verdict.CheckLedger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Where a platform, its module and its quoting enclave stand among the published levels, and what that comes to. */
final class TcbAssessment {
    private final SortedSet<String> advisories = new TreeSet<>();
    private final TcbInfo tcbInfo;
    private final PckExtension platform;
    private final Optional<SvnLevel> quotingEnclave;
    private final CheckLedger<TdxCheck> ledger;
    private Optional<Instant> oldest = Optional.empty();

    TcbAssessment(TcbInfo tcbInfo, QeIdentity identity, PckExtension platform, EnclaveReport qeReport, CheckLedger<TdxCheck> ledger) {
        this.tcbInfo = tcbInfo;
        this.platform = platform;
        this.ledger = ledger;
        this.quotingEnclave = identity.level(qeReport.isvSvn());
        ledger.require(TdxCheck.TCB_QE, quotingEnclave.isPresent(),
                () -> "ISVSVN " + qeReport.isvSvn() + ": " + quotingEnclave.orElseThrow().status().label(),
                () -> "ISVSVN " + qeReport.isvSvn() + " is below every published level");
    }

    /** The status of an enclave's platform; empty when it reaches no level. */
    Optional<TcbStatus> ofEnclave() {
        return merge(tcbInfo.level(platform), List.of(), "CPUSVN " + platform.cpuSvn());
    }

    /** The status of a TD: as it was launched, and where the module has been updated since, as it runs now. */
    Optional<TcbStatus> ofTrustDomain(TdReport report) {
        Optional<TcbStatus> launch = ofModule(report, report.teeTcbSvn(), "TEE_TCB_SVN");
        return report.update()
                .map(update -> launch.flatMap(atLaunch -> ofModule(report, update.teeTcbSvn(), "TEE_TCB_SVN2").map(atLaunch::afterUpdateTo)))
                .orElse(launch);
    }

    /** Union over everything that matched. */
    List<String> advisories() {
        return List.copyOf(advisories);
    }

    /** The oldest date among everything that matched. */
    Optional<Instant> date() {
        return oldest;
    }

    private Optional<TcbStatus> ofModule(TdReport report, Bytes teeTcbSvn, String name) {
        List<SvnLevel> components = new ArrayList<>();
        Optional<TcbInfo.TdxModule> module = tcbInfo.moduleOf(teeTcbSvn);
        boolean known = ledger.require(TdxCheck.TCB_MODULE, module.isPresent(), () -> "version " + teeTcbSvn.u8(1),
                () -> "there is no module identity " + TcbInfo.moduleId(teeTcbSvn.u8(1)));
        if (!known) {
            return Optional.empty();
        }
        ledger.record(TdxCheck.MODULE_IDENTITY,
                module.orElseThrow().mismatch(report.mrSignerSeam(), report.seamAttributes())
                        .or(() -> report.seamAttributes().isZero() ? Optional.empty() : Optional.of("SEAMATTRIBUTES are not zero: " + report.seamAttributes())),
                () -> "MRSIGNERSEAM and SEAMATTRIBUTES are those of the identity");
        if (teeTcbSvn.u8(1) > 0) {
            Optional<SvnLevel> level = module.orElseThrow().level(teeTcbSvn.u8(0));
            String which = TcbInfo.moduleId(teeTcbSvn.u8(1)) + " version " + teeTcbSvn.u8(0);
            if (!ledger.require(TdxCheck.TCB_MODULE, level.isPresent(), () -> which + ": " + level.orElseThrow().status().label(),
                    () -> which + " is below every published level")) {
                return Optional.empty();
            }
            components.add(level.orElseThrow());
        }
        return merge(tcbInfo.level(platform, teeTcbSvn), components,
                "CPUSVN " + platform.cpuSvn() + ", PCESVN " + platform.pceSvn() + ", " + name + " " + teeTcbSvn);
    }

    private Optional<TcbStatus> merge(Optional<TcbInfo.Level> level, List<SvnLevel> components, String what) {
        if (!ledger.require(TdxCheck.TCB_PLATFORM, level.isPresent(), () -> what + ": " + level.orElseThrow().status().label(),
                () -> what + " is below every published level") || quotingEnclave.isEmpty()) {
            return Optional.empty();
        }
        List<SvnLevel> all = new ArrayList<>(components);
        all.add(quotingEnclave.orElseThrow());
        note(level.orElseThrow().advisories(), level.orElseThrow().date());
        all.forEach(component -> note(component.advisories(), component.date()));
        return Optional.of(level.orElseThrow().status().mergedWith(all.stream().map(SvnLevel::status).toList()));
    }

    private void note(Collection<String> applying, Instant date) {
        advisories.addAll(applying);
        oldest = Optional.of(oldest.filter(o -> o.isBefore(date)).orElse(date));
    }
}
