package network.nyxos.cli.up;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A PostgreSQL of the stack's own, in its data directory, for whoever names no other. It listens on this machine only. */
final class LocalDatabase implements AutoCloseable {

    private static final int STOP_SECONDS = 30;

    private final EmbeddedPostgres postgres;

    private LocalDatabase(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Starts it, going on with what the directory holds.
     *
     * @param directory database files
     * @param binaries  where the server's programs are unpacked; shared by all stacks
     * @param port      0: any free one
     */
    static LocalDatabase start(Path directory, Path binaries, int port) {
        try {
            stopLeftOver(directory);
            var builder = EmbeddedPostgres.builder()
                    .setDataDirectory(directory)
                    .setOverrideWorkingDirectory(binaries.toFile())
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    // Money is recorded here: a commit must survive a crash, also of a development stack.
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("max_connections", "100")
                    .setPGStartupWait(Duration.ofSeconds(60));
            if (port != 0) {
                builder.setPort(port);
            }
            return new LocalDatabase(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded PostgreSQL did not start in " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * A stack that was killed leaves its server running, and the directory takes one at a time. It is told to stop; the caller holds the directory's lock,
     * so no other stack can be using it.
     */
    private static void stopLeftOver(Path directory) throws IOException {
        Path pidFile = directory.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        // Its first line is the server's process id. An id is given again to other programs after a reboot, so the command line must be that of this directory.
        long pid = Files.readAllLines(pidFile).stream().findFirst().map(String::strip).filter(line -> line.matches("\\d{1,18}")).map(Long::parseLong).orElse(-1L);
        var server = ProcessHandle.of(pid).filter(process -> process.info().commandLine().filter(line -> line.contains(directory.toString())).isPresent());
        if (server.isEmpty()) {
            return;
        }
        server.get().destroy();
        try {
            server.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StackException("database_left_over", "PostgreSQL process " + pid + " of an earlier run does not stop; end it and run again");
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException("waiting for PostgreSQL process " + pid + " failed", e);
        }
    }

    String jdbcUrl() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded PostgreSQL did not stop", e);
        }
    }
}
