package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.P384;
import network.nyxos.attestation.pki.SignatureEngine;
import network.nyxos.attestation.pki.TrustAnchor;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import javax.xml.crypto.MarshalException;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The XML signature of a reference manifest. One form is known: enveloped by the root element, over the whole document, canonical XML 1.1,
 * ECDSA with SHA-384. Whatever else XML signatures can say (other references, transforms, objects, keys) is refused before the JDK's
 * verifier sees it, so that what was signed is what is read, and nothing is fetched.
 */
final class ManifestSignature {
    private static final String CODE = "nvidia.rim.layout";
    private static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";
    private static final String CANONICAL_1_1 = "http://www.w3.org/2006/12/xml-c14n11";
    private static final String ENVELOPED = DSIG + "enveloped-signature";
    private static final String ECDSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
    private static final String SHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    private static final String SECURE_VALIDATION = "org.jcp.xml.dsig.secureValidation";

    private final Element signature;
    private final CertificateChain chain;

    private ManifestSignature(Element signature, CertificateChain chain) {
        this.signature = signature;
        this.chain = chain;
    }

    /**
     * Finds the signature of {@code document}.
     *
     * @throws AttestationException {@code nvidia.rim.layout} when it has none, more than one, or one of another form
     */
    static ManifestSignature of(Document document) {
        NodeList all = document.getElementsByTagNameNS(DSIG, "Signature");
        if (all.getLength() != 1 || !document.getDocumentElement().isSameNode(all.item(0).getParentNode())) {
            throw refused("the manifest must hold one signature, as a child of its root element; it holds " + all.getLength());
        }
        Element signature = (Element) all.item(0);
        List<Element> parts = children(signature, "SignedInfo", "SignatureValue", "KeyInfo");
        requireForm(parts.get(0));
        if (base64(parts.get(1)).length != GpuReport.SIGNATURE_LENGTH) {
            throw refused("the signature value is not of " + GpuReport.SIGNATURE_LENGTH + " bytes");
        }
        return new ManifestSignature(signature, chain(parts.get(2)));
    }

    private static void requireForm(Element signedInfo) {
        List<Element> info = children(signedInfo, "CanonicalizationMethod", "SignatureMethod", "Reference");
        requireAlgorithm(info.get(0), CANONICAL_1_1);
        requireAlgorithm(info.get(1), ECDSA_SHA384);
        Element reference = info.get(2);
        if (reference.getAttributes().getLength() != 1 || !reference.hasAttribute("URI") || !reference.getAttribute("URI").isEmpty()) {
            throw refused("the signature does not refer to the whole document");
        }
        List<Element> covered = children(reference, "Transforms", "DigestMethod", "DigestValue");
        List<Element> transforms = children(covered.get(0), "Transform", "Transform");
        requireAlgorithm(transforms.get(0), ENVELOPED);
        requireAlgorithm(transforms.get(1), CANONICAL_1_1);
        requireAlgorithm(covered.get(1), SHA384);
    }

    private static void requireAlgorithm(Element element, String algorithm) {
        if (!algorithm.equals(element.getAttribute("Algorithm")) || !children(element).isEmpty()) {
            throw refused(element.getLocalName() + " is \"" + element.getAttribute("Algorithm") + "\", must be plain " + algorithm);
        }
    }

    private static CertificateChain chain(Element keyInfo) {
        StringBuilder pem = new StringBuilder();
        for (Node node = children(keyInfo, "X509Data").getFirst().getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                requireName(element, "X509Certificate");
                pem.append(TrustAnchor.toPem(base64(element)));
            }
        }
        return CertificateChain.parsePem(pem.toString());
    }

    /** The child elements of {@code parent}, which must be exactly these of the signature's namespace, in this order. */
    private static List<Element> children(Element parent, String... names) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        if (children.size() != names.length) {
            throw refused(parent.getLocalName() + " holds " + children.size() + " elements, must hold " + names.length);
        }
        for (int i = 0; i < names.length; i++) {
            requireName(children.get(i), names[i]);
        }
        return children;
    }

    private static void requireName(Element element, String name) {
        if (!DSIG.equals(element.getNamespaceURI()) || !name.equals(element.getLocalName())) {
            throw refused("the signature holds <" + element.getNodeName() + "> where " + name + " must be");
        }
    }

    private static byte[] base64(Element element) {
        try {
            return Base64.getDecoder().decode(element.getTextContent().replaceAll("[\\s]", ""));
        } catch (IllegalArgumentException e) {
            throw new AttestationException(CODE, element.getLocalName() + " is not base64", e);
        }
    }

    /** The certificates that it brings along, leaf first. */
    CertificateChain chain() {
        return chain;
    }

    /** Why the leaf's key did not sign this document; empty when it did. */
    Optional<String> problem() {
        if (!P384.isP384(chain.leaf().getPublicKey())) {
            return Optional.of("the signer's key is not on P-384");
        }
        try {
            DOMValidateContext context = new DOMValidateContext(KeySelector.singletonKeySelector(chain.leaf().getPublicKey()), signature);
            context.setProperty(SECURE_VALIDATION, Boolean.TRUE);
            SignatureEngine.useFor(context);
            var parsed = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
            if (!parsed.getSignatureValue().validate(context)) {
                return Optional.of("the signature value is not the signer's");
            }
            return parsed.validate(context) ? Optional.empty() : Optional.of("the digest is not the document's: it was altered after it was signed");
        } catch (MarshalException | XMLSignatureException | RuntimeException e) {
            // The JDK's verifier tells of malformed values by several exceptions.
            return Optional.of("the signature cannot be verified: " + e.getMessage());
        }
    }


    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
