package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Identity;
import network.nyxos.attestation.nvidia.DevelopmentGpuPki.Request;
import network.nyxos.attestation.pki.TrustAnchor;
import org.w3c.dom.Document;

import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes signed reference manifests of the shape of NVIDIA's under a development root. */
final class DevelopmentRim {
    static final String C14N11 = "http://www.w3.org/2006/12/xml-c14n11";
    static final String ECDSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";

    final Identity root;
    final Identity family;
    final Identity level3;
    final Identity signer;

    DevelopmentRim() {
        this("GH100", DevelopmentGpuPki.selfSigned(Request.authority(NvidiaRoot.Purpose.REFERENCE_MANIFEST.developmentName())));
    }

    private DevelopmentRim(String chip, Identity root) {
        this.root = root;
        this.family = DevelopmentGpuPki.issue(Request.authority(name("NVIDIA Reference Value " + chip + " CA")), root);
        this.level3 = DevelopmentGpuPki.issue(Request.authority(name("NVIDIA Reference Value L3 " + chip + " 001")), family);
        this.signer = DevelopmentGpuPki.issue(signerRequest(), level3);
    }

    /** Signers of another chip's manifests under the same root. */
    DevelopmentRim of(String chip) {
        return new DevelopmentRim(chip, root);
    }

    static String name(String plain) {
        return TrustAnchor.DEVELOPMENT_PREFIX + plain;
    }

    static Request signerRequest() {
        return Request.leaf(name("HCC RIM L4 Signer"));
    }

    NvidiaRoot anchor() {
        return NvidiaRoot.ofPem(DevelopmentGpuPki.pem(root));
    }

    /** The text of a manifest before it is signed. */
    static String text(String product, String version, SortedMap<Integer, List<Bytes>> active) {
        StringBuilder xml = new StringBuilder("<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" "
                + "xmlns:ns0=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\" name=\""
                + product + "\">\n<ns0:Meta colloquialVersion=\"" + version + "\" product=\"" + product + "\"/>\n<ns0:Payload>");
        for (int index = 0; index < 64; index++) {
            List<Bytes> accepted = active.getOrDefault(index, List.of(Bytes.zeros(48)));
            xml.append("<ns0:Resource type=\"Measurement\" index=\"").append(index).append("\" active=\"").append(active.containsKey(index) ? "True" : "False")
                    .append("\" alternatives=\"").append(accepted.size()).append('"');
            for (int i = 0; i < accepted.size(); i++) {
                xml.append(" ns2:Hash").append(i).append("=\"").append(accepted.get(i)).append('"');
            }
            xml.append(" name=\"Measurement_").append(index).append("\" size=\"48\"/>\n");
        }
        return xml.append("</ns0:Payload></SoftwareIdentity>").toString();
    }

    static SortedMap<Integer, List<Bytes>> accepting(SortedMap<Integer, Bytes> blocks, int... indexes) {
        SortedMap<Integer, List<Bytes>> active = new TreeMap<>();
        for (int index : indexes) {
            active.put(index, List.of(Bytes.zeros(48), blocks.get(index + 1)));
        }
        return active;
    }

    Bytes sign(String xml) {
        return sign(xml, ECDSA_SHA384, C14N11, signer, level3, family, root);
    }

    /** A signature in the one known form but for what is asked for otherwise; the first identity signs. */
    static Bytes sign(String xml, String algorithm, String canonical, Identity... chain) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            Document document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
            XMLSignatureFactory signatures = XMLSignatureFactory.getInstance("DOM");
            var reference = signatures.newReference("", signatures.newDigestMethod("http://www.w3.org/2001/04/xmldsig-more#sha384", null),
                    List.of(signatures.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
                            signatures.newTransform(canonical, (TransformParameterSpec) null)), null, null);
            var info = signatures.newSignedInfo(signatures.newCanonicalizationMethod(canonical, (C14NMethodParameterSpec) null),
                    signatures.newSignatureMethod(algorithm, null), List.of(reference));
            var keys = signatures.getKeyInfoFactory();
            List<X509Certificate> certificates = Arrays.stream(chain).map(Identity::certificate).toList();
            DOMSignContext context = new DOMSignContext(chain[0].key(), document.getDocumentElement());
            context.setDefaultNamespacePrefix("ds");
            signatures.newXMLSignature(info, keys.newKeyInfo(List.of(keys.newX509Data(certificates)))).sign(context);
            var transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(text));
            return Bytes.of(text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static String canonicalInclusive() {
        return CanonicalizationMethod.INCLUSIVE;
    }
}
