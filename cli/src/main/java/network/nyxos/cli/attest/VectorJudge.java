package network.nyxos.cli.attest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.TcbStatus;
import network.nyxos.attestation.eventlog.EventLog;
import network.nyxos.attestation.nras.NrasPolicy;
import network.nyxos.attestation.nras.NrasVerifier;
import network.nyxos.attestation.nvidia.GpuChallenge;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.nvidia.GpuPolicy;
import network.nyxos.attestation.nvidia.GpuVerifier;
import network.nyxos.attestation.nvidia.RimVerifier;
import network.nyxos.attestation.pki.TrustAnchor;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.EndorsementKey;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.tdx.Quote;
import network.nyxos.attestation.tdx.QuoteBody;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.up.StackException;

/** Judges one vector of a manifest under the strict policy. What cannot be read is rejected, and the reason says so. */
final class VectorJudge {
    private final Path folder;
    private final JsonNode vector;

    /**
     * @param folder where the manifest lies
     * @param vector of the manifest
     */
    VectorJudge(Path folder, JsonNode vector) {
        this.folder = folder;
        this.vector = vector;
    }

    VectorResult judge() {
        try {
            return switch (vector.path("kind").asText()) {
                case "tdx-quote", "sgx-quote" -> of(judge(EvidenceKind.TDX, "quote", "collateral"));
                case "snp-report" -> of(judge(EvidenceKind.SNP, "report", "endorsementKey", "ask", "ark", "crl"));
                case "snp-cert" -> certificates();
                case "rtmr-replay" -> replay();
                case "nv-gpu" -> of(gpu());
                case "nv-rim" -> of(RimVerifier.verify(Bytes.of(InputFiles.bytes(file("rim"))), gpuPolicy(), now()));
                case "nras-eat" -> of(token());
                default -> result(false, false, Optional.empty(), "not supported yet: vectors of kind \"" + vector.path("kind").asText() + "\"");
            };
        } catch (AttestationException e) {
            return result(false, true, Optional.empty(), e.code() + ": " + e.getMessage());
        } catch (StackException e) {
            return result(false, true, Optional.empty(), e.code() + ": " + e.getMessage());
        }
    }

    /** The vector's own root where it names one; a root that comes with the evidence is never trusted for that. */
    private Verdict judge(EvidenceKind kind, String evidence, String... collateral) {
        List<Path> files = new ArrayList<>();
        for (String name : collateral) {
            if (vector.hasNonNull(name)) {
                files.add(file(name));
            }
        }
        Judge judge = new Judge(Optional.empty(), vector.hasNonNull("root") ? Optional.of(EvidenceFiles.certificate(file("root"))) : Optional.empty(), Optional.empty(), now());
        return judge.judge(kind, file(evidence), files, Optional.empty());
    }

    private Verdict gpu() {
        List<Bytes> manifests = new ArrayList<>();
        vector.path("rims").forEach(path -> manifests.add(Bytes.of(InputFiles.bytes(folder.resolve(path.asText())))));
        GpuEvidence evidence = GpuEvidence.of(EvidenceFiles.evidence(file("report")), EvidenceFiles.text(file("chain")), manifests);
        return GpuVerifier.verify(evidence, challenge(), gpuPolicy(), now());
    }

    /** A vector may name the service's keys; without them no token can be trusted. */
    private Verdict token() {
        List<Path> keys = vector.hasNonNull("jwks") ? List.of(file("jwks")) : List.of();
        return NrasVerifier.verify(EvidenceFiles.text(file("eat")), Optional.empty(), Judge.keys(keys), challenge(), NrasPolicy.strict(), now());
    }

    private GpuChallenge challenge() {
        return vector.hasNonNull("nonce") ? new GpuChallenge.Fresh(Bytes.fromHex(vector.path("nonce").asText())) : new GpuChallenge.None();
    }

    /** A vector without reference manifests states the device's identity alone. */
    private GpuPolicy gpuPolicy() {
        GpuPolicy strict = GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN);
        return vector.hasNonNull("root") ? Judge.trusting(strict, EvidenceFiles.certificate(file("root"))) : strict;
    }

    private VectorResult certificates() {
        Endorsements endorsements = EvidenceFiles.endorsements(List.of(file("endorsementKey"), file("ask"), file("ark")));
        TrustAnchor anchor = TrustAnchor.of(endorsements.root());
        Optional<Product> product = Product.of(anchor.family());
        Optional<String> problem = endorsements.chainProblem()
                .or(() -> product.isPresent() && !anchor.development() ? Optional.empty() : Optional.of("the root is not AMD's"))
                .or(() -> vector.hasNonNull("now") ? endorsements.validityProblem(now()) : Optional.empty());
        if (problem.isPresent()) {
            return result(false, true, Optional.empty(), "snp.chain: " + problem.get());
        }
        EndorsementKey key = EndorsementKey.of(endorsements.key(), product.orElseThrow());
        return result(true, true, Optional.empty(), "a " + key.kind() + " of " + product.get().label() + " under AMD's root; no report is judged");
    }

    private VectorResult replay() {
        Quote quote = Quote.parse(EvidenceFiles.evidence(file("quote")));
        if (!(quote.body() instanceof QuoteBody.TrustDomain(var report))) {
            return result(false, true, Optional.empty(), "tdx.quote.tee-type: this is an SGX quote, which has no registers to replay");
        }
        Path log = file("eventlog");
        String text = EvidenceFiles.text(log).stripLeading();
        EventLog events = text.startsWith("[") || text.startsWith("{") ? EventLog.parseDstack(text) : EventLog.parseCcel(Bytes.of(InputFiles.bytes(log)));
        return events.mismatch(report.measurement())
                .map(why -> result(false, true, Optional.empty(), "eventlog.replay: " + why))
                .orElseGet(() -> result(true, true, Optional.empty(), "the event log replays to the quote's registers; the quote itself is not judged"));
    }

    private VectorResult of(Verdict verdict) {
        String reason = verdict.accepted() ? "every check passed" : verdict.failures().stream()
                .map(check -> check.id() + ": " + check.detail()).collect(Collectors.joining("; "));
        return result(verdict.accepted(), true, verdict.tcbStatus().map(TcbStatus::label), reason);
    }

    private VectorResult result(boolean accepted, boolean supported, Optional<String> status, String reason) {
        return new VectorResult(vector.path("id").asText(), accepted, supported, status, reason, expected());
    }

    private Optional<Boolean> expected() {
        String text = vector.path("expected").asText();
        if (text.contains("REJECT")) {
            return Optional.of(false);
        }
        return text.startsWith("ACCEPT") ? Optional.of(true) : Optional.empty();
    }

    private Instant now() {
        if (!vector.path("now").canConvertToLong()) {
            throw new StackException("vector_malformed", "the vector states no \"now\"");
        }
        return Instant.ofEpochSecond(vector.path("now").asLong());
    }

    private Path file(String name) {
        if (!vector.path(name).isTextual()) {
            throw new StackException("vector_malformed", "the vector names no \"" + name + "\"");
        }
        return folder.resolve(vector.path(name).asText());
    }
}
