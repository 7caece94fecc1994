package network.nyxos.node.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.development.DevelopmentSnp;
import network.nyxos.attestation.policy.Policy;
import network.nyxos.attestation.sev.Product;
import network.nyxos.attestation.snp.CertificateTable;
import network.nyxos.attestation.snp.CertificateTable.Kind;
import network.nyxos.attestation.snp.Endorsements;
import network.nyxos.attestation.verdict.Verdict;
import network.nyxos.node.evidence.GuestEvidence.Provider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder laid out as the kernel lays out configfs-tsm. {@code outblob} is a named pipe, so that a reading waits for the
 * "kernel", as it does in configfs: that thread answers what {@code inblob} asks for and counts the write.
 */
@Timeout(30)
class GuestEvidenceTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Bytes REPORT_DATA = Bytes.of(new byte[] {7}).concat(Bytes.zeros(63));

    @TempDir
    private Path base;

    private final class Kernel implements GuestEvidence.Requests {
        private final String provider;
        private final UnaryOperator<byte[]> evidence;
        private final Bytes added;

        Kernel(String provider, UnaryOperator<byte[]> evidence, Bytes added) {
            this.provider = provider;
            this.evidence = evidence;
            this.added = added;
        }

        Kernel(String provider) {
            this(provider, reportData -> Bytes.of("quote over ".getBytes(StandardCharsets.US_ASCII)).concat(Bytes.of(reportData)).toArray(), Bytes.EMPTY);
        }

        @Override
        public Path make(Path folder, String name) throws IOException {
            Path request = Files.createDirectory(folder.resolve(name));
            Files.writeString(request.resolve("provider"), provider + "\n");
            Files.writeString(request.resolve("generation"), "0\n");
            Files.createFile(request.resolve("inblob"));
            Files.write(request.resolve("auxblob"), added.toArray());
            mkfifo(request.resolve("outblob"));
            return request;
        }

        private void answer(Path request) {
            Path question = request.resolve("inblob");
            try {
                for (int generation = 1; ; generation++) {
                    while (Files.size(question) == 0) {
                        Thread.onSpinWait();
                    }
                    try (var out = Files.newOutputStream(request.resolve("outblob"))) {
                        Files.writeString(request.resolve("generation"), generation + "\n");
                        out.write(evidence.apply(Files.readAllBytes(question)));
                        // Before the reader sees the end: whatever stands there next is the next question.
                        Files.write(question, new byte[0]);
                    }
                }
            } catch (IOException e) {
                // The request was removed.
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void remove(Path request) throws IOException {
            try (Stream<Path> files = Files.walk(request)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }

        /** This with a kernel behind each request that is made. */
        GuestEvidence.Requests working() {
            return new GuestEvidence.Requests() {
                @Override
                public Path make(Path folder, String name) throws IOException {
                    Path request = Kernel.this.make(folder, name);
                    Thread.ofPlatform().daemon().start(() -> answer(request));
                    return request;
                }

                @Override
                public void remove(Path request) throws IOException {
                    Kernel.this.remove(request);
                }
            };
        }
    }

    private static void mkfifo(Path path) throws IOException {
        try {
            assumeTrue(new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0, "mkfifo is not there");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private GuestEvidence snp(DevelopmentSnp chip, Bytes added) {
        return new GuestEvidence(Provider.SNP, base,
                new Kernel("sev_guest", reportData -> chip.report(Bytes.of(reportData), DevelopmentSnp.measurementOf("node")), added).working());
    }

    private static Bytes table(Endorsements endorsements, Kind key, Kind... others) throws CertificateEncodingException {
        Map<Kind, X509Certificate> all = Map.of(key, endorsements.key(), Kind.ASK, endorsements.authority(), Kind.ARK, endorsements.root());
        Map<Kind, Bytes> given = new EnumMap<>(Map.of(key, Bytes.of(endorsements.key().getEncoded())));
        for (Kind other : others) {
            given.put(other, Bytes.of(all.get(other).getEncoded()));
        }
        return CertificateTable.encode(given);
    }

    @Test
    void readsAQuoteAndCleansUp() throws Exception {
        EvidenceSource.Quoted quoted = new GuestEvidence(Provider.TDX, base, new Kernel("tdx_guest").working()).quote(REPORT_DATA);
        assertThat(quoted.kind()).isEqualTo("tdx");
        assertThat(quoted.quote()).isEqualTo(Bytes.of("quote over ".getBytes(StandardCharsets.US_ASCII)).concat(REPORT_DATA));
        assertThat(quoted.collateral()).isEmpty();
        assertThat(quoted.development()).isFalse();
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void readsAReportWithTheCertificatesThatTheHostAdds() throws Exception {
        DevelopmentSnp chip = DevelopmentSnp.create(Product.GENOA, NOW);
        EvidenceSource.Quoted quoted = snp(chip, table(chip.endorsements(NOW), Kind.VCEK, Kind.ASK, Kind.ARK)).quote(REPORT_DATA);
        assertThat(quoted.kind()).isEqualTo("snp");
        assertThat(base).isEmptyDirectory();
        Verdict verdict = Evidence.of("snp", quoted.quote(), quoted.collateral().orElseThrow()).verify(Policy.development(chip.trustAnchor()).withReportData(REPORT_DATA), NOW);
        assertThat(verdict.accepted()).as(verdict.summary()).isTrue();
        assertThat(Evidence.hash("snp", quoted.quote())).isEqualTo(verdict.evidenceHash());
    }

    @Test
    void bringsACloudsKeyAloneWhereTheHostGivesNoMore() throws Exception {
        DevelopmentSnp cloud = DevelopmentSnp.createCloud(Product.MILAN, NOW);
        EvidenceSource.Quoted quoted = snp(cloud, table(cloud.endorsements(NOW), Kind.VLEK)).quote(REPORT_DATA);
        assertThat(Endorsements.keyOf(quoted.collateral().orElseThrow())).isEqualTo(cloud.endorsements(NOW).key());
    }

    @Test
    void aReportGoesOutWithoutCertificatesThatAreNotThereOrMakeNoSense() throws Exception {
        DevelopmentSnp chip = DevelopmentSnp.create(Product.MILAN, NOW);
        assertThat(snp(chip, Bytes.EMPTY).quote(REPORT_DATA).collateral()).isEmpty();
        assertThat(snp(chip, Bytes.zeros(24)).quote(REPORT_DATA).collateral()).isEmpty();
        assertThat(snp(chip, Bytes.of(new byte[] {1, 2, 3})).quote(REPORT_DATA).collateral()).isEmpty();
    }

    @Test
    void aReportOfARealChipTakesItsWayUnchanged() throws Exception {
        Path folder = Recorded.folder().resolve("snp");
        Bytes report = Bytes.of(Files.readAllBytes(folder.resolve("snp3-genoa-azure-trustee.report.bin")));
        Map<Kind, Bytes> given = new EnumMap<>(Map.of(Kind.VCEK, Bytes.of(Files.readAllBytes(folder.resolve("snp3-genoa-azure-trustee.vcek.der"))),
                Kind.ASK, Bytes.of(Files.readAllBytes(folder.resolve("genoa-vcek-ask.der"))), Kind.ARK, Bytes.of(Files.readAllBytes(folder.resolve("genoa-vcek-ark.der")))));
        EvidenceSource.Quoted quoted = new GuestEvidence(Provider.SNP, base, new Kernel("sev_guest", _ -> report.toArray(), CertificateTable.encode(given)).working()).quote(REPORT_DATA);
        assertThat(quoted.quote()).isEqualTo(report);
        Verdict verdict = Evidence.of("snp", quoted.quote(), quoted.collateral().orElseThrow()).verify(Policy.strict(), Instant.ofEpochSecond(1740277308));
        assertThat(verdict.accepted()).as("%s", verdict).isTrue();
    }

    @Test
    void aReportOfAnotherLengthIsNone() {
        assertThatThrownBy(() -> new GuestEvidence(Provider.SNP, base, new Kernel("sev_guest", _ -> new byte[1183], Bytes.EMPTY).working()).quote(REPORT_DATA)).isInstanceOf(EvidenceSource.EvidenceException.class).hasMessageContaining("1183");
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void refusesAnotherProvider() {
        assertThatThrownBy(() -> new GuestEvidence(Provider.TDX, base, new Kernel("sev_guest")).quote(REPORT_DATA))
                .isInstanceOf(EvidenceSource.EvidenceException.class).hasMessageContaining("sev_guest");
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void tellsWhatTheMachineOffers() throws Exception {
        assertThat(GuestEvidence.detect(base, new Kernel("tdx_guest"))).isEqualTo(Provider.TDX);
        assertThat(GuestEvidence.detect(base, new Kernel("sev_guest"))).isEqualTo(Provider.SNP);
        assertThatThrownBy(() -> GuestEvidence.detect(base, new Kernel("cca_guest"))).isInstanceOf(EvidenceSource.EvidenceException.class).hasMessageContaining("cca_guest");
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void saysWhenThisIsNoConfidentialGuest() {
        assertThatThrownBy(() -> new GuestEvidence(Provider.TDX, base.resolve("absent")).quote(REPORT_DATA)).hasMessageContaining("no confidential guest");
    }
}
