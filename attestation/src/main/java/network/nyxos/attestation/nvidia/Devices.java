package network.nyxos.attestation.nvidia;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.collateral.SignedJson;
import network.nyxos.attestation.pki.CertificateChain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Evidence of all NVIDIA devices of a machine, with what is needed to judge it: whoever has this and the CPU's evidence can judge the machine again.
 *
 * @param gpus            the GPUs that the machine claims to have, at most {@link GpuNodeVerifier#MAX_GPUS}
 * @param switches        the NVSwitches that join them, as many at most
 * @param manifests       reference manifests in XML, one for all devices of a version, in any order
 * @param revocationLists DER revocation lists and OCSP answers, in any order
 */
public record Devices(List<Device> gpus, List<Device> switches, List<Bytes> manifests, List<Bytes> revocationLists) {
    private static final String CODE = "nvidia.devices";

    /**
     * What one device shows.
     *
     * @param report       request and response, see {@link GpuReport}
     * @param certificates PEM, leaf first
     */
    public record Device(Bytes report, String certificates) {
        /** Checks for absence. */
        public Device {
            Objects.requireNonNull(report, "report");
            Objects.requireNonNull(certificates, "certificates");
        }
    }

    /**
     * Copies.
     *
     * @throws AttestationException {@code nvidia.devices} for more parts than are read
     */
    public Devices {
        gpus = List.copyOf(gpus);
        switches = List.copyOf(switches);
        manifests = List.copyOf(manifests);
        revocationLists = List.copyOf(revocationLists);
        if (gpus.size() > GpuNodeVerifier.MAX_GPUS || switches.size() > GpuNodeVerifier.MAX_GPUS) {
            throw refused(gpus.size() + " GPUs and " + switches.size() + " switches are shown, at most " + GpuNodeVerifier.MAX_GPUS + " of each are read");
        }
        if (manifests.size() > GpuEvidence.MAX_PARTS || revocationLists.size() > GpuEvidence.MAX_PARTS) {
            throw refused(manifests.size() + " manifests and " + revocationLists.size() + " revocation lists are given, at most " + GpuEvidence.MAX_PARTS + " of each are read");
        }
    }

    /** Devices without what they are judged by. */
    public static Devices shown(List<Device> gpus, List<Device> switches) {
        return new Devices(gpus, switches, List.of(), List.of());
    }

    /** These with reference manifests. */
    public Devices withManifests(List<Bytes> given) {
        return new Devices(gpus, switches, given, revocationLists);
    }

    /** The ids under which NVIDIA publishes the manifests that these devices need, each once. What cannot be read, or claims no version, needs none. */
    public List<String> manifestIds() {
        return Stream.concat(gpus.stream().flatMap(gpu -> ids(gpu, GpuVerifier.Part.GPU)), switches.stream().flatMap(each -> ids(each, GpuVerifier.Part.SWITCH))).distinct().toList();
    }

    private static Stream<String> ids(Device device, GpuVerifier.Part part) {
        try {
            OpaqueData opaque = GpuReport.parse(device.report).opaque();
            String chip = DeviceIdentity.chip(CertificateChain.parsePem(device.certificates));
            return part.subjects().stream().flatMap(subject -> GpuVerifier.manifestId(part, subject, opaque, chip).stream());
        } catch (AttestationException e) {
            // Why it cannot be read stands in its verdict.
            return Stream.empty();
        }
    }

    /** Each GPU with the manifests of its own versions. */
    List<GpuEvidence> gpuEvidence() {
        return evidence(gpus);
    }

    /** Each switch with the manifest of its own version. */
    List<GpuEvidence> switchEvidence() {
        return evidence(switches);
    }

    private List<GpuEvidence> evidence(List<Device> devices) {
        List<Labelled> labelled = manifests.stream().map(Labelled::of).toList();
        return devices.stream().map(device -> new GpuEvidence(device.report, device.certificates, manifestsOf(device, labelled), revocationLists)).toList();
    }

    /**
     * A manifest with the version that it states.
     *
     * @param version empty when it cannot be read: then every device is judged with it, and refused
     */
    private record Labelled(Bytes xml, Optional<String> version) {
        static Labelled of(Bytes xml) {
            try {
                return new Labelled(xml, Optional.of(ReferenceManifest.parse(xml).version()));
            } catch (AttestationException e) {
                return new Labelled(xml, Optional.empty());
            }
        }
    }

    private static List<Bytes> manifestsOf(Device device, List<Labelled> all) {
        List<String> versions;
        try {
            OpaqueData opaque = GpuReport.parse(device.report).opaque();
            versions = Stream.concat(opaque.driverVersion().stream(), opaque.vbiosVersion().stream()).toList();
        } catch (AttestationException e) {
            versions = List.of();
        }
        List<String> stated = versions;
        return all.stream().filter(manifest -> manifest.version.isEmpty() || stated.stream().anyMatch(manifest.version.get()::equalsIgnoreCase)).map(Labelled::xml).toList();
    }

    /**
     * Reads {@link #toJson()}.
     *
     * @throws AttestationException {@code nvidia.devices} for a malformed one
     */
    public static Devices fromJson(String json) {
        JsonNode object = SignedJson.object(json, CODE);
        return new Devices(devices(object.path("gpus")), devices(object.path("switches")), contents(object.path("manifests")), contents(object.path("revocation_lists")));
    }

    /** One JSON document for transport and for keeping, bytes in base64. */
    public String toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        write(json.putArray("gpus"), gpus);
        write(json.putArray("switches"), switches);
        ArrayNode xml = json.putArray("manifests");
        manifests.forEach(manifest -> xml.add(base64(manifest)));
        ArrayNode lists = json.putArray("revocation_lists");
        revocationLists.forEach(list -> lists.add(base64(list)));
        return json.toString();
    }

    private static void write(ArrayNode to, List<Device> devices) {
        devices.forEach(device -> to.addObject().put("report", base64(device.report))
                .put("certificates", base64(Bytes.of(device.certificates.getBytes(StandardCharsets.US_ASCII)))));
    }

    private static String base64(Bytes content) {
        return Base64.getEncoder().encodeToString(content.toArray());
    }

    private static List<Device> devices(JsonNode array) {
        List<Device> devices = new ArrayList<>();
        for (JsonNode each : elements(array)) {
            devices.add(new Device(content(each.path("report")), new String(content(each.path("certificates")).toArray(), StandardCharsets.US_ASCII)));
        }
        return devices;
    }

    private static List<Bytes> contents(JsonNode array) {
        List<Bytes> contents = new ArrayList<>();
        elements(array).forEach(each -> contents.add(content(each)));
        return contents;
    }

    private static JsonNode elements(JsonNode array) {
        if (!array.isArray()) {
            throw refused("gpus, switches, manifests and revocation_lists must be lists");
        }
        return array;
    }

    private static Bytes content(JsonNode text) {
        try {
            return Bytes.of(Base64.getDecoder().decode(Optional.ofNullable(text.textValue()).orElseThrow(() -> refused("a part is missing"))));
        } catch (IllegalArgumentException e) {
            throw new AttestationException(CODE, "a part is not base64", e);
        }
    }

    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
