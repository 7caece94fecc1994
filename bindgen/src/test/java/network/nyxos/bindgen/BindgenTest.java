package network.nyxos.bindgen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BindgenTest {
    @TempDir
    private Path folder;

    private static String everything() throws IOException {
        try (InputStream in = BindgenTest.class.getResourceAsStream("everything.json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path idl(String text) throws IOException {
        return Files.writeString(folder.resolve("idl.json"), text);
    }

    private int run(String... more) {
        return Main.run(Stream.concat(Stream.of("--idl", folder.resolve("idl.json").toString(), "--package", "some.program", "--out", folder.resolve("src").toString()),
            Stream.of(more)).toArray(String[]::new));
    }

    /// A program that uses what was generated, as its users do; it ends with "passed" or an assertion.
    private static final String USER = """
        package some.user;
        import java.math.BigInteger;
        import java.util.*;
        import some.program.*;
        import some.program.borsh.*;
        import software.sava.core.accounts.PublicKey;
        public class User {
            static void check(boolean holds, String what) { if (!holds) throw new AssertionError(what); }
            static void refused(Runnable run, String what) { try { run.run(); } catch (BorshException e) { return; } throw new AssertionError(what); }
            public static String run() {
                PublicKey key = EveryThingInstruction.PROGRAM_ID;
                byte[] hash = new byte[32]; hash[3] = 7;
                var vault = new Vault(key, hash, new byte[] {1, 2, 3, 4, 5}, List.of(1, 65535), Mode.VERY_FAST, BigInteger.TWO.pow(127), BigInteger.valueOf(-5), -128, true, 0.5);
                byte[] data = vault.encode();
                check(data.length == Vault.SIZE && Vault.SIZE == 2 + 1 + 3 + 32 + 32 + 5 + 4 + 1 + 16 + 16 + 1 + 1 + 8 + 7, "size");
                check(Vault.OFFSET_OWNER == 6 && Vault.OFFSET_RAW == 70 && data[70] == 1 && data[0] == 9 && data[2] == 3, "offsets");
                check(Vault.decode(data).equals(vault) && Vault.decode(data).hashCode() == vault.hashCode(), "vault");
                vault.raw()[0] = 99;
                check(Vault.decode(data).equals(vault), "copies");
                refused(() -> Vault.decode(Arrays.copyOf(data, data.length + 1)), "trailing");
                byte[] version = data.clone(); version[2] = 4; refused(() -> Vault.decode(version), "version");
                byte[] mode = data.clone(); mode[79] = 2; refused(() -> Vault.decode(mode), "mode");
                var note = new Note("naïve", new byte[] {1}, List.of(List.of(1L, 4294967295L), List.of()));
                check(Note.decode(note.encode()).equals(note), "note");
                check(Note.decode(Arrays.copyOf(note.encode(), 500)).equals(note), "room to grow");
                var purse = new Purse(Optional.of(key), Optional.empty(), true);
                byte[] held = purse.encode();
                check(held.length == Purse.SIZE && Purse.SIZE == 4 + 32 + 4 + 8 + 1 && held[0] == 1 && held[36] == 0 && held[48] == 1, "options of fixed size");
                held[41] = 9;
                check(Purse.matches(held) && Purse.decode(held).equals(purse), "what stands where there is no value means nothing");
                held[36] = 2; refused(() -> Purse.decode(held), "neither 0 nor 1");
                refused(() -> Purse.decode(new byte[Purse.SIZE + 1]), "told by its size");
                var done = new EveryThingEvent.Done(-1, new Pair(4294967295L, -7));
                byte[] tagged = new byte[8 + done.encode().length];
                System.arraycopy(EveryThingEvent.tag(), 0, tagged, 0, 8); System.arraycopy(done.encode(), 0, tagged, 8, done.encode().length);
                check(EveryThingEvent.decode(tagged).get().equals(done), "event");
                check(EveryThingEvent.decode(new byte[] {1}).isEmpty(), "no event");
                var doIt = new EveryThingInstruction.DoIt(-1, Optional.of("x"), List.of(new Shape.Point(), new Shape.Circle(5), new Shape.Box(1, 2)));
                check(EveryThingInstruction.decode(doIt.encode()).equals(doIt), "instruction");
                check((doIt.encode()[3] & 255) == 200, "discriminator");
                refused(() -> EveryThingInstruction.decode(new byte[] {1, 2, 3}), "short");
                var ix = doIt.instruction(key, new EveryThingInstruction.DoIt.Accounts(key, key));
                check(ix.accounts().size() == 3 && ix.accounts().get(0).signer() && ix.accounts().get(0).write() && !ix.accounts().get(1).write(), "accounts");
                check(EveryThingInstruction.decode(new EveryThingInstruction.Stop().encode()) instanceof EveryThingInstruction.Stop, "stop");
                check(EveryThingError.of(6000).get() == EveryThingError.TOO_LOW && EveryThingError.TOO_LOW.message().equals("Say \\"more\\""), "error");
                return "passed";
            }
        }
        """;

    @Test
    void what_it_writes_compiles_without_a_warning_and_does_what_it_says() throws Exception {
        idl(everything());
        assertThat(run("--account-version", "3")).isZero();
        Path user = folder.resolve("src/some/user/User.java");
        Files.createDirectories(user.getParent());
        Files.writeString(user, USER);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var messages = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8); Stream<Path> sources = Files.walk(folder.resolve("src"))) {
            boolean compiled = compiler.getTask(messages, files, null, List.of("-Xlint:all", "-Werror", "-proc:none", "--release", "21", "-d",
                folder.resolve("classes").toString()), null, files.getJavaFileObjectsFromPaths(sources.filter(path -> path.toString().endsWith(".java")).toList())).call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        try (var loader = new URLClassLoader(new URL[] {folder.resolve("classes").toUri().toURL()}, BindgenTest.class.getClassLoader())) {
            assertThat(loader.loadClass("some.user.User").getMethod("run").invoke(null)).isEqualTo("passed");
        }
    }

    @Test
    void a_type_whose_bytes_are_made_in_a_way_of_its_own_is_written_by_hand() throws IOException {
        idl(everything().replace("{\"name\": \"Pair\", \"type\"", "{\"name\": \"Pair\", \"serialization\": {\"custom\": \"leb128\"}, \"type\""));
        assertThat(run()).isZero();
        assertThat(folder.resolve("src/some/program/Pair.java")).doesNotExist();
        assertThat(Files.readString(folder.resolve("src/some/program/EveryThingEvent.java"))).contains("some.program.Pair.read(reader)", "pair.write(writer)");
    }

    @Test
    void the_documentation_of_the_idl_is_carried_over() throws IOException {
        idl(everything());
        assertThat(run()).isZero();
        assertThat(Files.readString(folder.resolve("src/some/program/Vault.java"))).contains("/// Holds.", "/// @param owner Whose it is.");
        assertThat(Files.readString(folder.resolve("src/some/program/EveryThingInstruction.java"))).contains("/// Does it.", "/// @param payer Who pays. signer, writable",
            "the program's id for none");
    }

    @Test
    void unchanged_files_are_left_alone() throws IOException {
        idl(everything());
        assertThat(run()).isZero();
        Path file = folder.resolve("src/some/program/Vault.java");
        FileTime old = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, old);
        assertThat(run()).isZero();
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
    }

    @Test
    void an_idl_it_does_not_understand_is_refused_with_the_place() throws IOException {
        String good = everything();
        refused("{", "line 1");
        refused("{\"version\":\"0.1.0\",\"name\":\"old\"}", "Anchor 0.30");
        refused(good.replace("\"type\": \"u128\"", "\"type\": \"u256\""), "types[0].type.fields[7].type");
        refused(good.replace("{\"name\": \"Shape\"}", "{\"name\": \"Shade\"}"), "do_it.shapes");
        refused(good.replace("\"discriminator\": [4]", "\"discriminator\": [400]"), "events[0].discriminator[0]");
        refused(good.replace("\"discriminator\": [2]", "\"discriminator\": []"), "instructions[1].discriminator");
        refused(good.replace("\"discriminator\": [4]", "\"discriminator\": []"), "events.Done");
        refused(good.replace("\"discriminator\": [8]", "\"discriminator\": []"), "accounts.Note");
        refused(good.replace("{\"coption\": \"u64\"}", "{\"coption\": \"string\"}"), "Purse.held");
        refused(good.replace("{\"name\": \"Note\", \"type\"", "{\"name\": \"Vault\", \"type\""), "defined twice");
        refused(good.replace("{\"name\": \"Mode\", \"type\"", "{\"name\": \"Mode\", \"generics\": [{\"kind\": \"type\", \"name\": \"T\"}], \"type\""), "generic");
        refused(good.replace("{\"name\": \"Vault\", \"docs\"", "{\"name\": \"Vault\", \"serialization\": \"bytemuck\", \"docs\""), "where a C struct pads");
        refused(good.replace("{\"name\": \"Vault\", \"docs\"", "{\"name\": \"Vault\", \"serialization\": \"custom\", \"docs\""), "borsh, bytemuck or {custom: name}");
    }

    private static void refused(String idl, String place) {
        assertThatThrownBy(() -> IdlReader.read(idl)).isInstanceOf(IdlException.class).hasMessageContaining(place);
    }

    @Test
    void wrong_arguments_and_files_have_their_exit_codes() throws IOException {
        idl(everything());
        assertThat(Main.run(new String[] {"--idle", "x"})).isEqualTo(64);
        assertThat(Main.run(new String[] {"--idl"})).isEqualTo(64);
        assertThat(Main.run(new String[] {"--idl", "x"})).isEqualTo(64);
        assertThat(run("--account-version", "256")).isEqualTo(64);
        Files.writeString(folder.resolve("idl.json"), "{}");
        assertThat(run()).isEqualTo(65);
        Files.delete(folder.resolve("idl.json"));
        assertThat(run()).isEqualTo(74);
    }
}
