package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.DevelopmentGpu.Draft;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Identity;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Request;
import network.nyxos.attestation.verdict.Check;
import network.nyxos.attestation.verdict.Verdict;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import static network.nyxos.attestation.nvidia.DevelopmentGpu.CHALLENGE;
import static network.nyxos.attestation.nvidia.DevelopmentGpu.FIRMWARE_ID;
import static network.nyxos.attestation.nvidia.DevelopmentGpu.NONCE;
import static network.nyxos.attestation.nvidia.DevelopmentGpu.ascii;
import static network.nyxos.attestation.nvidia.DevelopmentGpu.failures;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.NOW;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.issue;
import static org.assertj.core.api.Assertions.assertThat;

@DisplayName("GPU evidence that is wrong in one thing is refused by the check of that thing")
class GpuRefusalsTest {
    private static final DevelopmentGpu GPU = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private static final Bytes REPORT = GPU.report();
    private static final int OPAQUE_AT = 37 + 8 + 64 * 55 + 32 + 2;

    private static void refused(Verdict verdict, String... checks) {
        assertThat(verdict.accepted()).isFalse();
        assertThat(failures(verdict)).as("%s", verdict).containsExactly(checks);
    }

    private static void accepted(Verdict verdict) {
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
        assertThat(verdict.development()).isTrue();
        assertThat(verdict.summary()).startsWith("DEVELOPMENT evidence");
    }

    private static Bytes changed(Bytes bytes, int at, int mask) {
        byte[] copy = bytes.toArray();
        copy[at] ^= (byte) mask;
        return Bytes.of(copy);
    }

    @Nested
    @DisplayName("Report")
    class Report {
        @Test
        @DisplayName("the evidence that all these start from is accepted, with manifests and without")
        void control() {
            accepted(GPU.identity(REPORT));
            accepted(GPU.withManifests(REPORT, DevelopmentGpu.driverRim(), DevelopmentGpu.vbiosRim()));
        }

        @Test
        @DisplayName("cut at any byte, or longer")
        void truncated() {
            for (int cut = 0; cut < REPORT.size(); cut++) {
                refused(GpuVerifier.verify(GpuEvidence.of(REPORT.slice(0, cut), "", List.of()), CHALLENGE, GPU.identityPolicy(), NOW),
                        "nvidia.report.layout", "nvidia.device.chain");
            }
            refused(GPU.identity(REPORT.concat(Bytes.zeros(1))), "nvidia.report.layout");
            refused(GPU.identity(Bytes.zeros(GpuReport.MAX_LENGTH + 1)), "nvidia.report.layout");
        }

        @Test
        @DisplayName("a bit flipped in any region: the signature covers request and response")
        void flipped() {
            Map<String, int[]> regions = Map.of("nonce", new int[] {4, 36}, "response parameter", new int[] {39, 40}, "measurements", new int[] {52, 100},
                    "last measurement", new int[] {OPAQUE_AT - 82, OPAQUE_AT - 34}, "response nonce", new int[] {OPAQUE_AT - 34, OPAQUE_AT - 2},
                    "VBIOS version", new int[] {OPAQUE_AT + 4, OPAQUE_AT + 12}, "signature r", new int[] {REPORT.size() - 96, REPORT.size() - 48},
                    "signature s", new int[] {REPORT.size() - 48, REPORT.size()});
            regions.forEach((region, bounds) -> {
                for (int at = bounds[0]; at < bounds[1]; at += 5) {
                    assertThat(failures(GPU.identity(changed(REPORT, at, 1 << at % 8)))).as(region).contains("nvidia.report.signature");
                }
            });
        }

        @ParameterizedTest
        @CsvSource({"0, nvidia.report.version", "1, nvidia.report.version", "2, nvidia.report.version", "3, nvidia.report.version",
            "36, nvidia.report.layout", "37, nvidia.report.version", "38, nvidia.report.version", "40, nvidia.report.layout"})
        @DisplayName("another SPDM version, message, request or slot")
        void header(int at, String check) {
            refused(GPU.identity(changed(REPORT, at, 2)), check);
        }

