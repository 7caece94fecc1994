package network.nyxos.attestation.tdx;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.collateral.QeIdentity;
import network.nyxos.attestation.collateral.TcbInfo;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P256;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.CheckLedger;
import network.nyxos.attestation.verdict.Verdict;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Judges Intel TDX quotes. Never throws for what a quote or its collateral contains: whatever is wrong becomes a failed check, and as
 * many checks as can be are judged, so that the verdict says all that is wrong and not only the first thing.
 *
 * <p>The TCB status is derived only from data whose signatures hold under a configured root; before that it would be the sender's word.
 */
public final class TdxVerifier {
    private static final int PCK_CHAIN_LENGTH = 3;
    private static final int SIGNER_CHAIN_LENGTH = 2;

    private final Policy policy;
    private final CollateralSet collateral;
    private final Instant now;
    private final CheckLedger<TdxCheck> ledger = new CheckLedger<>(TdxCheck.class);

    private boolean development;
    private Optional<TcbStatus> status = Optional.empty();
    private Optional<Instant> tcbDate = Optional.empty();
    private List<String> advisories = List.of();

    private TdxVerifier(CollateralSet collateral, Policy policy, Instant now) {
        this.collateral = Objects.requireNonNull(collateral, "collateral");
        this.policy = Objects.requireNonNull(policy, "policy");
        this.now = Objects.requireNonNull(now, "now");
    }

    /** As {@link #verify(byte[], CollateralSet, Policy, Instant)}, for a single quote. */
    public static Verdict verify(byte[] quote, Collateral collateral, Policy policy, Instant now) {
        return verify(quote, CollateralSet.of(collateral), policy, now);
    }

    /**
     * Judges a quote.
     *
     * @param quote      as the machine gave it; zeros may follow
     * @param collateral kept by the caller for as long as it is fresh
     * @param policy     what is accepted
     * @param now        the one time that everything is judged at
     */
    public static Verdict verify(byte[] quote, CollateralSet collateral, Policy policy, Instant now) {
        return new TdxVerifier(collateral, policy, now).judge(Bytes.of(quote));
    }

    private Verdict judge(Bytes raw) {
        Quote quote;
        try {
            quote = Quote.parse(raw);
        } catch (AttestationException e) {
            return unreadable(raw, e);
        }
        parsed(quote);
        quoteSignature(quote);
        CollateralSet.Platform platform = collateral.platform(quote.signature().certification());
        pckChain(platform);
        quotingEnclave(quote.signature(), platform);
        collateralDocuments(quote, platform);
        tcb(quote, platform);
        if (quote.body() instanceof QuoteBody.TrustDomain(TdReport report)) {
            trustDomain(report);
            return verdict("Intel TDX", quote.evidenceHash(), Optional.of(report.measurement()), Optional.of(report.reportData()));
        }
        return verdict("Intel SGX", quote.evidenceHash(), Optional.empty(), Optional.empty());
    }

    private Verdict unreadable(Bytes raw, AttestationException why) {
        ledger.record(ledger.named(why.code(), TdxCheck.QUOTE_LAYOUT), Optional.of(why.getMessage()), () -> "");
        return verdict("Intel TDX", raw.sha256(), Optional.empty(), Optional.empty());
    }

    private Verdict verdict(String kind, Bytes evidenceHash, Optional<Measurement> measurement, Optional<Bytes> reportData) {
        List<Check> checks = ledger.all();
        return new Verdict(kind, now, evidenceHash, development, status, tcbDate, advisories, measurement, reportData, checks);
    }

    private void parsed(Quote quote) {
        Optional<String> none = Optional.empty();
        ledger.record(TdxCheck.QUOTE_LAYOUT, none, () -> quote.length() + " bytes");
        ledger.record(TdxCheck.QUOTE_VERSION, none, () -> "version " + quote.version());
        ledger.record(TdxCheck.QUOTE_KEY_TYPE, none, () -> "ECDSA P-256");
        ledger.record(TdxCheck.QUOTE_VENDOR, none, () -> "Intel");
        ledger.record(TdxCheck.QUOTE_BODY_TYPE, none, () -> quote.body().getClass().getSimpleName());
        ledger.record(TdxCheck.QUOTE_CERTIFICATION, none, () -> "PEM chain");
        ledger.require(TdxCheck.QUOTE_TEE_TYPE, quote.body() instanceof QuoteBody.TrustDomain, () -> "TDX",
                () -> "this is an SGX quote; only TDX is accepted");
        ledger.require(TdxCheck.QUOTE_TRAILING, quote.trailing().isZero(), () -> quote.trailing().size() + " zeros follow",
                () -> quote.trailing().size() + " bytes follow the quote and are not all zero");
    }

