package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.DevelopmentGpu.Draft;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Identity;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Request;
import network.nyxos.attestation.verdict.Verdict;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

import static network.nyxos.attestation.nvidia.DevelopmentGpu.failures;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.NOW;
import static network.nyxos.attestation.nvidia.DevelopmentGpuPki.issue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@DisplayName("A reference manifest that is wrong in one thing is refused by the check of that thing")
class ManifestRefusalsTest {
    private static final DevelopmentGpu GPU = DevelopmentGpu.hopper(DevelopmentGpu.newRoot());
    private static final DevelopmentRim RIM = DevelopmentGpu.rim();
    private static final String TEXT = DevelopmentRim.text("GH100", "550.90.07",
            DevelopmentRim.accepting(Draft.measurements(), DevelopmentGpu.DRIVER_INDEXES));
    private static final Bytes DRIVER = DevelopmentGpu.driverRim();
    private static final Bytes VBIOS = DevelopmentGpu.vbiosRim();
    private static final Bytes REPORT = GPU.report();

    private static Verdict judge(Bytes manifest) {
        return RimVerifier.verify(manifest, GPU.policy(), NOW);
    }

    private static void refused(Verdict verdict, String... checks) {
        assertThat(verdict.accepted()).isFalse();
        assertThat(failures(verdict)).as("%s", verdict).containsExactly(checks);
    }

    private static Bytes edited(Bytes manifest, UnaryOperator<String> edit) {
        String text = new String(manifest.toArray(), StandardCharsets.UTF_8);
        String changed = edit.apply(text);
        assertThat(changed).isNotEqualTo(text);
        return Bytes.of(changed.getBytes(StandardCharsets.UTF_8));
    }

    private static Bytes replaced(String what, String by) {
        return edited(DRIVER, text -> text.replace(what, by));
    }

    private static Bytes signedBy(Identity... chain) {
        return DevelopmentRim.sign(TEXT, DevelopmentRim.ECDSA_SHA384, DevelopmentRim.C14N11, chain);
    }

    @Test
    @DisplayName("the manifest that all these start from is accepted")
    void control() {
        assertThat(judge(DRIVER).accepted()).as("%s", judge(DRIVER)).isTrue();
        assertThat(judge(DRIVER).development()).isTrue();
        assertThat(ReferenceManifest.parse(DRIVER).subject()).isEqualTo(ReferenceManifest.Subject.DRIVER);
        assertThat(ReferenceManifest.parse(VBIOS).subject()).isEqualTo(ReferenceManifest.Subject.VBIOS);
    }

    @Test
    @DisplayName("altered after it was signed: a version, a flag, a measurement, an added element")
    void altered() {
        String measurement = Draft.measurements().get(8).hex();
        refused(judge(replaced("550.90.07", "550.90.08")), "nvidia.rim.signature");
        refused(judge(replaced(measurement, "00" + measurement.substring(2))), "nvidia.rim.signature");
        refused(judge(edited(DRIVER, text -> text.replaceFirst("active=\"True\"", "active=\"False\""))), "nvidia.rim.signature");
        refused(judge(replaced("</ns0:Payload>", "</ns0:Payload><ns0:Link/>")), "nvidia.rim.signature");
        assertThat(judge(replaced("550.90.07", "550.90.08")).failures().getFirst().detail()).contains("altered after it was signed");
    }

    @Test
    @DisplayName("the signature value: of another key, of another length, altered, no base64")
    void signatureValue() {
        Identity impostor = issue(DevelopmentRim.signerRequest(), RIM.level3);
        Bytes other = signedBy(impostor, RIM.level3, RIM.family, RIM.root);
        String value = valueOf(other);
        refused(judge(replaced(valueOf(DRIVER), value)), "nvidia.rim.signature");
        refused(judge(replaced(valueOf(DRIVER), "AAAA")), "nvidia.rim.layout");
        refused(judge(replaced(valueOf(DRIVER), "*" + value)), "nvidia.rim.layout");
        refused(judge(replaced(valueOf(DRIVER), "A".repeat(128))), "nvidia.rim.signature");
    }

