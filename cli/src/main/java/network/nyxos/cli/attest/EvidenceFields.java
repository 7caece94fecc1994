package network.nyxos.cli.attest;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Measurement;
import network.nyxos.attestation.nras.DetachedToken;
import network.nyxos.attestation.nras.JsonWebToken;
import network.nyxos.attestation.nvidia.GpuReport;
import network.nyxos.attestation.pki.CertificateChain;
import network.nyxos.attestation.pki.PckExtension;
import network.nyxos.attestation.sev.Flag;
import network.nyxos.attestation.sev.GuestFlag;
import network.nyxos.attestation.sev.PlatformFlag;
import network.nyxos.attestation.sev.TcbVersion;
import network.nyxos.attestation.sgx.EnclaveReport;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.tdx.Quote;
import network.nyxos.attestation.tdx.QuoteBody;
import network.nyxos.attestation.tdx.TdReport;
import network.nyxos.cli.up.StackException;

/** Every field of an evidence, in the order of its layout, by the maker's names. */
final class EvidenceFields {
    private final Map<String, String> fields = new LinkedHashMap<>();

    private EvidenceFields() {
    }

    /** The fields of {@code evidence}; its kind is told from it where none is given. */
    static Map<String, String> of(Optional<EvidenceKind> kind, Bytes evidence) {
        EvidenceFields shown = new EvidenceFields();
        switch (kind.orElseGet(() -> told(evidence))) {
            case TDX -> shown.quote(Quote.parse(evidence));
            case SNP -> shown.report(AttestationReport.parse(evidence));
            case NVIDIA -> shown.gpu(GpuReport.parse(evidence));
            case NRAS -> shown.tokens(DetachedToken.parse(new String(evidence.toArray(), StandardCharsets.UTF_8)));
        }
        return shown.fields;
    }

    private static EvidenceKind told(Bytes evidence) {
        if (evidence.size() == AttestationReport.LENGTH && evidence.u32(0) <= 5) {
            return EvidenceKind.SNP;
        }
        if (evidence.size() > 37 && evidence.u16(0) == 0xe011) {
            return EvidenceKind.NVIDIA;
        }
        if (evidence.size() >= 48 && evidence.u16(0) >= 3 && evidence.u16(0) <= 5) {
            return EvidenceKind.TDX;
        }
        if (evidence.size() > 0 && evidence.u8(0) == '[') {
            return EvidenceKind.NRAS;
        }
        throw new StackException("kind_unknown", "this is no evidence that is known here; name its --kind to see why");
    }

    private void put(String name, Object value) {
        fields.put(name, String.valueOf(value));
    }

    private void quote(Quote quote) {
        put("kind", quote.body() instanceof QuoteBody.TrustDomain ? "Intel TDX quote" : "Intel SGX quote");
        put("version", quote.version());
        put("length", quote.length());
        put("trailing", quote.trailing().size() + (quote.trailing().isZero() ? " zeros" : " bytes, not all zero"));
        put("evidence_sha256", quote.evidenceHash());
        switch (quote.body()) {
            case QuoteBody.TrustDomain(TdReport report) -> trustDomain(report);
            case QuoteBody.Enclave(EnclaveReport report) -> enclave("enclave.", report);
        }
        put("signature", quote.signature().signature());
        put("attestation_key", quote.signature().attestationKey());
        enclave("qe.", quote.signature().qeReport());
        put("qe.signature", quote.signature().qeReportSignature());
        put("qe.auth_data", quote.signature().authData());
        certification(quote.signature().certification());
    }

    private void trustDomain(TdReport report) {
        put("tee_tcb_svn", report.teeTcbSvn());
        put("mrseam", report.mrSeam());
        put("mrsignerseam", report.mrSignerSeam());
        put("seamattributes", report.seamAttributes());
        put("tdattributes", hex(report.tdAttributes()));
        put("xfam", hex(report.xfam()));
        registers(report.measurement());
        put("reportdata", report.reportData());
        report.update().ifPresent(update -> {
            put("tee_tcb_svn2", update.teeTcbSvn());
            put("mrservicetd", update.mrServiceTd());
        });
    }

    private void enclave(String prefix, EnclaveReport report) {
        put(prefix + "miscselect", report.miscSelect());
        put(prefix + "attributes", report.attributes());
        put(prefix + "mrenclave", report.mrEnclave());
        put(prefix + "mrsigner", report.mrSigner());
        put(prefix + "isvprodid", report.isvProdId());
        put(prefix + "isvsvn", report.isvSvn());
        put(prefix + "reportdata", report.reportData());
    }

