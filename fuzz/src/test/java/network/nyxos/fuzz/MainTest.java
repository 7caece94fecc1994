package network.nyxos.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    Path corpus;

    private record Ran(int code, String out, String err) {
    }

    private static Ran run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
        return new Ran(code, out.toString(), err.toString());
    }

    @Test
    void a_decoder_is_fed_and_what_reached_new_code_is_kept() throws Exception {
        Ran ran = run("--seconds", "2", "--corpus", corpus.toString(), "voucher");
        assertThat(ran.code()).as(ran.out() + ran.err()).isZero();
        assertThat(ran.out()).contains("✔ voucher").contains("inputs");
        try (Stream<Path> kept = Files.list(corpus.resolve("voucher"))) {
            assertThat(kept).isNotEmpty();
        }
        assertThat(ran.out()).as("coverage guides it").doesNotContain(" 0 branches");
    }

    @Test
    void wrong_words_are_told_so() {
        assertThat(run("nothing").code()).isEqualTo(2);
        assertThat(run("nothing").err()).contains("there is no decoder 'nothing'").contains("--list").doesNotContain("\tat ");
        assertThat(run("--seconds", "0").err()).contains("--seconds must be 1 to 86400");
        assertThat(run("--seeds", corpus.resolve("absent").toString()).err()).contains("there is no folder");
        assertThat(run("--list").out()).contains("tdx-quote").contains("receipt");
    }
}
