package network.nyxos.node.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import network.nyxos.attestation.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder laid out as the kernel lays out configfs-tsm. {@code outblob} is a named pipe, so that a reading waits for the
 * "kernel", as it does in configfs: that thread answers with what {@code inblob} holds and counts the write.
 */
@Timeout(30)
class TdxGuestEvidenceTest {
    private static final Bytes REPORT_DATA = Bytes.of(new byte[] {7}).concat(Bytes.zeros(63));

    @TempDir
    private Path base;

    private final class Kernel implements TdxGuestEvidence.Requests {
        private final String provider;

        Kernel(String provider) {
            this.provider = provider;
        }

        @Override
        public Path make(Path folder, String name) throws IOException {
            Path request = Files.createDirectory(folder.resolve(name));
            Files.writeString(request.resolve("provider"), provider + "\n");
            Files.writeString(request.resolve("generation"), "0\n");
            Files.createFile(request.resolve("inblob"));
            mkfifo(request.resolve("outblob"));
            if (provider.equals("tdx_guest")) {
                Thread.ofPlatform().daemon().start(() -> answer(request));
            }
            return request;
        }

        private void answer(Path request) {
            try (var out = Files.newOutputStream(request.resolve("outblob"))) {
                Files.writeString(request.resolve("generation"), "1\n");
                out.write("quote over ".getBytes());
                out.write(Files.readAllBytes(request.resolve("inblob")));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
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
    }

    private static void mkfifo(Path path) throws IOException {
        try {
            assumeTrue(new ProcessBuilder("mkfifo", path.toString()).start().waitFor() == 0, "mkfifo is not there");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void readsAQuoteAndCleansUp() throws Exception {
        EvidenceSource.Quoted quoted = new TdxGuestEvidence(base, new Kernel("tdx_guest")).quote(REPORT_DATA);
        assertThat(quoted.quote()).isEqualTo(Bytes.of("quote over ".getBytes()).concat(REPORT_DATA));
        assertThat(quoted.development()).isFalse();
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void refusesAnotherProvider() {
        assertThatThrownBy(() -> new TdxGuestEvidence(base, new Kernel("sev_guest")).quote(REPORT_DATA))
                .isInstanceOf(EvidenceSource.EvidenceException.class).hasMessageContaining("sev_guest");
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void saysWhenThisIsNoTdxGuest() {
        assertThatThrownBy(() -> new TdxGuestEvidence(base.resolve("absent")).quote(REPORT_DATA)).hasMessageContaining("no TDX guest");
    }
}