    private void quoteSignature(Quote quote) {
        try {
            var key = P256.publicKey(quote.signature().attestationKey());
            ledger.record(TdxCheck.QUOTE_ATTESTATION_KEY, Optional.empty(), () -> "on P-256");
            ledger.require(TdxCheck.QUOTE_SIGNATURE, P256.verify(key, quote.signedBytes().toArray(), quote.signature().signature()),
                    () -> "by the attestation key over header and body", () -> "the attestation key did not sign this header and body");
        } catch (AttestationException e) {
            ledger.record(TdxCheck.QUOTE_ATTESTATION_KEY, Optional.of(e.getMessage()), () -> "");
        }
    }

    private Optional<TrustAnchor> anchorOf(CertificateChain chain) {
        return policy.roots().stream()
                .filter(anchor -> anchor.family().maker() == TrustAnchor.Maker.INTEL && anchor.anchors(chain))
                .findFirst();
    }

    private void pckChain(CollateralSet.Platform platform) {
        if (platform.chain().value().isEmpty()) {
            ledger.record(TdxCheck.PCK_CHAIN, platform.chain().problem(), () -> "");
            return;
        }
        CertificateChain chain = platform.chain().value().orElseThrow();
        ledger.record(TdxCheck.PCK_CHAIN, chain.size() == PCK_CHAIN_LENGTH
                ? chain.problem()
                : Optional.of("the chain has " + chain.size() + " certificates, must have " + PCK_CHAIN_LENGTH), () -> "three certificates");
        Optional<TrustAnchor> anchor = anchorOf(chain);
        development = anchor.map(TrustAnchor::development).orElseGet(() -> TrustAnchor.isDevelopment(chain.root()));
        ledger.require(TdxCheck.PCK_ROOT, anchor.isPresent(),
                () -> anchor.orElseThrow().family().root() + ", sha256 " + chain.rootFingerprint(),
                () -> development && !policy.allowDevelopmentRoots()
                        ? "the root is a development root, which this policy does not allow"
                        : "root \"" + CertificateChain.commonName(chain.root()) + "\" (sha256 " + chain.rootFingerprint() + ") is not configured");
        anchor.ifPresent(a -> ledger.record(TdxCheck.PCK_ROLES, pckRolesProblem(chain, a.family()),
                () -> CertificateChain.commonName(chain.leaf()) + " by " + CertificateChain.commonName(chain.get(1))));
        ledger.record(TdxCheck.PCK_VALIDITY, chain.validityProblem(now), () -> "all certificates are valid");
        ledger.record(TdxCheck.PCK_EXTENSION, platform.extension().problem(),
                () -> "FMSPC " + platform.extension().value().orElseThrow().fmspc());
        ledger.record(TdxCheck.PCK_CRL, platform.crl().or(() -> revocationProblem(collateral.pckCrl(), List.of(chain.leaf()))),
                () -> "of the issuing CA, current; the PCK certificate is not on it");
    }

    private static Optional<String> pckRolesProblem(CertificateChain chain, TrustAnchor.Family family) {
        if (chain.size() != PCK_CHAIN_LENGTH) {
            return Optional.of("the parts of " + chain.size() + " certificates are not defined");
        }
        String leaf = CertificateChain.commonName(chain.leaf());
        String authority = CertificateChain.commonName(chain.get(1));
        String root = CertificateChain.commonName(chain.root());
        boolean fit = leaf.equals(family.pckLeaf()) && family.pckAuthorities().contains(authority) && root.equals(family.root());
        return fit ? Optional.empty() : Optional.of("\"" + leaf + "\" by \"" + authority + "\" by \"" + root + "\" may not certify a platform");
    }

    private Optional<String> revocationProblem(CollateralSet.Part<RevocationList> list, List<java.security.cert.X509Certificate> certificates) {
        return list.problem().or(() -> {
            RevocationList crl = list.value().orElseThrow();
            return crl.validityProblem(now).or(() -> certificates.stream()
                    .filter(crl::revokes)
                    .findFirst()
                    .map(revoked -> CertificateChain.commonName(revoked) + " (serial " + revoked.getSerialNumber().toString(16) + ") is revoked"));
        });
    }