    private static String valueOf(Bytes manifest) {
        String text = new String(manifest.toArray(), StandardCharsets.UTF_8);
        return text.substring(text.indexOf("<ds:SignatureValue>") + 19, text.indexOf("</ds:SignatureValue>"));
    }

    @Test
    @DisplayName("wrapping: what is signed stands elsewhere, and something else is read")
    void wrapping() {
        String text = new String(DRIVER.toArray(), StandardCharsets.UTF_8);
        String forged = TEXT.replace(Draft.measurements().get(8).hex(), "11".repeat(48));
        refused(judge(utf8(forged.replace("</SoftwareIdentity>", text + "</SoftwareIdentity>"))), "nvidia.rim.layout");
        String signature = text.substring(text.indexOf("<ds:Signature "), text.indexOf("</ds:Signature>") + 15);
        String withObject = signature.replace("</ds:Signature>", "<ds:Object>" + TEXT + "</ds:Object></ds:Signature>");
        refused(judge(utf8(forged.replace("</SoftwareIdentity>", withObject + "</SoftwareIdentity>"))), "nvidia.rim.layout");
        refused(judge(utf8(forged.replace("</SoftwareIdentity>", signature + "</SoftwareIdentity>"))), "nvidia.rim.signature");
        refused(judge(utf8(text.replace("</SoftwareIdentity>", signature + "</SoftwareIdentity>"))), "nvidia.rim.layout");
        refused(judge(utf8(text.replace("URI=\"\"", "URI=\"#part\"").replace("<ns0:Payload>", "<ns0:Payload Id=\"part\">"))), "nvidia.rim.layout");
        refused(judge(utf8(text.replace("<ns0:Payload>", "<ns0:Payload/><ns0:Payload>"))), "nvidia.rim.layout");
        refused(judge(utf8(text.replace("<ns0:Meta ", "<x:Meta xmlns:x=\"urn:other\" colloquialVersion=\"1.0\" product=\"GH100\"/><ns0:Meta "))), "nvidia.rim.layout");
    }

    private static Bytes utf8(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://development.invalid/other.xml", "file:///etc/hostname", "#xpointer(/)"})
    @DisplayName("a reference to anything but the whole document is refused unread")
    void references(String uri) {
        refused(judge(replaced("URI=\"\"", "URI=\"" + uri + "\"")), "nvidia.rim.layout");
    }

    @Test
    @DisplayName("document types and entities are refused unread")
    void documentTypes() {
        for (String prolog : List.of("<!DOCTYPE SoftwareIdentity>", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]>",
                "<!DOCTYPE a SYSTEM \"http://development.invalid/a.dtd\">", "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>")) {
            refused(judge(edited(DRIVER, text -> prolog + text)), "nvidia.rim.layout");
        }
        refused(judge(utf8(TEXT)), "nvidia.rim.layout");
        refused(judge(utf8("")), "nvidia.rim.layout");
        refused(judge(Bytes.zeros(ReferenceManifest.MAX_LENGTH + 1)), "nvidia.rim.layout");
    }

    @Test
    @DisplayName("another algorithm anywhere, another transform, or a key that stands there by itself")
    void algorithms() {
        refused(judge(DevelopmentRim.sign(TEXT, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", DevelopmentRim.C14N11,
                RIM.signer, RIM.level3, RIM.family, RIM.root)), "nvidia.rim.layout");
        refused(judge(DevelopmentRim.sign(TEXT, DevelopmentRim.ECDSA_SHA384, DevelopmentRim.canonicalInclusive(),
                RIM.signer, RIM.level3, RIM.family, RIM.root)), "nvidia.rim.layout");
        refused(judge(replaced("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384")), "nvidia.rim.layout");
        refused(judge(replaced("http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2000/09/xmldsig#sha1")), "nvidia.rim.layout");
        refused(judge(replaced("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116")), "nvidia.rim.layout");
        refused(judge(replaced("</ds:Transforms>", "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/></ds:Transforms>")), "nvidia.rim.layout");
        refused(judge(replaced("<ds:X509Data>", "<ds:KeyName>a</ds:KeyName><ds:X509Data>")), "nvidia.rim.layout");
        refused(judge(edited(DRIVER, text -> text.replaceAll("(?s)<ds:X509Data>.*</ds:X509Data>", "<ds:X509Data/>"))), "nvidia.rim.layout");
    }

