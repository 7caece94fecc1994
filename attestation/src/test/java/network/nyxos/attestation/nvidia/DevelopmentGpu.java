package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Extra;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Identity;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Request;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A GPU identity made at run time, and evidence of it that is right in all but what a test asks for. No hardware stands behind it. */
final class DevelopmentGpu {
    static final Bytes FIRMWARE_ID = Bytes.of(new byte[] {7}).concat(Bytes.zeros(47));
    static final Bytes NONCE = Bytes.of(new byte[] {9}).concat(Bytes.zeros(31));
    static final GpuChallenge CHALLENGE = new GpuChallenge.Fresh(NONCE);
    static final int[] DRIVER_INDEXES = {7, 21, 35, 40};
    static final int[] VBIOS_INDEXES = {0, 1, 5, 12};
    private static final DevelopmentRim RIM = new DevelopmentRim();

    final String chip;
    final Identity root;
    final Identity family;
    final Identity provisioner;
    final Identity device;
    final Identity leaf;

    private DevelopmentGpu(String chip, Identity root, Extra firmware) {
        this.chip = chip;
        this.root = root;
        this.family = DevelopmentGpuPki.issue(familyRequest(chip), root);
        this.provisioner = DevelopmentGpuPki.issue(Request.authority(DevelopmentRim.name("NVIDIA " + chip + " Provisioner ICA 1")), family);
        this.device = DevelopmentGpuPki.issue(Request.authority(DevelopmentRim.name(chip + " A01 GSP BROM")), provisioner);
        this.leaf = DevelopmentGpuPki.issue(leafRequest(chip, firmware), device);
    }

    static Identity newRoot() {
        return DevelopmentGpuPki.selfSigned(Request.authority(NvidiaRoot.Purpose.DEVICE.developmentName()));
    }

    static Request familyRequest(String chip) {
        return Request.authority(DevelopmentRim.name("NVIDIA " + chip + " Identity")).with(DevelopmentGpuPki.distributionPoint());
    }

    static Request leafRequest(String chip, Extra... firmware) {
        return Request.leaf(DevelopmentRim.name(chip + " A01 GSP FMC LF"), firmware);
    }

