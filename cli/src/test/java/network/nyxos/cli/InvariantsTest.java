package network.nyxos.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every line of {@code docs/INVARIANTS.md} names a test that is still there. */
class InvariantsTest {

    private static final Pattern NAMED = Pattern.compile("`([A-Za-z]+Test)\\.([A-Za-z_]+)`");
    /** Tests of the programs on the virtual machine, {@code onchain/tests}. */
    private static final Pattern ONCHAIN = Pattern.compile("`([a-z]+)::([a-z_]+)`");

    @Test
    void every_invariant_names_a_test_that_exists() throws IOException {
        Path root = root();
        List<String> lines = Files.readAllLines(root.resolve("docs/INVARIANTS.md")).stream().filter(line -> line.matches("\\| [A-Z]\\d+ \\|.*")).toList();
        assertThat(lines).isNotEmpty();
        assertThat(lines).extracting(line -> line.split("\\|")[1].strip()).doesNotHaveDuplicates();
        for (String line : lines) {
            var named = NAMED.matcher(line);
            var onchain = ONCHAIN.matcher(line);
            int count = 0;
            for (; named.find(); count++) {
                assertThat(source(root, named.group(1))).as(named.group() + " of " + line).contains("void " + named.group(2) + "(");
            }
            for (; onchain.find(); count++) {
                assertThat(root.resolve("onchain/tests/src/" + onchain.group(1) + ".rs")).as(onchain.group() + " of " + line).content()
                        .contains("#[test]\nfn " + onchain.group(2) + "() {");
            }
            assertThat(count).as("names no test: " + line).isPositive();
        }
    }

    private static String source(Path root, String test) throws IOException {
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.filter(path -> Files.isDirectory(path.resolve("src/test/java"))).toList()) {
                try (Stream<Path> files = Files.walk(module.resolve("src/test/java"))) {
                    var found = files.filter(path -> path.getFileName().toString().equals(test + ".java")).findFirst();
                    if (found.isPresent()) {
                        return Files.readString(found.get());
                    }
                }
            }
        }
        return "";
    }

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("onchain"))) {
            root = root.getParent();
        }
        return root;
    }
}
