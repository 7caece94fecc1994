package network.nyxos.collateral;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.SignedJson;
import network.nyxos.attestation.nvidia.ReferenceManifest;
import network.nyxos.attestation.pki.CertificateChain;

/// NVIDIA's service of reference integrity manifests: `GET {base}/v1/rim/{id}` answers `{id, rim: base64 of the XML, sha256, …}`.
final class RimOrigin implements CollateralOrigin<Platform.Nvidia> {
    /// How long one is kept at most before it is asked for again: the service may withdraw it.
    private static final Duration KEPT = Duration.ofDays(7);

    private final Downloads downloads;
    private final String base;

    RimOrigin(Downloads downloads, URI base) {
        this.downloads = downloads;
        this.base = Downloads.base(base);
    }

    @Override
    public Fetched fetch(Platform.Nvidia platform, Instant now) {
        byte[] answer = downloads.get(URI.create(base + "/v1/rim/" + platform.id())).body();
        try {
            JsonNode json = SignedJson.object(new String(answer, StandardCharsets.UTF_8), "collateral.rim");
            String content = SignedJson.text(json, "rim", "collateral.rim");
            Bytes xml = xml(content);
            if (json.hasNonNull("sha256") && !xml.sha256().hex().equalsIgnoreCase(json.path("sha256").asText())) {
                throw malformed("the manifest's hash is not the one that comes with it");
            }
            ReferenceManifest manifest = ReferenceManifest.parse(xml);
            // What is given out must be whole, signed, current and of this version. By whom it is signed is judged with the devices.
            Optional<String> problem = manifest.signatureProblem().or(() -> manifest.chain().validityProblem(now)).or(() -> another(platform, manifest));
            if (problem.isPresent()) {
                throw malformed(problem.get());
            }
            return new Fetched(content, 0, now, expires(manifest.chain(), now));
        } catch (AttestationException e) {
            throw malformed(e.getMessage());
        }
    }

    /// The XML of a document as it is kept.
    static Bytes xml(String kept) {
        try {
            return Bytes.of(Base64.getDecoder().decode(kept));
        } catch (IllegalArgumentException e) {
            throw new AttestationException("collateral.rim", "the manifest is not in base64", e);
        }
    }

    private static Optional<String> another(Platform.Nvidia platform, ReferenceManifest manifest) {
        String version = manifest.version();
        boolean named = platform.id().endsWith("_" + version) || platform.id().endsWith("_" + version.replace(".", "").toUpperCase(java.util.Locale.ROOT));
        return named ? Optional.empty() : Optional.of("it is of version " + version);
    }

    private static Instant expires(CertificateChain chain, Instant now) {
        return Stream.concat(Stream.of(now.plus(KEPT)), IntStream.range(0, chain.size()).mapToObj(i -> chain.get(i).getNotAfter().toInstant())).min(Instant::compareTo).orElseThrow();
    }

    private CollateralException malformed(String why) {
        return new CollateralException(CollateralException.Kind.UNAVAILABLE, "what " + base + " gives cannot be used: " + why);
    }
}