        @Test
        @DisplayName("counts and lengths that lie, a block twice, none, or of another form")
        void record() {
            refused(GPU.drafted(draft -> draft.blocks = 63), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.blocks = 65), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.recordLengthAdded = 1), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.recordLengthAdded = -1), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.recordLengthAdded = 0xf00000), "nvidia.report.layout");
            refused(GPU.drafted(draft -> {
                draft.extraBlocks = DevelopmentGpu.block(7, Bytes.zeros(48));
                draft.blocks = 65;
            }), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.measurements.clear()), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.measurements.put(3, Bytes.zeros(32))), "nvidia.report.layout");
            refused(GPU.drafted(draft -> draft.measurements.put(0, Bytes.zeros(48))), "nvidia.report.layout");
            for (int header : new int[] {1, 2, 4, 5}) {
                refused(GPU.identity(changed(REPORT, 45 + header, 0x84)), "nvidia.report.layout");
            }
        }

        @Test
        @DisplayName("opaque data: a field twice, cut, of another length, no text, or missing; what is unknown is skipped")
        void opaque() {
            accepted(GPU.drafted(draft -> draft.extraOpaque = DevelopmentGpu.entry(999, Bytes.zeros(3)).concat(DevelopmentGpu.entry(999, Bytes.EMPTY))));
            refused(GPU.drafted(draft -> draft.extraOpaque = DevelopmentGpu.entry(3, ascii("550.90.07"))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.extraOpaque = Bytes.fromHex("630005")), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.extraOpaque = Bytes.fromHex("6300050000")), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(20, Bytes.zeros(47))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(6, Bytes.zeros(7))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(22, Bytes.zeros(9))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(3, Bytes.fromHex("35350a00"))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(3, Bytes.fromHex("35003500"))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(3, Bytes.zeros(1))), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.put(3, ascii("latest"))), "nvidia.report.opaque", "nvidia.policy.driver");
            assertThat(failures(GPU.drafted(draft -> draft.opaque.remove(3)))).contains("nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.remove(6)), "nvidia.report.opaque");
            refused(GPU.drafted(draft -> draft.opaque.remove(17)), "nvidia.report.opaque");
        }

        @Test
        @DisplayName("signed by another key; r or s zero or out of range")
        void signature() {
            refused(GPU.withChain(GPU.device, GPU.leaf, GPU.device, GPU.provisioner, GPU.family, GPU.root), "nvidia.report.signature");
            Bytes unsigned = REPORT.slice(0, REPORT.size() - 96);
            Bytes signature = REPORT.slice(REPORT.size() - 96, 96);
            refused(GPU.identity(unsigned.concat(Bytes.zeros(96))), "nvidia.report.signature");
            refused(GPU.identity(unsigned.concat(Bytes.zeros(48)).concat(signature.slice(48, 48))), "nvidia.report.signature");
            refused(GPU.identity(unsigned.concat(signature.slice(0, 48)).concat(Bytes.zeros(48))), "nvidia.report.signature");
            refused(GPU.identity(unsigned.concat(Bytes.fromHex("ff".repeat(96)))), "nvidia.report.signature");
        }

        @Test
        @DisplayName("modes that are not known or contradict each other")
        void mode() {
            accepted(GPU.drafted(draft -> draft.opaque.put(36, Bytes.fromHex("0000"))));
            accepted(GPU.drafted(draft -> {
                draft.opaque.put(36, Bytes.fromHex("0200"));
                draft.opaque.put(21, Bytes.fromHex("aa"));
            }));
            refused(GPU.drafted(draft -> draft.opaque.put(36, Bytes.fromHex("0200"))), "nvidia.report.mode");
            refused(GPU.drafted(draft -> draft.opaque.put(36, Bytes.fromHex("0700"))), "nvidia.report.mode");
            refused(GPU.drafted(draft -> draft.opaque.put(21, Bytes.fromHex("00"))), "nvidia.report.mode");
            refused(GPU.drafted(draft -> {
                draft.opaque.put(36, Bytes.fromHex("0000"));
                draft.opaque.put(21, Bytes.fromHex("aa"));
            }), "nvidia.report.mode");
        }

        @Test
        @DisplayName("a driver older than the policy allows")
        void driver() {
            GpuEvidence evidence = GpuEvidence.of(REPORT, GPU.chain(), List.of());
            for (String least : List.of("550.90.07", "550.90.7", "550", "549.999", "550.90")) {
                accepted(GpuVerifier.verify(evidence, CHALLENGE, GPU.identityPolicy().withMinimumDriver(least), NOW));
            }
            for (String least : List.of("550.90.07.1", "550.90.08", "551", "1000")) {
                refused(GpuVerifier.verify(evidence, CHALLENGE, GPU.identityPolicy().withMinimumDriver(least), NOW), "nvidia.policy.driver");
            }
        }
    }

    @Nested
    @DisplayName("Nonce")
    class Nonce {
        private final GpuEvidence evidence = GpuEvidence.of(REPORT, GPU.chain(), List.of());

        @Test
        @DisplayName("another nonce, different in the first or the last byte")
        void other() {
            for (int at : new int[] {0, 31}) {
                refused(GpuVerifier.verify(evidence, new GpuChallenge.Fresh(changed(NONCE, at, 1)), GPU.identityPolicy(), NOW), "nvidia.report.nonce");
            }
        }

        @Test
        @DisplayName("a nonce that binds to the CPU TEE's report data is accepted as bound, and for no other report data")
        void bound() {
            Bytes reportData = Bytes.of(new byte[] {3}).concat(Bytes.zeros(63));
            GpuChallenge challenge = new GpuChallenge.BoundTo(reportData);
            GpuEvidence bound = GpuEvidence.of(GPU.report(draft -> draft.nonce = challenge.nonce().orElseThrow()), GPU.chain(), List.of());
            Verdict verdict = GpuVerifier.verify(bound, challenge, GPU.identityPolicy().withCpuBinding(), NOW);
            accepted(verdict);
            assertThat(verdict.check("nvidia.binding.cpu").orElseThrow().detail()).isEqualTo("bound to the CPU TEE's report data");
            refused(GpuVerifier.verify(bound, new GpuChallenge.BoundTo(changed(reportData, 63, 1)), GPU.identityPolicy().withCpuBinding(), NOW), "nvidia.report.nonce");
        }

        @Test
        @DisplayName("the verifier's own nonce binds nothing, which a policy may refuse and the verdict always says")
        void unbound() {
            assertThat(GPU.identity(REPORT).check("nvidia.binding.cpu").orElseThrow().detail()).contains("bound to no CPU TEE");
            refused(GpuVerifier.verify(evidence, CHALLENGE, GPU.identityPolicy().withCpuBinding(), NOW), "nvidia.binding.cpu");
            refused(GpuVerifier.verify(evidence, new GpuChallenge.None(), GPU.identityPolicy().withCpuBinding(), NOW), "nvidia.binding.cpu");
            assertThat(GpuVerifier.verify(evidence, new GpuChallenge.None(), GPU.identityPolicy(), NOW).check("nvidia.report.nonce").orElseThrow().detail())
                    .contains("no nonce was asked for");
        }

        @Test
        @DisplayName("the derivation is SHA-256 over the domain and the 64 bytes")
        void derivation() {
            assertThat(new GpuChallenge.BoundTo(Bytes.zeros(64)).nonce().orElseThrow())
                    .isEqualTo(Bytes.of("nyxos:gpu-nonce:v1".getBytes(StandardCharsets.US_ASCII)).concat(Bytes.zeros(64)).sha256());
        }
    }

    @Nested
    @DisplayName("Certificates")
    class Certificates {
        @Test
        @DisplayName("four, six, reordered, none, or something that is no certificate")
        void shape() {
            Verdict four = GPU.withChain(GPU.leaf, GPU.leaf, GPU.device, GPU.provisioner, GPU.root);
            assertThat(failures(four)).containsExactly("nvidia.device.chain", "nvidia.device.roles");
            Verdict six = GPU.withChain(GPU.leaf, GPU.leaf, GPU.device, GPU.provisioner, GPU.family, GPU.root, GPU.root);
            assertThat(failures(six)).containsExactly("nvidia.device.chain", "nvidia.device.roles");
            assertThat(failures(GPU.withChain(GPU.leaf, GPU.leaf, GPU.provisioner, GPU.device, GPU.family, GPU.root)))
                    .containsExactly("nvidia.device.chain", "nvidia.device.roles");
            for (String chain : List.of("", "junk", GPU.chain().replace("BEGIN", "BEGUN"))) {
                refused(GpuVerifier.verify(GpuEvidence.of(REPORT, chain, List.of()), CHALLENGE, GPU.identityPolicy(), NOW), "nvidia.device.chain");
            }
        }

        @Test
        @DisplayName("another root of the same name; a development root where none is allowed; NVIDIA's names under no root of NVIDIA's")
        void root() {
            DevelopmentGpu other = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
            refused(GpuVerifier.verify(GpuEvidence.of(other.report(), other.chain(), List.of()), CHALLENGE, GPU.identityPolicy(), NOW), "nvidia.device.root");
            Verdict production = GpuVerifier.verify(GpuEvidence.of(REPORT, GPU.chain(), List.of()), CHALLENGE,
                    GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN), NOW);
            refused(production, "nvidia.device.root");
            assertThat(production.development()).isTrue();
            assertThat(production.failures().getFirst().detail()).contains("development root, which this policy does not allow");
        }

        @Test
        @DisplayName("the root of manifests' signers is no root of devices")
        void rootOfOtherPurpose() {
            GpuPolicy onlyManifests = GpuPolicy.development(Set.of(DevelopmentGpu.rim().anchor())).withManifests(GpuPolicy.Manifests.WHEN_GIVEN);
            refused(GpuVerifier.verify(GpuEvidence.of(REPORT, GPU.chain(), List.of()), CHALLENGE, onlyManifests, NOW), "nvidia.device.root");
        }

        @Test
        @DisplayName("a leaf that another device signed, that is a CA, on another curve, with another hash")
        void leaf() {
            DevelopmentGpu sibling = DevelopmentGpu.hopper(GPU.root);
            refused(GPU.withChain(GPU.leaf, GPU.leaf, sibling.device, sibling.provisioner, sibling.family, GPU.root), "nvidia.device.chain");
            refused(withLeaf(leafRequest().path(0)), "nvidia.device.chain");
            refused(withLeaf(new Request(leafRequest().name(), -1, DevelopmentGpuPki.FROM, DevelopmentGpuPki.TO, "secp384r1", "SHA256withECDSA",
                    leafRequest().extras())), "nvidia.device.chain");
            Identity small = issue(leafRequest().curve("secp256r1"), GPU.device);
            Verdict verdict = GpuVerifier.verify(GpuEvidence.of(REPORT, DevelopmentGpuPki.pem(small, GPU.device, GPU.provisioner, GPU.family, GPU.root), List.of()),
                    CHALLENGE, GPU.identityPolicy(), NOW);
            refused(verdict, "nvidia.device.chain");
            assertThat(verdict.check("nvidia.report.signature").orElseThrow().outcome()).isEqualTo(Check.Outcome.NOT_REACHED);
        }

        @Test
        @DisplayName("an intermediate that is no CA; a critical extension that nobody knows")
        void authorities() {
            Identity device = issue(Request.leaf(DevelopmentRim.name("GH100 A01 GSP BROM")), GPU.provisioner);
            Identity leaf = issue(leafRequest(), device);
            refused(GPU.withChain(leaf, leaf, device, GPU.provisioner, GPU.family, GPU.root), "nvidia.device.chain");
            refused(withLeaf(leafRequest().with(new DevelopmentGpuPki.Extra("1.2.3.4", true, new DEROctetString(new byte[1])))), "nvidia.device.chain");
        }

        @Test
        @DisplayName("expired and not yet valid")
        void validity() {
            refused(withLeaf(leafRequest().valid(DevelopmentGpuPki.FROM, NOW.minusSeconds(1))), "nvidia.device.validity");
            refused(withLeaf(leafRequest().valid(NOW.plusSeconds(1), DevelopmentGpuPki.TO)), "nvidia.device.validity");
        }

        @Test
        @DisplayName("certificates of two chips, and a leaf that a provisioner signed over the device's head")
        void roles() {
            DevelopmentGpu blackwell = DevelopmentGpu.ofChip("GB100", GPU.root, DevelopmentGpuPki.tcbInfo(new byte[4], FIRMWARE_ID));
            Identity mixed = issue(leafRequest(), blackwell.device);
            refused(GPU.withChain(mixed, mixed, blackwell.device, blackwell.provisioner, blackwell.family, GPU.root), "nvidia.device.roles");
            Identity over = issue(leafRequest(), GPU.provisioner);
            assertThat(failures(GPU.withChain(over, over, GPU.provisioner, GPU.family, GPU.root))).contains("nvidia.device.chain", "nvidia.device.roles");
        }

        @Test
        @DisplayName("a switch is no GPU, and neither is a chip that is not known")
        void kind() {
            for (String chip : List.of("LS_10", "AD102", "GH1000")) {
                DevelopmentGpu other = DevelopmentGpu.ofChip(chip, GPU.root, DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID));
                refused(other.identity(other.report()), "nvidia.device.kind");
            }
            DevelopmentGpu nvswitch = DevelopmentGpu.ofChip("LS_10", GPU.root, DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID));
            Verdict verdict = nvswitch.drafted(draft -> {
                draft.opaque.remove(3);
                draft.measurements.keySet().removeIf(index -> index > 31);
            });
            assertThat(failures(verdict)).startsWith("nvidia.report.opaque", "nvidia.device.kind");
            assertThat(verdict.check("nvidia.device.kind").orElseThrow().detail()).contains("is an NVSwitch: its report is no evidence of a GPU");
        }

        @Test
        @DisplayName("the firmware id: absent, in two forms, of another hash, all zero, or another than the report's")
        void firmware() {
            refused(withLeaf(Request.leaf(leafRequest().name())), "nvidia.device.firmware");
            refused(withLeaf(leafRequest().with(DevelopmentGpuPki.tcbInfo(new byte[4], FIRMWARE_ID))), "nvidia.device.firmware");
            refused(withLeaf(Request.leaf(leafRequest().name(), DevelopmentGpuPki.compositeDeviceId(Bytes.zeros(48)))), "nvidia.device.firmware");
            refused(withLeaf(Request.leaf(leafRequest().name(), DevelopmentGpuPki.compositeDeviceId(Bytes.zeros(32)))), "nvidia.device.firmware");
            refused(withLeaf(Request.leaf(leafRequest().name(), new DevelopmentGpuPki.Extra("2.23.133.5.4.1", false, new DEROctetString(new byte[3])))),
                    "nvidia.device.firmware");
            refused(withLeaf(Request.leaf(leafRequest().name(), DevelopmentGpuPki.compositeDeviceId(changed(FIRMWARE_ID, 47, 1)))), "nvidia.report.fwid");
            refused(GPU.drafted(draft -> draft.opaque.put(20, changed(FIRMWARE_ID, 0, 1))), "nvidia.report.fwid");
            refused(GPU.drafted(draft -> draft.opaque.remove(20)), "nvidia.report.fwid");
            accepted(GPU.drafted(draft -> {
                draft.opaque.remove(20);
                draft.opaque.put(3, ascii("545.00"));
            }));
        }

        @Test
        @DisplayName("Blackwell: one of its firmware ids is the report's; debug, recovery and insecure modes are refused; an old driver is no excuse")
        void blackwell() {
            accepted(blackwell(0x80000001, FIRMWARE_ID, Bytes.zeros(48)));
            accepted(blackwell(0x80000001, changed(FIRMWARE_ID, 0, 1), FIRMWARE_ID));
            refused(blackwell(0x80000001, changed(FIRMWARE_ID, 0, 1)), "nvidia.report.fwid");
            for (int flag : new int[] {0x40000000, 0x20000000, 0x10000000}) {
                refused(blackwell(0x80000001 | flag, FIRMWARE_ID), "nvidia.device.debug");
            }
            DevelopmentGpu gpu = DevelopmentGpu.ofChip("GB100", GPU.root, DevelopmentGpuPki.tcbInfo(new byte[4], FIRMWARE_ID));
            refused(gpu.drafted(draft -> {
                draft.opaque.remove(20);
                draft.opaque.put(3, ascii("545.00"));
            }), "nvidia.report.fwid");
        }

        private Verdict blackwell(int flags, Bytes... firmwareIds) {
            byte[] bits = ByteBuffer.allocate(4).putInt(flags).array();
            DevelopmentGpu gpu = DevelopmentGpu.ofChip("GB100", GPU.root, DevelopmentGpuPki.tcbInfo(bits, firmwareIds));
            return gpu.identity(gpu.report());
        }

        private Request leafRequest() {
            return DevelopmentGpu.leafRequest("GH100", DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID));
        }

        private Verdict withLeaf(Request request) {
            Identity leaf = issue(request, GPU.device);
            return GPU.withChain(leaf, leaf, GPU.device, GPU.provisioner, GPU.family, GPU.root);
        }
    }

    @Nested
    @DisplayName("Revocation")
    class Revocation {
        private final BigInteger family = GPU.family.certificate().getSerialNumber();

        private Verdict judge(GpuPolicy policy, Bytes... lists) {
            return GpuVerifier.verify(new GpuEvidence(REPORT, GPU.chain(), List.of(), List.of(lists)), CHALLENGE, policy, NOW);
        }

        private Bytes list(Map<BigInteger, Integer> revoked) {
            return DevelopmentGpuPki.revocationList(GPU.root, NOW.minusSeconds(60), NOW.plus(Duration.ofDays(7)), revoked);
        }

        @Test
        @DisplayName("revoked and on hold are different results; a policy may accept the hold and never the other")
        void results() {
            GpuPolicy required = GPU.identityPolicy().withRevocationLists(false);
            GpuPolicy holdAllowed = GPU.identityPolicy().withRevocationLists(true);
            accepted(judge(required, list(Map.of())));
            accepted(judge(required, list(Map.of(BigInteger.TWO, CRLReason.keyCompromise))));
            refused(judge(required, list(Map.of(family, CRLReason.keyCompromise))), "nvidia.device.revoked");
            refused(judge(holdAllowed, list(Map.of(family, CRLReason.keyCompromise))), "nvidia.device.revoked");
            refused(judge(required, list(Map.of(family, CRLReason.certificateHold))), "nvidia.device.on-hold");
            accepted(judge(holdAllowed, list(Map.of(family, CRLReason.certificateHold))));
            refused(judge(GPU.identityPolicy(), list(Map.of(family, CRLReason.keyCompromise))), "nvidia.device.revoked");
        }

        @Test
        @DisplayName("a list that is missing, forged, old, from the future or no list")
        void lists() {
            GpuPolicy required = GPU.identityPolicy().withRevocationLists(false);
            refused(judge(required), "nvidia.device.revocation-lists");
            refused(judge(required, DevelopmentGpuPki.revocationList(DevelopmentGpu.hopper(DevelopmentGpu.newRoot()).root, NOW, NOW.plusSeconds(9), Map.of())),
                    "nvidia.device.revocation-lists");
            refused(judge(required, DevelopmentGpuPki.revocationList(GPU.root, NOW.minusSeconds(9), NOW.minusSeconds(1), Map.of())), "nvidia.device.revocation-lists");
            refused(judge(required, DevelopmentGpuPki.revocationList(GPU.root, NOW.plusSeconds(1), NOW.plusSeconds(9), Map.of())), "nvidia.device.revocation-lists");
            refused(judge(GPU.identityPolicy(), Bytes.zeros(5)), "nvidia.device.revocation-lists");
        }

        private Bytes answer(CertificateStatus status, Identity signer) {
            return DevelopmentGpuPki.ocspAnswer(GPU.root, family, status, signer, NOW.minusSeconds(60), Optional.of(NOW.plusSeconds(600)));
        }

        @Test
        @DisplayName("an OCSP answer, by the issuer or by its responder, does as well as a list")
        void ocsp() {
            GpuPolicy required = GPU.identityPolicy().withRevocationLists(false);
            Identity responder = DevelopmentGpuPki.issue(Request.leaf("responder", DevelopmentGpuPki.ocspSigning()), GPU.root);
            for (Identity signer : List.of(GPU.root, responder)) {
                Verdict good = judge(required, answer(CertificateStatus.GOOD, signer));
                accepted(good);
                assertThat(good.check("nvidia.device.revoked").orElseThrow().detail()).isEqualTo("by 0 revocation lists and 1 OCSP answers");
                refused(judge(required, answer(new RevokedStatus(Date.from(NOW), CRLReason.keyCompromise), signer)), "nvidia.device.revoked");
                refused(judge(required, answer(new RevokedStatus(Date.from(NOW), CRLReason.certificateHold), signer)), "nvidia.device.on-hold");
                accepted(judge(GPU.identityPolicy().withRevocationLists(true), answer(new RevokedStatus(Date.from(NOW), CRLReason.certificateHold), signer)));
                refused(judge(GPU.identityPolicy(), answer(new UnknownStatus(), signer)), "nvidia.device.revocation-lists");
            }
            refused(judge(GPU.identityPolicy(), list(Map.of()), answer(new RevokedStatus(Date.from(NOW), CRLReason.keyCompromise), responder)), "nvidia.device.revoked");
            assertThat(judge(GPU.identityPolicy()).check("nvidia.device.revoked").orElseThrow().detail()).as("that nobody was asked is said").startsWith("not asked");
        }

        @Test
        @DisplayName("an OCSP answer of somebody else, of another time, about another certificate, or altered")
        void ocspRefusals() {
            GpuPolicy policy = GPU.identityPolicy();
            GpuPolicy required = policy.withRevocationLists(false);
            Identity untitled = DevelopmentGpuPki.issue(Request.leaf("responder"), GPU.root);
            Identity foreign = DevelopmentGpuPki.issue(Request.leaf("responder", DevelopmentGpuPki.ocspSigning()), DevelopmentGpu.newRoot());
            Identity expired = DevelopmentGpuPki.issue(Request.leaf("responder", DevelopmentGpuPki.ocspSigning()).valid(NOW.minusSeconds(90), NOW.minusSeconds(9)), GPU.root);
            for (Identity signer : List.of(untitled, foreign, expired, GPU.leaf)) {
                refused(judge(policy, answer(CertificateStatus.GOOD, signer)), "nvidia.device.revocation-lists");
            }
            refused(judge(policy, DevelopmentGpuPki.ocspAnswer(GPU.root, family, CertificateStatus.GOOD, GPU.root, NOW.minusSeconds(60), Optional.of(NOW.minusSeconds(1)))),
                    "nvidia.device.revocation-lists");
            refused(judge(policy, DevelopmentGpuPki.ocspAnswer(GPU.root, family, CertificateStatus.GOOD, GPU.root, NOW.plusSeconds(1), Optional.of(NOW.plusSeconds(9)))),
                    "nvidia.device.revocation-lists");
            refused(judge(policy, DevelopmentGpuPki.ocspAnswer(GPU.root, family, CertificateStatus.GOOD, GPU.root, NOW, Optional.empty())), "nvidia.device.revocation-lists");
            Bytes other = DevelopmentGpuPki.ocspAnswer(GPU.root, BigInteger.TWO, CertificateStatus.GOOD, GPU.root, NOW, Optional.of(NOW.plusSeconds(9)));
            accepted(judge(policy, other));
            refused(judge(required, other), "nvidia.device.revocation-lists");
            byte[] altered = answer(CertificateStatus.GOOD, GPU.root).toArray();
            altered[altered.length - 1] ^= 1;
            refused(judge(policy, Bytes.of(altered)), "nvidia.device.revocation-lists");
            refused(judge(policy, answer(CertificateStatus.GOOD, GPU.root).concat(Bytes.zeros(1))), "nvidia.device.revocation-lists");
            for (int length = 0; length < altered.length; length += 7) {
                assertThat(judge(policy, Bytes.of(altered).slice(0, length)).accepted()).as(length + " bytes").isFalse();
            }
        }

        @Test
        @DisplayName("a certificate that names an OCSP service and no list is asked about where the policy wants it")
        void ocspNamed() {
            DevelopmentGpu gpu = DevelopmentGpu.hopper(GPU.root);
            Identity device = DevelopmentGpuPki.issue(Request.authority(DevelopmentRim.name("GH100 A01 GSP BROM")).with(DevelopmentGpuPki.ocspService()), gpu.provisioner);
            Identity leaf = DevelopmentGpuPki.issue(DevelopmentGpu.leafRequest("GH100", DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID)), device);
            Bytes unsigned = new Draft().unsigned();
            String chain = DevelopmentGpuPki.pem(leaf, device, gpu.provisioner, gpu.family, gpu.root);
            Bytes list = list(Map.of());
            Bytes answer = DevelopmentGpuPki.ocspAnswer(gpu.provisioner, device.certificate().getSerialNumber(), CertificateStatus.GOOD, gpu.provisioner, NOW, Optional.of(NOW.plusSeconds(9)));
            Bytes report = unsigned.concat(DevelopmentGpuPki.sign(leaf.key(), unsigned));
            GpuPolicy required = gpu.identityPolicy().withRevocationLists(false);
            refused(GpuVerifier.verify(new GpuEvidence(report, chain, List.of(), List.of(list)), CHALLENGE, required, NOW), "nvidia.device.revocation-lists");
            accepted(GpuVerifier.verify(new GpuEvidence(report, chain, List.of(), List.of(list, answer)), CHALLENGE, required, NOW));
        }
    }

    @Nested
    @DisplayName("Node")
    class Node {
        private final GpuEvidence first = GpuEvidence.of(REPORT, GPU.chain(), List.of());

        private GpuNodeVerdict judge(int claimed, GpuEvidence... gpus) {
            return GpuNodeVerifier.verify(List.of(gpus), claimed, CHALLENGE, GPU.identityPolicy(), NOW);
        }

        private GpuEvidence second() {
            DevelopmentGpu other = DevelopmentGpu.hopper(GPU.root);
            return GpuEvidence.of(other.report(), other.chain(), List.of());
        }

        @Test
        @DisplayName("two GPUs that answer one nonce are accepted")
        void control() {
            GpuNodeVerdict verdict = judge(2, first, second());
            assertThat(verdict.accepted()).as("%s", verdict.node()).isTrue();
            assertThat(verdict.topology()).isEqualTo(GpuNodeVerdict.Topology.DIRECT);
            assertThat(verdict.node().development()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 3, -2})
        @DisplayName("another number of GPUs than claimed")
        void count(int claimed) {
            refused(judge(claimed, first, second()).node(), "nvidia.node.count");
        }

        @Test
        @DisplayName("no GPU at all")
        void none() {
            refused(judge(0).node(), "nvidia.node.count", "nvidia.node.gpus");
        }

        @Test
        @DisplayName("more GPUs, manifests or lists than are read")
        void tooMany() {
            List<GpuEvidence> many = Collections.nCopies(GpuNodeVerifier.MAX_GPUS + 1, first);
            GpuNodeVerdict verdict = GpuNodeVerifier.verify(many, many.size(), CHALLENGE, GPU.identityPolicy(), NOW);
            assertThat(verdict.gpus()).isEmpty();
            refused(verdict.node(), "nvidia.node.gpus");
            List<Bytes> parts = Collections.nCopies(GpuEvidence.MAX_PARTS + 1, Bytes.zeros(1));
            Verdict parted = GpuVerifier.verify(new GpuEvidence(REPORT, GPU.chain(), parts, parts), CHALLENGE, GPU.identityPolicy(), NOW);
            assertThat(parted.check("nvidia.policy.manifests").orElseThrow().detail()).startsWith("9 manifests are given, at most 8 are read");
            assertThat(parted.check("nvidia.device.revocation-lists").orElseThrow().detail()).startsWith("9 revocation lists are given, at most 8 are read");
            assertThat(parted.accepted()).isFalse();
        }

        @Test
        @DisplayName("one GPU twice, also with a second leaf of its own")
        void twice() {
            refused(judge(2, first, first).node(), "nvidia.node.distinct");
            Identity again = issue(DevelopmentGpu.leafRequest("GH100", DevelopmentGpuPki.compositeDeviceId(FIRMWARE_ID)), GPU.device);
            Bytes unsigned = new Draft().unsigned();
            GpuEvidence updated = GpuEvidence.of(unsigned.concat(DevelopmentGpuPki.sign(again.key(), unsigned)),
                    DevelopmentGpuPki.pem(again, GPU.device, GPU.provisioner, GPU.family, GPU.root), List.of());
            GpuNodeVerdict verdict = judge(2, first, updated);
            assertThat(verdict.gpus()).allMatch(Verdict::accepted);
            refused(verdict.node(), "nvidia.node.distinct");
        }

        @Test
        @DisplayName("different nonces, and one GPU that is refused by itself")
        void nonces() {
            DevelopmentGpu other = DevelopmentGpu.hopper(GPU.root);
            GpuEvidence stale = GpuEvidence.of(other.report(draft -> draft.nonce = Bytes.zeros(32)), other.chain(), List.of());
            refused(judge(2, first, stale).node(), "nvidia.node.gpus", "nvidia.node.nonce");
            assertThat(judge(2, first, GpuEvidence.of(Bytes.EMPTY, "", List.of())).node().failures().getFirst().detail())
                    .isEqualTo("GPU 1: nvidia.report.layout, nvidia.device.chain");
        }

        @Test
        @DisplayName("switches that join the GPUs are said, and refused unless the policy does without their evidence")
        void switches() {
            DevelopmentGpu other = DevelopmentGpu.hopper(GPU.root);
            GpuEvidence joined = GpuEvidence.of(other.report(draft -> draft.opaque.put(22, Bytes.fromHex("0102030405060708"))), other.chain(), List.of());
            refused(judge(2, first, joined).node(), "nvidia.node.topology");
            assertThat(judge(2, first, joined).topology()).isEqualTo(GpuNodeVerdict.Topology.SWITCHES_NOT_ATTESTED);
            assertThat(GpuNodeVerifier.verify(List.of(first, joined), 2, CHALLENGE, GPU.identityPolicy().withUnattestedSwitches(), NOW).accepted()).isTrue();
            DevelopmentGpu third = DevelopmentGpu.hopper(GPU.root);
            GpuEvidence unplugged = GpuEvidence.of(third.report(draft -> draft.opaque.put(22, Bytes.zeros(16))), third.chain(), List.of());
            assertThat(judge(2, first, unplugged).accepted()).as("ids of zero name no switch").isTrue();
        }
    }
}
