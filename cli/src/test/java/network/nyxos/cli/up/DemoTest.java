package network.nyxos.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import network.nyxos.cli.Ran;
import network.nyxos.node.engine.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration as a stranger runs it, in a process of its own, and again on the same directory. */
class DemoTest {

    @TempDir
    Path work;

    @Test
    void both_cheats_are_caught_and_slashed_and_the_agent_is_down_what_honest_work_cost() throws Exception {
        Path model = TinyModel.write(work, 42);
        for (int run = 1; run <= 2; run++) {
            String said = demo(model, "run-" + run);
            assertThat(said).contains("confidential, sealed").contains("what honest work cost, to the unit")
                    .contains("swapped-" + run + " has a bond of 0.000000 NYXOS; 500.000000 NYXOS burned").contains("flipped-" + run + " has a bond of 0.000000 NYXOS; 500.000000 NYXOS burned")
                    .contains("by a dispute before the registry's program", ", evidence ").contains(" claimed ").doesNotContain("✘");
        }
    }

    private String demo(Path model, String name) throws Exception {
        Path out = work.resolve(name + ".out");
        ProcessBuilder builder = Ran.process(List.of("demo", "--once", "--data", work.resolve("data").toString(), "--model", model.toString()))
                .redirectErrorStream(true).redirectOutput(out.toFile());
        Process process = builder.start();
        boolean ended = process.waitFor(6, TimeUnit.MINUTES);
        if (!ended) {
            process.destroy();
        }
        String said = Files.readString(out);
        assertThat(ended && process.exitValue() == 0).as(said).isTrue();
        return said;
    }
}
