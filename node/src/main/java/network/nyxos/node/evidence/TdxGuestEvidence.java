package network.nyxos.node.evidence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import network.nyxos.attestation.Bytes;

/**
 * Quotes of the TDX guest this process runs in, through Linux's configfs-tsm ({@code /sys/kernel/config/tsm/report}, kernel
 * 6.7 and later): a folder is made for a request, report data goes into {@code inblob}, the quote comes out of
 * {@code outblob}, and {@code generation} tells whether somebody else wrote in between.
 */
public final class TdxGuestEvidence implements EvidenceSource {
    /** Where Linux has it. */
    public static final Path STANDARD = Path.of("/sys/kernel/config/tsm/report");
    private static final String PROVIDER = "tdx_guest";
    private static final int REPORT_DATA = 64;
    private static final int MAX_QUOTE = 64 << 10;
    private static final int ATTEMPTS = 5;
    private static final Duration PAUSE = Duration.ofMillis(100);

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

    private final Path base;
    private final Requests requests;

    /** @param base {@link #STANDARD}, or where configfs is mounted otherwise */
    public TdxGuestEvidence(Path base) {
        this(base, CONFIGFS);
    }

    TdxGuestEvidence(Path base, Requests requests) {
        this.base = base;
        this.requests = requests;
    }

    /** Whether this machine offers the interface at all. */
    public static boolean available() {
        return Files.isDirectory(STANDARD);
    }

    @Override
    public synchronized Quoted quote(Bytes reportData) throws EvidenceException {
        if (reportData.size() != REPORT_DATA) {
            throw new IllegalArgumentException("report data has 64 bytes, this has " + reportData.size());
        }
        if (!Files.isDirectory(base)) {
            throw new EvidenceException(base + " is missing: this is no TDX guest, or configfs is not mounted, or the kernel is older than 6.7");
        }
        try {
            Path request = requests.make(base, "nyxos-" + UUID.randomUUID());
            try {
                String provider = Files.readString(request.resolve("provider"), StandardCharsets.US_ASCII).strip();
                if (!provider.equals(PROVIDER)) {
                    throw new EvidenceException("this machine's attestation provider is '" + provider + "', expected " + PROVIDER);
                }
                return new Quoted("tdx", quote(request, reportData), Optional.empty(), false);
            } finally {
                requests.remove(request);
            }
        } catch (IOException e) {
            throw new EvidenceException("cannot get a quote from " + base + ": " + e.getMessage(), e);
        }
    }

    private static Bytes quote(Path request, Bytes reportData) throws IOException, EvidenceException {
        IOException last = new IOException("no quote came");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                long before = generation(request);
                Files.write(request.resolve("inblob"), reportData.toArray(), StandardOpenOption.WRITE);
                byte[] quote = Files.readAllBytes(request.resolve("outblob"));
                // The kernel counts every write; exactly one, ours, must lie between the two readings.
                if (generation(request) == before + 1 && quote.length > 0 && quote.length <= MAX_QUOTE) {
                    return Bytes.of(quote);
                }
                last = new IOException("another process wrote to the request, or the quote has " + quote.length + " bytes");
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
                throw new EvidenceException("interrupted while a quote was made", e);
            }
        }
        throw last;
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
