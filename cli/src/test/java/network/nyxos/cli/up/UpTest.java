package network.nyxos.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first command of the README, as a stranger runs it: in a process of its own, on an empty directory, and again on the same one. */
class UpTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path work;

    @Test
    void the_main_job_ends_with_a_balanced_table_and_a_second_run_continues() throws Exception {
        Path data = work.resolve("data");
        JsonNode first = up(data, "first");
        assertBalanced(first);
        JsonNode second = up(data, "second");
        assertBalanced(second);
        long end = amount(first, "USDC", "node verified", "after");
        assertThat(amount(second, "USDC", "node verified", "before")).as("what the node had earned is still there").isEqualTo(end).isPositive();
        assertThat(data.resolve("stack.json")).as("nothing is up any more").doesNotExist();
        assertThat(Files.readString(data.resolve("nyxos.log"))).as("prompts are in no log").doesNotContain("lighthouse");
    }

    @Test
    void a_stack_that_was_killed_goes_on_where_it_was() throws Exception {
        Path data = work.resolve("data");
        Run killed = start(data, "killed");
        await().atMost(Duration.ofMinutes(4)).until(() -> !killed.process().isAlive() || Files.readString(killed.err()).contains("(voucher, verified, streamed)"));
        assertThat(killed.process().isAlive()).as("still at work:\n" + Files.readString(killed.err())).isTrue();
        killed.process().destroyForcibly().waitFor();
        assertBalanced(up(data, "next"));
    }

    @Test
    void a_second_stack_on_the_same_directory_is_refused_in_one_line() throws Exception {
        try (DataLock held = DataLock.take(work)) {
            var run = start(work, "refused");
            assertThat(run.process().waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(run.process().exitValue()).isEqualTo(1);
            assertThat(Files.readString(run.err())).contains("another stack runs on").contains("[data_in_use]").doesNotContain("\tat ");
            assertThat(held).isNotNull();
        }
    }

    @Test
    void a_taken_port_is_named_in_one_line_and_nothing_stays_up() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var run = start(work.resolve("data"), "taken", "--relayer-port", Integer.toString(taken.getLocalPort()));
            assertThat(run.process().waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(run.process().exitValue()).isEqualTo(1);
            assertThat(Files.readString(run.err())).contains("port " + taken.getLocalPort() + " of 127.0.0.1 is taken").contains("[port_taken]").doesNotContain("\tat ");
        }
    }

    private static void assertBalanced(JsonNode table) {
        assertThat(table.path("balances").asBoolean()).as(table.toPrettyString()).isTrue();
        for (JsonNode mint : table.path("mints")) {
            assertThat(mint.path("difference").asText()).isEqualTo("0");
            assertThat(mint.path("paid").asText()).isEqualTo(mint.path("charged").asText()).isEqualTo(mint.path("earned").asText());
        }
    }

    private static long amount(JsonNode table, String symbol, String holder, String field) {
        for (JsonNode mint : table.path("mints")) {
            for (JsonNode row : mint.path("rows")) {
                if (mint.path("symbol").asText().equals(symbol) && row.path("holder").asText().equals(holder)) {
                    return row.path(field).asLong();
                }
            }
        }
        throw new AssertionError("no row for " + holder + " in " + table);
    }

    private record Run(Process process, Path out, Path err) {
    }

    private JsonNode up(Path data, String name) throws Exception {
        Run run = start(data, name);
        boolean ended = run.process().waitFor(8, TimeUnit.MINUTES);
        if (!ended) {
            run.process().destroy();
        }
        assertThat(ended && run.process().exitValue() == 0).as("exit code 0; it said:\n" + Files.readString(run.err())).isTrue();
        return JSON.readTree(run.out().toFile());
    }

    private Run start(Path data, String name, String... flags) throws Exception {
        Path out = work.resolve(name + ".out");
        Path err = work.resolve(name + ".err");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector", "-Xmx2g", "-cp", System.getProperty("java.class.path"), "network.nyxos.cli.Main", "up", "--once", "--json",
                "--data", data.toString()));
        for (String port : List.of("--rpc-port", "--ws-port", "--gateway-port", "--relayer-port", "--indexer-port")) {
            command.add(port);
            command.add("0");
        }
        command.addAll(List.of(flags));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("NYXOS_ROOT", repository().toString());
        return new Run(builder.start(), out, err);
    }

    private static File repository() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(root.resolve("onchain"))) {
            root = root.getParent();
        }
        return root.toFile();
    }
}
