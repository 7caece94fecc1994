package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.pki.CertificateChain;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A reference integrity manifest (RIM): NVIDIA's signed statement of what a driver or a VBIOS measures. TCG SWID XML; document types and
 * entities are refused. Index {@code i} of a manifest stands for block {@code i + 1} of a report.
 */
public final class ReferenceManifest {
    /** Longest manifest that is read, in bytes. */
    public static final int MAX_LENGTH = 1 << 20;

    private static final String CODE = "nvidia.rim.layout";
    private static final String SWID = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";
    private static final String SHA384 = "http://www.w3.org/2001/04/xmlenc#sha384";
    private static final int MAX_INDEX = 254;
    private static final int MAX_ALTERNATIVES = 64;

    private final String product;
    private final String version;
    private final SortedMap<Integer, List<Bytes>> active;
    private final CertificateChain chain;
    private final Optional<String> signatureProblem;
    private final Bytes hash;

    /** What a manifest speaks of. */
    public enum Subject {
        /** The driver that the host loaded onto the GPU. */
        DRIVER,
        /** The VBIOS of the board. */
        VBIOS
    }

    private ReferenceManifest(Bytes raw, Document document) {
        Element root = document.getDocumentElement();
        requireName(root, "SoftwareIdentity");
        ManifestSignature signature = ManifestSignature.of(document);
        Element meta = child(root, "Meta");
        this.product = attribute(meta, "product");
        this.version = attribute(meta, "colloquialVersion");
        this.active = active(child(root, "Payload"));
        this.chain = signature.chain();
        this.signatureProblem = signature.problem();
        this.hash = raw.sha256();
    }

    /**
     * Reads a manifest and verifies its signature under the key that it brings along; whose key that is says {@link #chain()}.
     *
     * @throws AttestationException {@code nvidia.rim.layout} when it is no such manifest, {@code pki.certificate} for its certificates
     */
    public static ReferenceManifest parse(Bytes xml) {
        if (xml.size() > MAX_LENGTH) {
            throw refused("the manifest has " + xml.size() + " bytes, at most " + MAX_LENGTH + " are read");
        }
        try {
            return new ReferenceManifest(xml, parser().parse(new ByteArrayInputStream(xml.toArray())));
        } catch (SAXException | IOException e) {
            throw new AttestationException(CODE, "not plain XML: " + e.getMessage(), e);
        }
    }