    @Test
    @DisplayName("signers: another root of the same name, no chain, expired, a leaf that may not sign, debug only, of another chip")
    void signers() {
        DevelopmentRim other = new DevelopmentRim();
        refused(judge(other.sign(TEXT)), "nvidia.rim.root");
        refused(judge(signedBy(RIM.signer, RIM.family, RIM.root)), "nvidia.rim.chain", "nvidia.rim.roles");
        refused(judge(signedBy(RIM.signer, other.level3, RIM.family, RIM.root)), "nvidia.rim.chain");
        Identity expired = issue(DevelopmentRim.signerRequest().valid(DevelopmentGpuPki.FROM, NOW.minusSeconds(1)), RIM.level3);
        refused(judge(signedBy(expired, RIM.level3, RIM.family, RIM.root)), "nvidia.rim.validity");
        Identity authority = issue(DevelopmentRim.signerRequest().path(0), RIM.level3);
        refused(judge(signedBy(authority, RIM.level3, RIM.family, RIM.root)), "nvidia.rim.chain");
        Identity debug = issue(Request.authority(DevelopmentRim.name("NVIDIA Reference Value L3 GH100 001 Debug Only")), RIM.family);
        refused(judge(signedBy(issue(DevelopmentRim.signerRequest(), debug), debug, RIM.family, RIM.root)), "nvidia.rim.roles");
        refused(judge(RIM.sign(TEXT.replace("GH100", "GB100"))), "nvidia.rim.roles");
        Verdict production = RimVerifier.verify(DRIVER, GpuPolicy.strict(), NOW);
        refused(production, "nvidia.rim.root");
        assertThat(production.failures().getFirst().detail()).contains("development root");
    }

    @Test
    @DisplayName("content, properly signed: an index twice, lengths and counts that lie, words that are not known, nothing active")
    void content() {
        for (UnaryOperator<String> edit : List.<UnaryOperator<String>>of(
                text -> text.replace("index=\"3\"", "index=\"2\""),
                text -> text.replace("index=\"3\"", "index=\"255\""),
                text -> text.replace("index=\"3\"", "index=\"-3\""),
                text -> text.replaceFirst("alternatives=\"2\"", "alternatives=\"1\""),
                text -> text.replaceFirst("alternatives=\"1\"", "alternatives=\"0\""),
                text -> text.replaceFirst("active=\"True\"", "active=\"true\""),
                text -> text.replaceFirst("active=\"True\"", ""),
                text -> text.replaceFirst("size=\"48\"", "size=\"32\""),
                text -> text.replaceFirst("Hash0=\"..", "Hash0=\""),
                text -> text.replaceFirst("Hash0=\"..", "Hash0=\"zz"),
                text -> text.replaceFirst("ns2:Hash0", "ns2:Sum0"),
                text -> text.replaceFirst("type=\"Measurement\"", "type=\"Other\""),
                text -> text.replace("active=\"True\"", "active=\"False\""),
                text -> text.replace("ns0:Resource", "ns0:File"),
                text -> text.replace("colloquialVersion=\"550.90.07\"", ""),
                text -> text.replace("SoftwareIdentity", "SoftwareIdentities"))) {
            String edited = edit.apply(TEXT);
            assertThat(edited).isNotEqualTo(TEXT);
            refused(judge(RIM.sign(edited)), "nvidia.rim.layout");
        }
    }