    private void quotingEnclave(QuoteSignature signature, CollateralSet.Platform platform) {
        platform.chain().value().filter(chain -> P256.isP256(chain.leaf().getPublicKey())).ifPresent(chain ->
                ledger.require(TdxCheck.QE_SIGNATURE,
                        collateral.qeSignatureHolds(chain.leaf().getPublicKey(), signature.qeReport().raw(), signature.qeReportSignature()),
                        () -> "by the PCK key over the QE report", () -> "the PCK key did not sign this QE report"));
        Bytes bound = signature.attestationKey().concat(signature.authData()).sha256().concat(Bytes.zeros(32));
        ledger.require(TdxCheck.QE_BINDING, signature.qeReport().reportData().equals(bound),
                () -> "the QE report binds the attestation key and " + signature.authData().size() + " bytes of auth data",
                () -> "the QE report's data is " + signature.qeReport().reportData() + ", must be " + bound);
        collateral.qeIdentity().document().value().ifPresent(identity ->
                ledger.record(TdxCheck.QE_IDENTITY, identity.mismatch(signature.qeReport()), () -> identity.id() + ", ISVSVN " + signature.qeReport().isvSvn()));
    }

    private void collateralDocuments(Quote quote, CollateralSet.Platform platform) {
        CollateralSet.Signed<TcbInfo> tcbInfo = collateral.tcbInfo();
        CollateralSet.Signed<QeIdentity> identity = collateral.qeIdentity();
        ledger.record(TdxCheck.TCB_INFO, tcbInfo.document().problem(), () -> "version 3");
        ledger.record(TdxCheck.TCB_INFO_SIGNATURE, tcbInfo.signature(), () -> "over the exact text");
        ledger.record(TdxCheck.QE_IDENTITY_DOCUMENT, identity.document().problem(), () -> "version 2");
        ledger.record(TdxCheck.QE_IDENTITY_SIGNATURE, identity.signature(), () -> "over the exact text");
        ledger.record(TdxCheck.COLLATERAL_SIGNER, signerProblem(tcbInfo.signer(), platform).or(() -> signerProblem(identity.signer(), platform)),
                () -> "TCB signing certificate under the same root");
        rootCrl(platform);
        tcbInfo.document().value().ifPresent(t -> identity.document().value().ifPresent(q -> documents(quote, platform, t, q)));
    }

    private Optional<String> signerProblem(CollateralSet.Part<CertificateChain> signer, CollateralSet.Platform platform) {
        return signer.problem().or(() -> {
            CertificateChain chain = signer.value().orElseThrow();
            if (chain.size() != SIGNER_CHAIN_LENGTH) {
                return Optional.of("the signer's chain has " + chain.size() + " certificates, must have " + SIGNER_CHAIN_LENGTH);
            }
            Optional<TrustAnchor> anchor = anchorOf(chain);
            if (anchor.isEmpty()) {
                return Optional.of("the signer's root \"" + CertificateChain.commonName(chain.root()) + "\" is not configured");
            }
            if (platform.chain().value().filter(pck -> !pck.rootFingerprint().equals(chain.rootFingerprint())).isPresent()) {
                return Optional.of("collateral and quote hang on different roots");
            }
            String name = CertificateChain.commonName(chain.leaf());
            return name.equals(anchor.get().family().tcbSigner())
                    ? chain.problem().or(() -> chain.validityProblem(now))
                    : Optional.of("\"" + name + "\" may not sign collateral");
        });
    }

    private void rootCrl(CollateralSet.Platform platform) {
        List<CertificateChain> chains = Stream.of(platform.chain(), collateral.tcbInfo().signer(), collateral.qeIdentity().signer())
                .flatMap(part -> part.value().stream())
                .filter(chain -> anchorOf(chain).isPresent())
                .toList();
        if (chains.isEmpty()) {
            return;
        }
        Optional<String> problem = collateral.rootCrl().problem()
                .or(() -> collateral.rootCrl().value().orElseThrow().issuerProblem(chains.getFirst().root()))
                .or(() -> revocationProblem(collateral.rootCrl(), chains.stream()
                        .filter(chain -> chain.size() > 1)
                        .map(chain -> chain.get(chain.size() - 2))
                        .toList()));
        ledger.record(TdxCheck.ROOT_CRL, problem, () -> "of the root, current; neither CA nor signer is on it");
    }

