package network.nyxos.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.nyxos.escrow.crypto.Hash;

/// One decoder fed for a while, by Jazzer in a process of its own.
final class Campaign {
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs");
    private static final Pattern COVERED = Pattern.compile("cov: (\\d+) .*corp: (\\d+)/");
    /// libFuzzer's exit codes for what it found: a crash, memory used up, time used up; and Jazzer's own.
    private static final List<Integer> FOUND = List.of(70, 71, 77);
    /// Longer inputs than evidence has, and short enough to be changed a hundred thousand times a second.
    private static final int MAX_BYTES = 32_768;

    private final Decoder decoder;
    private final Path corpus;
    private final Optional<Path> more;
    private final Duration time;

    /// @param corpus its own, kept
    /// @param more   files to begin with
    Campaign(Decoder decoder, Path corpus, Optional<Path> more, Duration time) {
        this.decoder = decoder;
        this.corpus = corpus;
        this.more = more;
        this.time = time;
    }

    /// What came of it.
    ///
    /// @param inputs   how many were fed
    /// @param branches how many branches of our code were reached
    /// @param kept     inputs in the corpus
    /// @param finding  the input's file, or what went wrong
    record Result(Decoder decoder, long inputs, long branches, long kept, Optional<String> finding) {
        /// Whether nothing was found.
        boolean clean() {
            return finding.isEmpty();
        }

        /// One line for a person.
        String text() {
            return String.format("%s %-20s %,12d inputs, %,6d branches, %,5d kept%s", clean() ? "✔" : "✘", decoder.title(), inputs, branches, kept,
                finding.map(what -> ": " + what).orElse(""));
        }
    }

    Result run() throws IOException, InterruptedException {
        Files.createDirectories(corpus);
        Path work = Files.createTempDirectory("nyxos-fuzz");
        Path log = corpus.resolveSibling(decoder.title() + ".log");
        try {
            Path seeds = Files.createDirectory(work.resolve("seeds"));
            for (byte[] seed : decoder.seeds()) {
                Files.write(seeds.resolve(Hash.sha256(seed).hex()), seed);
            }
            var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g", "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzTarget.class.getName(), "--target_args=" + decoder.title(), "--instrumentation_includes=network.nyxos.**",
                "--reproducer_path=" + work, "-artifact_prefix=" + corpus.resolveSibling(decoder.title() + "-"), "-max_total_time=" + time.toSeconds(),
                "-max_len=" + MAX_BYTES, "-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=0", corpus.toString(), seeds.toString()));
            more.ifPresent(folder -> command.add(folder.toString()));
            Process process = new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                if (!process.waitFor(time.plusMinutes(2).toSeconds(), TimeUnit.SECONDS)) {
                    return result(log, Optional.of("did not end; see " + log));
                }
            } finally {
                process.destroyForcibly();
            }
            int code = process.exitValue();
            return result(log, code == 0 ? Optional.empty() : Optional.of((FOUND.contains(code) ? "FOUND: " : "ended with " + code + ": ") + told(log) + "; see " + log));
        } finally {
            try (Stream<Path> files = Files.walk(work)) {
                for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /// The exception and the input, as Jazzer tells them.
    private static String told(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log, java.nio.charset.StandardCharsets.ISO_8859_1)) {
            List<String> telling = lines.filter(line -> line.startsWith("== Java Exception") || line.startsWith("artifact_prefix=") || line.startsWith("ERROR"))
                .map(line -> line.replace("== Java Exception: ", "").replaceAll("artifact_prefix='.*'; Test unit written to ", "input ")).toList();
            return telling.isEmpty() ? "no reason was given" : String.join(", ", telling);
        }
    }

    private Result result(Path log, Optional<String> finding) throws IOException {
        String said = Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1);
        Matcher done = DONE.matcher(said);
        Matcher covered = COVERED.matcher(said);
        long branches = 0;
        while (covered.find()) {
            branches = Long.parseLong(covered.group(1));
        }
        try (Stream<Path> files = Files.list(corpus)) {
            return new Result(decoder, done.find() ? Long.parseLong(done.group(1)) : 0, branches, files.count(), finding);
        }
    }
}