    @Test
    @DisplayName("with a report: missing, unreadable, two of one kind, of another driver, chip or VBIOS")
    void withReport() {
        refused(GPU.withManifests(REPORT, VBIOS), "nvidia.driver-rim.present");
        refused(GPU.withManifests(REPORT, DRIVER), "nvidia.vbios-rim.present");
        refused(GPU.withManifests(REPORT), "nvidia.driver-rim.present", "nvidia.vbios-rim.present");
        refused(GPU.withManifests(REPORT, DRIVER, VBIOS, utf8("<a/>")), "nvidia.policy.manifests");
        refused(GPU.withManifests(REPORT, DRIVER, VBIOS, DRIVER), "nvidia.policy.manifests");
        refused(GPU.withManifests(REPORT, RIM.sign(TEXT.replace("550.90.07", "550.90.08")), VBIOS), "nvidia.driver-rim.subject");
        refused(GPU.withManifests(REPORT, DRIVER, edited(VBIOS, text -> text.replace("96.00.5E.00.01", "96.00.5E.00.02"))),
                "nvidia.vbios-rim.signature", "nvidia.vbios-rim.subject");
        refused(GPU.withManifests(GPU.report(draft -> draft.opaque.put(6, Bytes.fromHex("005e009602000000"))), DRIVER, VBIOS), "nvidia.vbios-rim.subject");
        DevelopmentGpu blackwell = DevelopmentGpu.ofChip("GB100", GPU.root, DevelopmentGpuPki.tcbInfo(new byte[4], DevelopmentGpu.FIRMWARE_ID));
        refused(blackwell.withManifests(blackwell.report(), DRIVER, VBIOS), "nvidia.driver-rim.subject", "nvidia.vbios-rim.subject");
    }

    @Test
    @DisplayName("a measurement that differs is named by its index; inactive ones do not count; a video decoder that is off does not either")
    void measurements() {
        assertThat(GPU.withManifests(GPU.report(draft -> draft.measurements.put(64, Bytes.zeros(48))), DRIVER, VBIOS).accepted()).isTrue();
        Verdict driver = GPU.withManifests(GPU.report(draft -> draft.measurements.put(22, Bytes.fromHex("ab".repeat(48)))), DRIVER, VBIOS);
        refused(driver, "nvidia.measurements.driver");
        assertThat(driver.failures().getFirst().detail()).startsWith("index 21 is abab");
        refused(GPU.withManifests(GPU.report(draft -> draft.measurements.put(6, Bytes.fromHex("ab".repeat(48)))), DRIVER, VBIOS), "nvidia.measurements.vbios");
        Verdict absent = GPU.withManifests(GPU.report(draft -> draft.measurements.remove(41)), DRIVER, VBIOS);
        refused(absent, "nvidia.measurements.driver");
        assertThat(absent.failures().getFirst().detail()).isEqualTo("index 40 is not in the report");
        assertThat(GPU.withManifests(GPU.report(draft -> draft.measurements.put(36, Bytes.fromHex("ab".repeat(48)))), DRIVER, VBIOS).accepted()).isTrue();
        for (String state : List.of("aa", "00")) {
            refused(GPU.withManifests(GPU.report(draft -> {
                draft.measurements.put(36, Bytes.fromHex("ab".repeat(48)));
                draft.opaque.put(11, Bytes.fromHex(state));
            }), DRIVER, VBIOS), "nvidia.measurements.driver");
        }
        assertThat(GPU.withManifests(GPU.report(draft -> draft.measurements.put(8, Bytes.zeros(48))), DRIVER, VBIOS).accepted())
                .as("an alternative counts").isTrue();
    }