    private void documents(Quote quote, CollateralSet.Platform platform, TcbInfo tcbInfo, QeIdentity identity) {
        ledger.record(TdxCheck.COLLATERAL_FRESHNESS,
                freshnessProblem("TCB info", tcbInfo.issueDate(), tcbInfo.nextUpdate())
                        .or(() -> freshnessProblem("QE identity", identity.issueDate(), identity.nextUpdate())),
                () -> "TCB info of " + tcbInfo.issueDate() + ", QE identity of " + identity.issueDate());
        Instant older = tcbInfo.issueDate().isBefore(identity.issueDate()) ? tcbInfo.issueDate() : identity.issueDate();
        ledger.require(TdxCheck.COLLATERAL_AGE, !older.plus(policy.maximumCollateralAge()).isBefore(now),
                () -> "within " + policy.maximumCollateralAge(),
                () -> "issued at " + older + ", more than " + policy.maximumCollateralAge() + " ago");
        ledger.require(TdxCheck.EVALUATION_NUMBER,
                tcbInfo.evaluationNumber() == identity.evaluationNumber() && tcbInfo.evaluationNumber() >= policy.minimumEvaluationNumber(),
                () -> "number " + tcbInfo.evaluationNumber(),
                () -> "TCB info has " + tcbInfo.evaluationNumber() + ", QE identity " + identity.evaluationNumber()
                        + "; they must be equal and at least " + policy.minimumEvaluationNumber());
        platform.extension().value().ifPresent(pck ->
                ledger.record(TdxCheck.COLLATERAL_PLATFORM, platformProblem(quote, tcbInfo, identity, pck), () -> "FMSPC " + tcbInfo.fmspc()));
    }

    private Optional<String> freshnessProblem(String what, Instant issued, Instant nextUpdate) {
        if (now.isBefore(issued)) {
            return Optional.of(what + " is from the future: " + issued);
        }
        return now.isAfter(nextUpdate) ? Optional.of(what + " should have been updated by " + nextUpdate) : Optional.empty();
    }

    private static Optional<String> platformProblem(Quote quote, TcbInfo tcbInfo, QeIdentity identity, PckExtension pck) {
        boolean tdx = quote.body() instanceof QuoteBody.TrustDomain;
        if (!tcbInfo.id().equals(tdx ? "TDX" : "SGX")) {
            return Optional.of("TCB info is for " + tcbInfo.id());
        }
        if (!identity.id().equals(tdx ? "TD_QE" : "QE")) {
            return Optional.of("QE identity is for " + identity.id());
        }
        if (!tcbInfo.fmspc().equals(pck.fmspc())) {
            return Optional.of("TCB info is for FMSPC " + tcbInfo.fmspc() + ", the platform's is " + pck.fmspc());
        }
        return tcbInfo.pceId().equals(pck.pceId())
                ? Optional.empty()
                : Optional.of("TCB info is for PCEID " + tcbInfo.pceId() + ", the platform's is " + pck.pceId());
    }

