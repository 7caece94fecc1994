package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import network.nyxos.cli.up.RunningStack;
import picocli.CommandLine;

/**
 * A command that was run in this process.
 *
 * @param code its exit code
 */
public record Ran(int code, String out, String err) {

    /** Runs it as a person would, with what it says kept. */
    public static Ran command(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = line.execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    /** Runs it on a stack. */
    static Ran on(RunningStack stack, String... arguments) {
        Ran ran = command(Stream.concat(Stream.of(arguments), Stream.of("--stack", stack.file().toString())).toArray(String[]::new));
        assertThat(ran.out + ran.err).as("no stack trace for a person").doesNotContain("\tat ").doesNotContain("Exception");
        return ran;
    }

    /** The rest of the line of a screen that begins with this name. */
    static String field(String screen, String name) {
        return screen.lines().map(String::strip).filter(line -> line.startsWith(name + " ")).map(line -> line.substring(name.length()).strip()).findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in:\n" + screen));
    }

    /** It, which has succeeded. */
    Ran done() {
        assertThat(code).as(out + err).isZero();
        return this;
    }

    /** The command in a process of its own, to be started. It logs as users have it, though other modules' test classes bring a {@code logback-test.xml} along. */
    public static ProcessBuilder process(List<String> arguments) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector", "-Xmx2g", "-Dlogback.configurationFile=logback.xml", "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }
}
