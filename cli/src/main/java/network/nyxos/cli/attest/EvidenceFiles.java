package network.nyxos.cli.attest;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.nvidia.GpuEvidence;
import network.nyxos.attestation.nvidia.OcspAnswer;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.RevocationList;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.cli.attach.InputFiles;
import network.nyxos.cli.up.StackException;

/** Reads evidence and what belongs to it, in whatever form a stranger keeps it: binary, hexadecimal or base64; DER or PEM. */
final class EvidenceFiles {
    private static final String CRL_BEGIN = "-----BEGIN X509 CRL-----";
    private static final String CRL_END = "-----END X509 CRL-----";
    private static final String PEM_BEGIN = "-----BEGIN CERTIFICATE-----";

    private EvidenceFiles() {
    }

    /** Binary evidence; a file that is all hexadecimal or all base64 text is decoded first. */
    static Bytes evidence(Path file) {
        return evidence(InputFiles.bytes(file));
    }

    static Bytes evidence(byte[] content) {
        for (byte b : content) {
            if ((b < ' ' || b > '~') && b != '\n' && b != '\r' && b != '\t') {
                return Bytes.of(content);
            }
        }
        String text = new String(content, StandardCharsets.US_ASCII).replaceAll("\\s", "");
        String hex = text.startsWith("0x") ? text.substring(2) : text;
        if (hex.matches("([0-9a-fA-F]{2})+")) {
            return Bytes.fromHex(hex);
        }
        try {
            return Bytes.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Bytes.of(content);
        }
    }

    /** The content as text. */
    static String text(Path file) {
        return new String(InputFiles.bytes(file), StandardCharsets.UTF_8);
    }

    /** One certificate, DER or PEM. */
    static X509Certificate certificate(Path file) {
        List<X509Certificate> found = new ArrayList<>();
        Optional<Bytes> list = sort(file, found);
        if (found.size() != 1 || list.isPresent()) {
            throw new StackException("certificate_malformed", file + " is not one certificate");
        }
        return found.getFirst();
    }

    /** The endorsements of an SEV-SNP report: three certificates in any order and form, or their JSON; perhaps a revocation list. */
    static Endorsements endorsements(List<Path> files) {
        if (files.size() == 1 && text(files.getFirst()).stripLeading().startsWith("{")) {
            return Endorsements.fromJson(text(files.getFirst()));
        }
        List<X509Certificate> certificates = new ArrayList<>();
        Bytes revocationList = Bytes.EMPTY;
        for (Path file : files) {
            Optional<Bytes> list = sort(file, certificates);
            if (list.isPresent() && !revocationList.isEmpty()) {
                throw new StackException("collateral_doubled", file + " is a second revocation list");
            }
            revocationList = list.orElse(revocationList);
        }
        return Endorsements.ofUnordered(certificates, revocationList);
    }

    /** A GPU's report with its chain (PEM), reference manifests (XML), revocation lists and OCSP answers, in any order. */
    static GpuEvidence gpu(Bytes report, List<Path> files) {
        Optional<String> chain = Optional.empty();
        List<Bytes> manifests = new ArrayList<>();
        List<Bytes> lists = new ArrayList<>();
        for (Path file : files) {
            String text = text(file).stripLeading();
            if (text.startsWith(PEM_BEGIN)) {
                if (chain.isPresent()) {
                    throw new StackException("collateral_doubled", file + " is a second certificate chain");
                }
                chain = Optional.of(text(file));
            } else if (text.startsWith("<") || text.startsWith("\uFEFF<")) {
                manifests.add(Bytes.of(InputFiles.bytes(file)));
            } else if (OcspAnswer.parse(Bytes.of(InputFiles.bytes(file))).isPresent()) {
                lists.add(Bytes.of(InputFiles.bytes(file)));
            } else {
                lists.add(sort(file, new ArrayList<>()).orElseThrow(() ->
                        new StackException("collateral_malformed", file + " is no certificate chain in PEM, no reference manifest in XML, no revocation list and no OCSP answer")));
            }
        }
        return new GpuEvidence(report, chain.orElseThrow(() -> new StackException("collateral_missing", "a GPU report needs --collateral with its certificate chain in PEM")),
                manifests, lists);
    }

    /** Adds a file's certificates to {@code certificates}; a revocation list is the answer instead. */
    private static Optional<Bytes> sort(Path file, List<X509Certificate> certificates) {
        byte[] content = InputFiles.bytes(file);
        String text = new String(content, StandardCharsets.ISO_8859_1).strip();
        try {
            if (text.startsWith(PEM_BEGIN)) {
                CertificateChain chain = CertificateChain.parsePem(text);
                for (int i = 0; i < chain.size(); i++) {
                    certificates.add(chain.get(i));
                }
                return Optional.empty();
            }
            if (text.startsWith(CRL_BEGIN) && text.endsWith(CRL_END)) {
                Bytes der = Bytes.of(Base64.getMimeDecoder().decode(text.substring(CRL_BEGIN.length(), text.length() - CRL_END.length())));
                RevocationList.parse(der);
                return Optional.of(der);
            }
            return der(content, certificates);
        } catch (AttestationException | IllegalArgumentException e) {
            throw new StackException("collateral_malformed", file + " is neither certificates nor a revocation list: " + e.getMessage());
        }
    }

    private static Optional<Bytes> der(byte[] content, List<X509Certificate> certificates) {
        try {
            certificates.add(CertificateChain.parseDer(content));
            return Optional.empty();
        } catch (AttestationException notACertificate) {
            // Both are a DER SEQUENCE: only reading tells them apart.
            RevocationList.parse(Bytes.of(content));
            return Optional.of(Bytes.of(content));
        }
    }
}