    private void tcb(Quote quote, CollateralSet.Platform platform) {
        boolean trusted = ledger.passed(TdxCheck.QUOTE_SIGNATURE, TdxCheck.QE_SIGNATURE, TdxCheck.QE_BINDING, TdxCheck.PCK_CHAIN,
                TdxCheck.PCK_ROOT, TdxCheck.PCK_ROLES, TdxCheck.PCK_EXTENSION, TdxCheck.TCB_INFO, TdxCheck.TCB_INFO_SIGNATURE,
                TdxCheck.QE_IDENTITY_DOCUMENT, TdxCheck.QE_IDENTITY_SIGNATURE, TdxCheck.COLLATERAL_SIGNER, TdxCheck.COLLATERAL_PLATFORM);
        if (!trusted) {
            return;
        }
        TcbAssessment assessment = new TcbAssessment(collateral.tcbInfo().document().value().orElseThrow(),
                collateral.qeIdentity().document().value().orElseThrow(), platform.extension().value().orElseThrow(),
                quote.signature().qeReport(), ledger);
        status = switch (quote.body()) {
            case QuoteBody.TrustDomain(TdReport report) -> assessment.ofTrustDomain(report);
            case QuoteBody.Enclave ignored -> assessment.ofEnclave();
        };
        status.ifPresent(reached -> {
            advisories = assessment.advisories();
            tcbDate = assessment.date();
            boolean accepted = policy.acceptedStatuses().contains(reached);
            boolean graced = !accepted && reached == TcbStatus.OUT_OF_DATE
                    && tcbDate.filter(date -> !date.plus(policy.gracePeriod()).isBefore(now)).isPresent();
            ledger.require(TdxCheck.TCB_STATUS, accepted || graced,
                    () -> graced ? reached.label() + ", within the policy's grace period of " + policy.gracePeriod() : reached.label(),
                    () -> "status is " + reached.label() + "; the policy accepts "
                            + policy.acceptedStatuses().stream().sorted().map(TcbStatus::label).toList());
            List<String> unaccepted = reached == TcbStatus.UP_TO_DATE || graced
                    ? List.of()
                    : advisories.stream().filter(id -> !policy.acceptedAdvisories().contains(id)).toList();
            ledger.require(TdxCheck.TCB_ADVISORIES, unaccepted.isEmpty(), () -> advisories.isEmpty() ? "none apply" : String.join(", ", advisories),
                    () -> "the policy does not accept " + String.join(", ", unaccepted));
        });
    }

    private void trustDomain(TdReport report) {
        long attributes = report.tdAttributes();
        ledger.require(TdxCheck.TD_DEBUG, (attributes & TdAttributes.DEBUG) == 0, () -> "not a debug TD",
                () -> "this is a debug TD: its host reads its memory");
        long bad = attributes & (TdAttributes.UNTRUSTED_RESERVED | ~TdAttributes.KNOWN);
        ledger.require(TdxCheck.TD_ATTRIBUTES, bad == 0, () -> String.format("0x%016x", attributes),
                () -> String.format("TDATTRIBUTES 0x%016x have reserved or unknown bits 0x%016x", attributes, bad));
        ledger.require(TdxCheck.TD_SEPT_VE, (attributes & TdAttributes.SEPT_VE_DISABLE) != 0, () -> "set",
                () -> "SEPT_VE_DISABLE is not set: the host can inject #VE");
        ledger.require(TdxCheck.TD_MIGRATABLE, policy.allowMigratable() || (attributes & TdAttributes.MIGRATABLE) == 0,
                () -> policy.allowMigratable() ? "the policy allows migration" : "not migratable", () -> "the TD may be migrated to another machine");
        boolean xfam = (report.xfam() & TdAttributes.XFAM_FIXED) == TdAttributes.XFAM_FIXED && (report.xfam() & ~TdAttributes.XFAM_ALLOWED) == 0;
        ledger.require(TdxCheck.TD_XFAM, xfam, () -> "0x" + Long.toHexString(report.xfam()),
                () -> "XFAM 0x" + Long.toHexString(report.xfam()) + " lacks a fixed bit or has an unknown one");
        Optional<Bytes> serviceTd = report.update().map(TdReport.Update::mrServiceTd);
        ledger.require(TdxCheck.TD_SERVICE, serviceTd.isEmpty() || serviceTd.get().isZero(),
                () -> serviceTd.isPresent() ? "none" : "TD report 1.0 knows none",
                () -> "a service TD is bound: " + serviceTd.orElseThrow());
        ledger.require(TdxCheck.POLICY_MEASUREMENT,
                policy.measurements().isEmpty() || policy.measurements().stream().anyMatch(report.measurement()::satisfies),
                () -> policy.measurements().isEmpty() ? "the policy accepts any measurement" : "one of the policy's",
                () -> "none of the policy's " + policy.measurements().size() + " measurements: " + report.measurement());
        ledger.require(TdxCheck.POLICY_REPORT_DATA, policy.reportData().isEmpty() || policy.reportData().equals(report.reportData()),
                () -> policy.reportData().isEmpty() ? "the policy accepts any report data" : "as the policy demands",
                () -> "report data is " + report.reportData() + ", must be " + policy.reportData());
        ledger.require(TdxCheck.POLICY_GPU, !policy.gpuRequired(), () -> "the policy requires none",
                () -> "the policy requires GPU evidence, and a quote alone speaks of no GPU");
    }
}
