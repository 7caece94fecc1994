package network.nyxos.node.evidence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;
import network.nyxos.attestation.Evidence;
import network.nyxos.attestation.snp.AttestationReport;
import network.nyxos.attestation.snp.CertificateTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evidence of the confidential guest this process runs in, Intel TDX or AMD SEV-SNP, through Linux's configfs-tsm
 * ({@code /sys/kernel/config/tsm/report}, kernel 6.7 and later): a folder is made for a request, report data goes into {@code inblob}, the
 * quote or report comes out of {@code outblob}, what the host adds out of {@code auxblob}, and {@code generation} tells whether somebody else
 * wrote in between.
 */
public final class GuestEvidence implements EvidenceSource {
    /** Where Linux has it. */
    public static final Path STANDARD = Path.of("/sys/kernel/config/tsm/report");

    private static final Logger LOG = LoggerFactory.getLogger(GuestEvidence.class);
    private static final int REPORT_DATA = 64;
    private static final int MAX_QUOTE = 64 << 10;
    private static final int ATTEMPTS = 5;
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** What kinds of guest there are. */
    public enum Provider {
        /** Intel TDX. */
        TDX("tdx_guest", Evidence.Tdx.KIND, 1, MAX_QUOTE),
        /** AMD SEV-SNP. */
        SNP("sev_guest", Evidence.Snp.KIND, AttestationReport.LENGTH, AttestationReport.LENGTH);

        private final String driver;
        private final String kind;
        private final int least;
        private final int most;

        Provider(String driver, String kind, int least, int most) {
            this.driver = driver;
            this.kind = kind;
            this.least = least;
            this.most = most;
        }

        /** Its evidence's kind on the wire. */
        public String kind() {
            return kind;
        }

        private static Optional<Provider> of(String driver) {
            return Arrays.stream(values()).filter(provider -> provider.driver.equals(driver)).findFirst();
        }
    }

    /** Making and removing a request's folder. On configfs the kernel fills a new folder with files and empties it on removal. */
    interface Requests {
        Path make(Path base, String name) throws IOException;

        void remove(Path request) throws IOException;
    }

    private static final Requests CONFIGFS = new Requests() {
        @Override
        public Path make(Path base, String name) throws IOException {
            return Files.createDirectory(base.resolve(name));
        }

        @Override
        public void remove(Path request) throws IOException {
            Files.delete(request);
        }
    };

    private final Provider provider;
    private final Path base;
    private final Requests requests;

    /**
     * Evidence of one kind.
     *
     * @param provider what the machine must be
     * @param base     {@link #STANDARD}, or where configfs is mounted otherwise
     */
    public GuestEvidence(Provider provider, Path base) {
        this(provider, base, CONFIGFS);
    }

    GuestEvidence(Provider provider, Path base, Requests requests) {
        this.provider = provider;
        this.base = base;
        this.requests = requests;
    }

    /**
     * What this machine is, by its own word.
     *
     * @throws EvidenceException with the reason, when it offers no evidence, or of a kind that is not known here
     */
    public static Provider detect(Path base) throws EvidenceException {
        return detect(base, CONFIGFS);
    }

    static Provider detect(Path base, Requests requests) throws EvidenceException {
        return within(base, requests, request -> {
            String driver = driver(request);
            return Provider.of(driver).orElseThrow(() -> new EvidenceException("this machine's attestation provider is '" + driver + "', known are tdx_guest and sev_guest"));
        });
    }

    /** What is done with a request's folder. */
    private interface Work<T> {
        T with(Path request) throws IOException, EvidenceException;
    }

    private static <T> T within(Path base, Requests requests, Work<T> work) throws EvidenceException {
        if (!Files.isDirectory(base)) {
            throw new EvidenceException(base + " is missing: this is no confidential guest, or configfs is not mounted, or the kernel is older than 6.7");
        }
        try {
            Path request = requests.make(base, "nyxos-" + UUID.randomUUID());
            try {
                return work.with(request);
            } finally {
                requests.remove(request);
            }
        } catch (IOException e) {
            throw new EvidenceException("cannot get evidence from " + base + ": " + e.getMessage(), e);
        }
    }

    private static String driver(Path request) throws IOException {
        return Files.readString(request.resolve("provider"), StandardCharsets.US_ASCII).strip();
    }

    @Override
    public synchronized Quoted quote(Bytes reportData) throws EvidenceException {
        if (reportData.size() != REPORT_DATA) {
            throw new IllegalArgumentException("report data has 64 bytes, this has " + reportData.size());
        }
        return within(base, requests, request -> {
            String driver = driver(request);
            if (!driver.equals(provider.driver)) {
                throw new EvidenceException("this machine's attestation provider is '" + driver + "', expected " + provider.driver);
            }
            Answer answer = answer(request, reportData);
            return new Quoted(provider.kind, answer.evidence, provider == Provider.SNP ? endorsements(answer.added) : Optional.empty(), false);
        });
    }

    /**
     * What one request gave.
     *
     * @param added what the host adds; no bytes: nothing
     */
    private record Answer(Bytes evidence, Bytes added) {
    }

    private Answer answer(Path request, Bytes reportData) throws IOException, EvidenceException {
        IOException last = new IOException("no quote came");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                long before = generation(request);
                Files.write(request.resolve("inblob"), reportData.toArray(), StandardOpenOption.WRITE);
                byte[] evidence = Files.readAllBytes(request.resolve("outblob"));
                byte[] added = added(request);
                // The kernel counts every write; exactly one, ours, must lie between the two readings.
                if (generation(request) == before + 1 && evidence.length >= provider.least && evidence.length <= provider.most) {
                    return new Answer(Bytes.of(evidence), Bytes.of(added));
                }
                last = new IOException("another process wrote to the request, or the evidence has " + evidence.length + " bytes, where " + provider.least + " to " + provider.most
                        + " are right");
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException e) {
                // EBUSY, EINTR or a timeout while the quoting service works: worth asking again.
                last = e;
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EvidenceException("interrupted while evidence was made", e);
            }
        }
        throw last;
    }

    private byte[] added(Path request) throws IOException {
        Path file = request.resolve("auxblob");
        return provider == Provider.SNP && Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    }

    /** The host's certificates. Without them, or where they make no sense, a verifier that fetches its own can judge all the same. */
    private static Optional<String> endorsements(Bytes added) {
        try {
            return CertificateTable.parse(added).endorsements();
        } catch (AttestationException e) {
            LOG.warn("the certificates that the host gave beside the report are of no use: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static long generation(Path request) throws IOException {
        String text = Files.readString(request.resolve("generation"), StandardCharsets.US_ASCII).strip();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("generation is not a number", e);
        }
    }
}