    @Test
    @DisplayName("driver and VBIOS that both claim an index")
    void conflict() {
        Bytes vbios = RIM.sign(DevelopmentRim.text("GH100", "96.00.5E.00.01", DevelopmentRim.accepting(Draft.measurements(), 0, 7)));
        Verdict verdict = GPU.withManifests(REPORT, DRIVER, vbios);
        refused(verdict, "nvidia.measurements.conflict");
        assertThat(verdict.failures().getFirst().detail()).contains("index [7]");
    }

    @Test
    @DisplayName("roots that are neither NVIDIA's nor development's cannot be configured, and development roots not in production")
    void roots() {
        Identity named = DevelopmentGpuPki.selfSigned(Request.authority(NvidiaRoot.Purpose.DEVICE.rootName()));
        assertThatThrownBy(() -> NvidiaRoot.ofPem(DevelopmentGpuPki.pem(named))).isInstanceOf(AttestationException.class).hasMessageContaining("neither");
        assertThatThrownBy(() -> new GpuPolicy(Set.of(GPU.anchor()), GpuPolicy.Manifests.REQUIRED, "0", false, false, false, false, false))
                .isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.development-root"));
    }

    @Test
    @DisplayName("a root of the caller's own is taken as a development root is, and never for NVIDIA's")
    void ownRoots() {
        Identity named = DevelopmentGpuPki.selfSigned(Request.authority(NvidiaRoot.Purpose.DEVICE.rootName()));
        NvidiaRoot own = NvidiaRoot.own(named.certificate(), NvidiaRoot.Purpose.DEVICE);
        assertThat(own.development()).isTrue();
        assertThatThrownBy(() -> new GpuPolicy(Set.of(own), GpuPolicy.Manifests.REQUIRED, "0", false, false, false, false, false))
                .isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.development-root"));
        DevelopmentGpu gpu = DevelopmentGpu.hopper(named);
        Verdict verdict = GpuVerifier.verify(GpuEvidence.of(gpu.report(), gpu.chain(), List.of(DRIVER, VBIOS)), DevelopmentGpu.CHALLENGE,
                GpuPolicy.development(Set.of(own, RIM.anchor())), NOW);
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
        assertThat(verdict.development()).isTrue();
    }

    @Test
    @DisplayName("a policy file says what it means or is refused")
    void policyFile() {
        assertThat(GpuPolicy.fromJson("{}")).isEqualTo(GpuPolicy.strict());
        assertThat(GpuPolicy.fromYaml("manifests: when-given\nminimumDriver: \"550.90.07\"\nrequireCpuBinding: true\nallowUnattestedSwitches: true\n"))
                .isEqualTo(GpuPolicy.fromJson("{\"manifests\":\"when-given\",\"minimumDriver\":\"550.90.07\",\"requireCpuBinding\":true,\"allowUnattestedSwitches\":true}"));
        for (String wrong : List.of("", "- a", "manifest: required", "manifests: sometimes", "minimumDriver: 550.90", "allowCertificateHold: \"no\"")) {
            assertThatThrownBy(() -> GpuPolicy.fromYaml(wrong)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.invalid"));
        }
        GpuPolicy read = GpuPolicy.fromJson("{\"manifests\":\"when-given\",\"minimumDriver\":\"550.90.07\",\"requireCpuBinding\":true,\"allowUnattestedSwitches\":true}");
        assertThat(read).isEqualTo(GpuPolicy.strict().withManifests(GpuPolicy.Manifests.WHEN_GIVEN).withMinimumDriver("550.90.07").withCpuBinding().withUnattestedSwitches());
        for (String wrong : List.of("{\"manifest\":\"required\"}", "{\"manifests\":\"no\"}", "{\"minimumDriver\":\"new\"}", "{\"requireCpuBinding\":\"yes\"}",
                "{\"roots\":[]}", "[]", "")) {
            assertThatThrownBy(() -> GpuPolicy.fromJson(wrong)).isInstanceOfSatisfying(AttestationException.class, e -> assertThat(e.code()).isEqualTo("policy.invalid"));
        }
    }
}
