package network.nyxos.collateral;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.Collateral;
import network.nyxos.attestation.collateral.CollateralSet;
import network.nyxos.attestation.collateral.QeIdentity;
import network.nyxos.attestation.collateral.TcbInfo;
import network.nyxos.attestation.pki.RevocationList;

/// Intel's Provisioning Certification Service, version 4, or a PCCS in front of it.
final class PccsOrigin implements CollateralOrigin<Platform.Intel> {
    private final Downloads downloads;
    private final String base;
    private final URI rootCrl;

    /// @param rootCrl the root's revocation list
    PccsOrigin(Downloads downloads, URI base, URI rootCrl) {
        this.rootCrl = rootCrl;
        this.downloads = downloads;
        this.base = Downloads.base(base);
    }

    private Downloads.Answer get(String path) {
        return downloads.get(URI.create(base + path));
    }

    @Override
    public Fetched fetch(Platform.Intel platform, Instant now) {
        Downloads.Answer tcb = get("/tdx/certification/v4/tcb?fmspc=" + platform.fmspc().hex());
        Downloads.Answer identity = get("/tdx/certification/v4/qe/identity");
        Bytes pckCrl = get("/sgx/certification/v4/pckcrl?ca=" + platform.authority() + "&encoding=der").der();
        Bytes rootList = downloads.get(rootCrl).der();
        try {
            return read(platform, Collateral.ofService(tcb.body(), tcb.header("TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"), identity.body(),
                identity.header("SGX-Enclave-Identity-Issuer-Chain"), rootList, pckCrl), now);
        } catch (AttestationException e) {
            throw malformed(e.getMessage());
        }
    }

    /// What is given out must be whole, signed, current and of this platform. By whom it is signed is judged with the evidence.
    private Fetched read(Platform.Intel platform, Collateral raw, Instant now) {
        CollateralSet set = CollateralSet.of(raw);
        for (Optional<String> problem : List.of(set.tcbInfo().document().problem(), set.tcbInfo().signature(), set.qeIdentity().document().problem(), set.qeIdentity().signature(),
            set.rootCrl().problem(), set.pckCrl().problem())) {
            if (problem.isPresent()) {
                throw malformed(problem.get());
            }
        }
        TcbInfo tcbInfo = set.tcbInfo().document().value().orElseThrow();
        QeIdentity identity = set.qeIdentity().document().value().orElseThrow();
        if (!tcbInfo.id().equals("TDX") || !tcbInfo.fmspc().equals(platform.fmspc())) {
            throw malformed("it is of " + tcbInfo.id() + " " + tcbInfo.fmspc());
        }
        RevocationList root = set.rootCrl().value().orElseThrow();
        RevocationList pck = set.pckCrl().value().orElseThrow();
        for (Optional<String> problem : List.of(root.validityProblem(now), pck.validityProblem(now))) {
            if (problem.isPresent()) {
                throw malformed(problem.get());
            }
        }
        Instant expires = List.of(tcbInfo.nextUpdate(), identity.nextUpdate(), root.nextUpdate().orElseThrow(), pck.nextUpdate().orElseThrow()).stream().min(Instant::compareTo)
            .orElseThrow();
        if (!expires.isAfter(now)) {
            throw malformed("it has expired at " + expires);
        }
        return new Fetched(raw.toJson(), tcbInfo.evaluationNumber(), tcbInfo.issueDate(), expires);
    }

    private CollateralException malformed(String why) {
        return new CollateralException(CollateralException.Kind.UNAVAILABLE, "what " + base + " gives cannot be used: " + why);
    }
}