    static DevelopmentGpu hopper(Identity root) {
        return new DevelopmentGpu("GH100", root, DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID));
    }

    static DevelopmentGpu ofChip(String chip, Identity root, Extra firmware) {
        return new DevelopmentGpu(chip, root, firmware);
    }

    static DevelopmentRim rim() {
        return RIM;
    }

    NvidiaRoot anchor() {
        return NvidiaRoot.ofPem(DevelopmentGpuPki.pem(root));
    }

    GpuPolicy policy() {
        return GpuPolicy.development(Set.of(anchor(), RIM.anchor()));
    }

    GpuPolicy identityPolicy() {
        return policy().withManifests(GpuPolicy.Manifests.WHEN_GIVEN);
    }

    String chain() {
        return DevelopmentGpuPki.pem(leaf, device, provisioner, family, root);
    }

    /** The parts of a report, to be changed before they are signed. */
    static final class Draft {
        Bytes nonce = NONCE;
        int blocks = -1;
        int recordLengthAdded;
        final SortedMap<Integer, Bytes> measurements = measurements();
        Bytes extraBlocks = Bytes.EMPTY;
        final Map<Integer, Bytes> opaque = opaque();
        Bytes extraOpaque = Bytes.EMPTY;

        static SortedMap<Integer, Bytes> measurements() {
            Random random = new Random(1);
            SortedMap<Integer, Bytes> blocks = new TreeMap<>();
            for (int index = 1; index <= 64; index++) {
                byte[] value = new byte[48];
                random.nextBytes(value);
                blocks.put(index, Bytes.of(value));
            }
            return blocks;
        }

        private static Map<Integer, Bytes> opaque() {
            Map<Integer, Bytes> fields = new LinkedHashMap<>();
            fields.put(6, Bytes.fromHex("005e009601000000"));
            fields.put(15, ascii("882"));
            fields.put(17, ascii("1010"));
            fields.put(18, ascii("0200"));
            fields.put(3, ascii("550.90.07"));
            fields.put(11, Bytes.fromHex("55"));
            fields.put(20, FIRMWARE_ID);
            fields.put(21, Bytes.fromHex("55"));
            return fields;
        }

        Bytes unsigned() {
            List<Bytes> parts = new ArrayList<>();
            parts.add(Bytes.fromHex("11e001ff"));
            parts.add(nonce);
            parts.add(Bytes.zeros(1));
            Bytes record = Bytes.EMPTY;
            for (Map.Entry<Integer, Bytes> block : measurements.entrySet()) {
                record = record.concat(block(block.getKey(), block.getValue()));
            }
            record = record.concat(extraBlocks);
            int count = blocks < 0 ? measurements.size() : blocks;
            int length = record.size() + recordLengthAdded;
            parts.add(Bytes.of(new byte[] {0x11, 0x60, 0, 0, (byte) count, (byte) length, (byte) (length >> 8), (byte) (length >> 16)}));
            parts.add(record);
            parts.add(Bytes.of(new byte[] {5}).concat(Bytes.zeros(31)));
            Bytes data = Bytes.EMPTY;
            for (Map.Entry<Integer, Bytes> field : opaque.entrySet()) {
                data = data.concat(entry(field.getKey(), field.getValue()));
            }
            data = data.concat(extraOpaque);
            parts.add(u16(data.size()));
            parts.add(data);
            return parts.stream().reduce(Bytes.EMPTY, Bytes::concat);
        }
    }

    static Bytes block(int index, Bytes value) {
        return Bytes.of(new byte[] {(byte) index, 1}).concat(u16(value.size() + 3)).concat(Bytes.of(new byte[] {1})).concat(u16(value.size())).concat(value);
    }

    static Bytes entry(int type, Bytes value) {
        return u16(type).concat(u16(value.size())).concat(value);
    }

    static Bytes ascii(String text) {
        return Bytes.of((text + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    private static Bytes u16(int value) {
        return Bytes.of(ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) value).array());
    }

    Bytes report(Consumer<Draft> change) {
        Draft draft = new Draft();
        change.accept(draft);
        Bytes unsigned = draft.unsigned();
        return unsigned.concat(DevelopmentGpuPki.sign(leaf.key(), unsigned));
    }

    Bytes report() {
        return report(draft -> { });
    }

    static Bytes driverRim() {
        return RIM.sign(DevelopmentRim.text("GH100", "550.90.07", DevelopmentRim.accepting(Draft.measurements(), DRIVER_INDEXES)));
    }

    static Bytes vbiosRim() {
        return RIM.sign(DevelopmentRim.text("GH100", "96.00.5E.00.01", DevelopmentRim.accepting(Draft.measurements(), VBIOS_INDEXES)));
    }

    /** Judged without manifests: who the device is. */
    Verdict identity(Bytes report) {
        return GpuVerifier.verify(GpuEvidence.of(report, chain(), List.of()), CHALLENGE, identityPolicy(), DevelopmentGpuPki.NOW);
    }

    /** A properly signed report, changed before. */
    Verdict drafted(Consumer<Draft> change) {
        return identity(report(change));
    }

    Verdict withChain(Identity signer, Identity... chain) {
        Bytes unsigned = new Draft().unsigned();
        Bytes report = unsigned.concat(DevelopmentGpuPki.sign(signer.key(), unsigned));
        return GpuVerifier.verify(GpuEvidence.of(report, DevelopmentGpuPki.pem(chain), List.of()), CHALLENGE, identityPolicy(), DevelopmentGpuPki.NOW);
    }

    Verdict withManifests(Bytes report, Bytes... manifests) {
        return GpuVerifier.verify(GpuEvidence.of(report, chain(), List.of(manifests)), CHALLENGE, policy(), DevelopmentGpuPki.NOW);
    }

    static List<String> failures(Verdict verdict) {
        return verdict.failures().stream().map(Check::id).toList();
    }
}
