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
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import network.nyxos.cli.Ran;
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
        for (String symbol : List.of("USDC", "NYXOS")) {
            assertThat(amount(first, symbol, "model's author (royalty)", "change")).as("the author's royalty in " + symbol).isPositive();
        }
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

    @Test
    void a_postgresql_of_ones_own_is_used_with_an_ordinary_role_and_left_running() throws Exception {
        Path data = work.resolve("data");
        try (LocalDatabase outside = LocalDatabase.start(work.resolve("outside"), work.resolve("binaries"), 0)) {
            try (var admin = DriverManager.getConnection(outside.jdbcUrl()); var statement = admin.createStatement()) {
                statement.execute("create role stranger login password 'p&ss word'");
                statement.execute("create database ours owner stranger");
            }
            String ours = outside.jdbcUrl().replaceFirst("/postgres\\?.*", "/ours");
            JsonNode table = up(data, "jdbc", "--jdbc", ours + "?user=stranger&password=p%26ss+word");
            assertBalanced(table);
            assertThat(data.resolve("postgres")).as("no PostgreSQL of the stack's own").doesNotExist();
            try (var admin = DriverManager.getConnection(ours, "postgres", "postgres"); var statement = admin.createStatement();
                    var found = statement.executeQuery("select count(*) from pg_namespace where nspname like 'nyxos%' and pg_get_userbyid(nspowner) = 'stranger'")) {
                assertThat(found.next()).isTrue();
                assertThat(found.getInt(1)).as("stack, gateway, relayer, three verifiers, indexer").isEqualTo(7);
            }
        }
    }

    @Test
    void a_database_that_is_none_or_not_there_is_said_in_one_line() throws Exception {
        assertRefused(start(work.resolve("a"), "malformed", "--jdbc", "postgres://localhost/nyxos"), "config_jdbc", "jdbc:postgresql://");
        try (var nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = nobody.getLocalPort();
            nobody.close();
            assertRefused(start(work.resolve("b"), "absent", "--jdbc", "jdbc:postgresql://127.0.0.1:" + port + "/nyxos"), "database_unavailable", "no connection to PostgreSQL");
        }
    }

    @Test
    void a_chain_of_ones_own_is_told_what_it_lacks_and_is_used_once_it_has_it() throws Exception {
        Path data = work.resolve("data");
        String needed;
        try (Localnet bare = Localnet.start(work.resolve("bare.out"))) {
            String said = assertRefused(start(data, "unprepared", bare.flags()), "chain_unprepared", "program registry", "program escrow", "the mint of USDC", "the mint of NYXOS");
            needed = said.lines().filter(line -> line.strip().startsWith("./nyxos localnet ")).findFirst().orElseThrow().strip().substring("./nyxos localnet ".length());
        }
        String[] prepared = needed.split(" ");
        try (Localnet poor = Localnet.start(work.resolve("poor.out"), Stream.concat(Stream.of("--faucet", "0"), Stream.of(prepared)).toArray(String[]::new))) {
            String said = assertRefused(start(data, "poor", poor.flags()), "wallet_unfunded", "has 0.000000000 SOL and needs 5.000000000 SOL");
            assertThat(said).as("every wallet at once").contains(new Keys(data.resolve("keys")).agent().publicKey().toBase58(),
                    new Keys(data.resolve("keys")).key("operator-open").publicKey().toBase58());
        }
        Path other = work.resolve("other");
        try (Localnet ready = Localnet.start(work.resolve("ready.out"), prepared)) {
            assertBalanced(up(data, "ready", ready.flags()));
            assertThat(data.resolve("chain")).as("no chain of the stack's own").doesNotExist();
            assertThat(ready.process().isAlive()).isTrue();
            assertRefused(start(other, "stranger", ready.flags()), "wallet_unfunded", "has no USDC", "mint authority");
        }
    }

    /** A local chain in a process of its own. */
    private record Localnet(Process process, String http, String ws) implements AutoCloseable {

        static Localnet start(Path out, String... flags) throws Exception {
            var arguments = new ArrayList<>(List.of("localnet", "--port", "0", "--ws-port", "0"));
            arguments.addAll(List.of(flags));
            Process process = Ran.process(arguments).directory(repository()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
            try {
                await().atMost(Duration.ofMinutes(1)).until(() -> !process.isAlive() || Files.readString(out).contains("\nSlot: "));
                return new Localnet(process, url(out, "JSON-RPC: "), url(out, "PubSub: "));
            } catch (Exception | AssertionError e) {
                process.destroyForcibly();
                throw e;
            }
        }

        private static String url(Path out, String label) throws Exception {
            String said = Files.readString(out);
            return said.lines().filter(line -> line.startsWith(label)).findFirst().orElseThrow(() -> new AssertionError("it said:\n" + said)).substring(label.length());
        }

        String[] flags() {
            return new String[] {"--rpc", http, "--ws", ws};
        }

        @Override
        public void close() throws Exception {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static String assertRefused(Run run, String code, String... words) throws Exception {
        boolean ended = run.process().waitFor(3, TimeUnit.MINUTES);
        if (!ended) {
            run.process().destroy();
        }
        String said = Files.readString(run.err());
        assertThat(ended).as(said).isTrue();
        assertThat(run.process().exitValue()).as(said).isEqualTo(1);
        assertThat(said).contains("[" + code + "]").contains(words).doesNotContain("\tat ");
        return said;
    }

    private static void assertBalanced(JsonNode table) {
        assertThat(table.path("balances").asBoolean()).as(table.toPrettyString()).isTrue();
        for (JsonNode mint : table.path("mints")) {
            assertThat(mint.path("difference").asText()).isEqualTo("0");
            assertThat(mint.path("paid").asLong() + mint.path("paid_before").asLong()).isEqualTo(mint.path("charged").asLong()).isEqualTo(mint.path("earned").asLong());
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

    private JsonNode up(Path data, String name, String... flags) throws Exception {
        Run run = start(data, name, flags);
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
        List<String> arguments = new ArrayList<>(List.of("up", "--once", "--json", "--data", data.toString()));
        for (String port : List.of("--rpc-port", "--ws-port", "--gateway-port", "--relayer-port", "--indexer-port")) {
            arguments.add(port);
            arguments.add("0");
        }
        arguments.addAll(List.of(flags));
        ProcessBuilder builder = Ran.process(arguments).redirectOutput(out.toFile()).redirectError(err.toFile());
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