    private static DocumentBuilder parser() {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
            factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
            factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(Silent.INSTANCE);
            return builder;
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK's XML parser knows its security settings", e);
        }
    }

    /** Refuses what the parser complains of, instead of printing it. */
    private enum Silent implements ErrorHandler {
        INSTANCE;

        @Override
        public void warning(SAXParseException exception) throws SAXException {
            throw exception;
        }

        @Override
        public void error(SAXParseException exception) throws SAXException {
            throw exception;
        }

        @Override
        public void fatalError(SAXParseException exception) throws SAXException {
            throw exception;
        }
    }

    /** The chip, such as {@code GH100}. */
    public String product() {
        return product;
    }

    /** The version of the driver or the VBIOS, as the manifest writes it. */
    public String version() {
        return version;
    }

    /** What it speaks of, by the form of its version: a VBIOS has five pairs of hexadecimal digits. */
    public Subject subject() {
        return version.matches("[0-9A-Fa-f]{2}(\\.[0-9A-Fa-f]{2}){4}") ? Subject.VBIOS : Subject.DRIVER;
    }

    /** The accepted measurements of each active index, ascending. */
    public SortedMap<Integer, List<Bytes>> active() {
        return active;
    }

    /** The signer's certificates, leaf first, as the manifest brought them. */
    public CertificateChain chain() {
        return chain;
    }

    /** Why the leaf of {@link #chain()} did not sign this; empty when it did. */
    public Optional<String> signatureProblem() {
        return signatureProblem;
    }

    /** SHA-256 of the manifest, 32 bytes. */
    public Bytes hash() {
        return hash;
    }

    private static SortedMap<Integer, List<Bytes>> active(Element payload) {
        SortedMap<Integer, List<Bytes>> active = new TreeMap<>();
        TreeMap<Integer, Boolean> seen = new TreeMap<>();
        for (Node node = payload.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element resource) {
                requireName(resource, "Resource");
                int index = number(resource, "index", MAX_INDEX);
                boolean counts = flag(resource, "active");
                if (seen.put(index, counts) != null) {
                    throw refused("index " + index + " is there twice");
                }
                List<Bytes> alternatives = alternatives(resource, index);
                if (counts) {
                    active.put(index, alternatives);
                }
            }
        }
        if (active.isEmpty()) {
            throw refused("no measurement is active: such a manifest would accept any");
        }
        return Collections.unmodifiableSortedMap(active);
    }

    private static List<Bytes> alternatives(Element resource, int index) {
        if (!attribute(resource, "type").equals("Measurement") || number(resource, "size", GpuReport.MEASUREMENT_LENGTH) != GpuReport.MEASUREMENT_LENGTH) {
            throw refused("index " + index + " is not a measurement of " + GpuReport.MEASUREMENT_LENGTH + " bytes");
        }
        int count = number(resource, "alternatives", MAX_ALTERNATIVES);
        List<Bytes> alternatives = new ArrayList<>();
        for (int i = 0; i < resource.getAttributes().getLength(); i++) {
            Attr attribute = (Attr) resource.getAttributes().item(i);
            if (SHA384.equals(attribute.getNamespaceURI())) {
                alternatives.add(digest(attribute, index));
            }
        }
        if (count == 0 || alternatives.size() != count) {
            throw refused("index " + index + " states " + count + " alternatives and has " + alternatives.size());
        }
        return List.copyOf(alternatives);
    }

    private static Bytes digest(Attr attribute, int index) {
        Bytes digest;
        try {
            digest = Bytes.fromHex(attribute.getValue());
        } catch (AttestationException e) {
            throw new AttestationException(CODE, "index " + index + ": " + e.getMessage(), e);
        }
        if (digest.size() != GpuReport.MEASUREMENT_LENGTH || !attribute.getLocalName().matches("Hash\\d{1,2}")) {
            throw refused("index " + index + ": " + attribute.getLocalName() + " is not a SHA-384");
        }
        return digest;
    }

    private static Element child(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && name.equals(element.getLocalName())) {
                found.add(element);
            }
        }
        if (found.size() != 1) {
            throw refused("the manifest has " + found.size() + " elements " + name + ", must have one");
        }
        requireName(found.getFirst(), name);
        return found.getFirst();
    }

    private static void requireName(Element element, String name) {
        if (!SWID.equals(element.getNamespaceURI()) || !name.equals(element.getLocalName())) {
            throw refused("the manifest holds <" + element.getNodeName() + "> where " + name + " must be");
        }
    }

    private static String attribute(Element element, String name) {
        String value = element.getAttribute(name);
        if (value.isEmpty()) {
            throw refused(element.getLocalName() + " lacks its attribute " + name);
        }
        return value;
    }

    private static int number(Element element, String name, int maximum) {
        String value = attribute(element, name);
        if (!value.matches("\\d{1,4}") || Integer.parseInt(value) > maximum) {
            throw refused(element.getLocalName() + " has " + name + " \"" + value + "\", must be a number up to " + maximum);
        }
        return Integer.parseInt(value);
    }

    private static boolean flag(Element element, String name) {
        return switch (attribute(element, name)) {
            case "True" -> true;
            case "False" -> false;
            default -> throw refused(element.getLocalName() + " has " + name + " \"" + element.getAttribute(name) + "\", must be True or False");
        };
    }

    private static AttestationException refused(String why) {
        return new AttestationException(CODE, why);
    }
}
