package network.nyxos.localnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The program as a user starts it: what it says when it cannot run. */
class LocalnetTest {

    @Test
    void aMissingLibraryIsSaidInOneLine() throws IOException, InterruptedException {
        Ended ended = run(List.of("-Dnyxos.svm=/nowhere/libnyxos_svm.so"), "--port", "0");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("localnet: No native library at /nowhere/libnyxos_svm.so").doesNotContain("\tat ");
    }

    @Test
    void aLibraryThatIsNotOursIsRefused() throws IOException, InterruptedException {
        Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("java"));
        Ended ended = run(List.of("-Dnyxos.svm=" + other), "--port", "0");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("localnet: The native library has no function nyxos_svm").doesNotContain("\tat ");
    }

    @Test
    void wrongOptionsAreExplained() throws IOException, InterruptedException {
        assertThat(run(List.of(), "--port", "high").output()).contains("--port is \"high\", must be a whole number", "--slot-millis");
        assertThat(run(List.of(), "--prot", "1").output()).contains("unknown option --prot");
        assertThat(run(List.of(), "--port").output()).contains("--port needs a value");
        assertThat(run(List.of(), "--finality-slots", "99").output()).contains("finalitySlots is 99, must be 0 to 32");
    }

    @Test
    void wrongProgramsAndMintsAreExplained() throws IOException, InterruptedException {
        String address = Transactions.MEMO.toBase58();
        assertThat(run(List.of(), "--program", "/nowhere.so").output()).contains("--program is \"/nowhere.so\", must be ADDRESS=FILE");
        assertThat(run(List.of(), "--program", address + "=/nowhere.so").output()).contains("--program: /nowhere.so cannot be read");
        assertThat(run(List.of(), "--mint", address + "=" + address + ":6").output()).contains("must be ADDRESS=AUTHORITY:DECIMALS:PROGRAM");
        assertThat(run(List.of(), "--mint", address + "=" + address + ":6:token-2023").output()).contains("must be ADDRESS=AUTHORITY:DECIMALS:PROGRAM");
        assertThat(run(List.of(), "--mint", "0OIl=" + address + ":6:token").output()).contains("\"0OIl\" is no address");
    }

    private record Ended(int exitCode, String output) {
    }

    private static Ended run(List<String> jvm, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Localnet.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output);
        } finally {
            process.destroyForcibly();
        }
    }
}