    // A quote whose certificates cannot be read has other fields that can.
    private void certification(Bytes pem) {
        try {
            CertificateChain chain = CertificateChain.parsePem(new String(pem.toArray(), StandardCharsets.ISO_8859_1));
            for (int i = 0; i < chain.size(); i++) {
                certificate("certificate." + (i + 1), chain.get(i));
            }
            PckExtension pck = PckExtension.of(chain.leaf());
            put("pck.fmspc", pck.fmspc());
            put("pck.pceid", pck.pceId());
            put("pck.cpusvn", pck.cpuSvn());
            put("pck.pcesvn", pck.pceSvn());
        } catch (AttestationException e) {
            put("certification", "unreadable: " + e.getMessage());
        }
    }

    private void certificate(String name, X509Certificate certificate) {
        put(name, CertificateChain.commonName(certificate) + ", serial " + certificate.getSerialNumber().toString(16) + ", valid from "
                + certificate.getNotBefore().toInstant() + " to " + certificate.getNotAfter().toInstant());
    }

    private void registers(Measurement measurement) {
        measurement.registers().forEach((register, value) -> put(register.label(), value));
    }

    private void report(AttestationReport report) {
        put("kind", "AMD SEV-SNP report");
        put("version", report.version());
        put("guest_svn", report.guestSvn());
        put("policy", hex(report.policy()) + flags(report.policy(), GuestFlag.values()));
        put("family_id", report.familyId());
        put("image_id", report.imageId());
        put("vmpl", report.vmpl());
        put("signature_algo", report.signatureAlgorithm());
        tcb(report, "current_tcb", report.currentTcb());
        put("platform_info", hex(report.platformInfo()) + flags(report.platformInfo(), PlatformFlag.values()));
        put("key_info", hex(report.keyInfo()) + " (signed by " + report.keyKind().map(Enum::name).orElse("none or unknown") + (report.authorKeyEnabled() ? ", author key" : "") + ")");
        put("report_data", report.reportData());
        put("measurement", report.measurement().get(Measurement.Register.LAUNCH));
        put("host_data", report.hostData());
        put("id_key_digest", report.idKeyDigest());
        put("author_key_digest", report.authorKeyDigest());
        put("report_id", report.reportId());
        put("report_id_ma", report.migrationAgentReportId());
        tcb(report, "reported_tcb", report.reportedTcb());
        report.processor().ifPresent(processor -> put("processor", processor + processor.product().map(product -> " (" + product.label() + ")").orElse(" (unknown)")));
        put("chip_id", report.chipId());
        tcb(report, "committed_tcb", report.committedTcb());
        put("current_firmware", report.currentFirmware());
        put("committed_firmware", report.committedFirmware());
        tcb(report, "launch_tcb", report.launchTcb());
        report.launchMitigations().ifPresent(bits -> put("launch_mit_vector", hex(bits)));
        report.currentMitigations().ifPresent(bits -> put("current_mit_vector", hex(bits)));
        put("signature", report.signature());
        put("reserved", report.reservedProblem().orElse("all zero"));
        put("evidence_sha256", report.raw().sha256());
    }

    // Only the processor tells the layout; version 2 does not name it, and then the bytes are all there is to say.
    private void tcb(AttestationReport report, String name, Bytes raw) {
        put(name, raw + report.processor().flatMap(AttestationReport.Processor::product).flatMap(product -> TcbVersion.of(raw, product))
                .map(version -> " (" + version + ")").orElse(""));
    }

    private void gpu(GpuReport report) {
        put("kind", "NVIDIA GPU report");
        put("nonce", report.nonce());
        put("slot", report.slot());
        report.measurements().forEach((index, value) -> put("measurement." + index, value));
        report.opaque().driverVersion().ifPresent(version -> put("driver_version", version));
        report.opaque().vbiosVersion().ifPresent(version -> put("vbios_version", version));
        report.opaque().project().ifPresent(project -> put("project", project));
        report.opaque().fields().forEach((field, value) -> put("opaque." + field.name().toLowerCase(Locale.ROOT), value));
        put("signature", report.signature());
        put("evidence_sha256", report.evidenceHash());
    }

    private void tokens(DetachedToken tokens) {
        put("kind", "NRAS detached token");
        token("overall", tokens.overall());
        tokens.gpus().forEach(this::token);
    }

    private void token(String name, String text) {
        JsonWebToken token = JsonWebToken.parse(text);
        put(name + ".kid", token.keyId());
        token.claims().properties().forEach(claim -> put(name + "." + claim.getKey(), claim.getValue().isTextual() ? claim.getValue().textValue() : claim.getValue()));
        put(name + ".signature", token.signature());
    }

    private static String hex(long bits) {
        return "0x" + Long.toHexString(bits);
    }

    private static String flags(long field, Flag[] flags) {
        String set = Arrays.stream(flags).filter(flag -> flag.in(field)).map(Flag::label).collect(Collectors.joining(", "));
        return set.isEmpty() ? "" : " (" + set + ")";
    }
}
