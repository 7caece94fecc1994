package network.nyxos.bindgen;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The command: `bindgen --idl FILE --package PACKAGE --out FOLDER` and what {@link #USAGE} lists.
public final class Main {
    private static final List<String> RUNTIME = List.of("BorshException", "BorshReader", "BorshWriter", "ProgramErrorCode");
    private static final Set<String> NAMES = Set.of("idl", "package", "out", "prefix", "runtime", "hash", "account-version");
    private static final String USAGE = """
        Writes Java records for the accounts, instructions, events and errors of a Solana program.

          bindgen --idl FILE --package PACKAGE --out FOLDER [options]

          --idl FILE            the IDL, JSON as Anchor 0.30 and later write it
          --package PACKAGE     the package of the generated classes
          --out FOLDER          the source folder they go to
          --prefix NAME         what the program's own classes are named after; without it, the IDL's name
          --runtime PACKAGE     where BorshReader, BorshWriter, BorshException and ProgramErrorCode are; without it, they are written to PACKAGE.borsh
          --hash CLASS          a class for arrays of 32 bytes, with static of(byte[]) and bytes(); without it they are byte[]
          --account-version N   accounts have a field `version` that must be N

        The generated code needs sava-core and Java 21 or later.
        """;

    private Main() {
    }

    /// Runs the command and ends the process: 0 when done, 64 for wrong arguments, 65 for an IDL it cannot use, 74 when a file fails.
    public static void main(String[] arguments) {
        int code = run(arguments);
        // A build tool that runs this inside its own process must go on when all went well.
        if (code != 0) {
            System.exit(code);
        }
    }

    /// Runs the command without ending the process.
    ///
    /// @return the exit code
    static int run(String[] arguments) {
        try {
            Map<String, String> given = parse(arguments);
            write(given);
            return 0;
        } catch (IllegalArgumentException e) {
            System.err.println("bindgen: " + e.getMessage() + "\n\n" + USAGE);
            return 64;
        } catch (IdlException e) {
            System.err.println("bindgen: the IDL cannot be used: " + e.getMessage());
            return 65;
        } catch (IOException e) {
            System.err.println("bindgen: " + e);
            return 74;
        }
    }

    private static Map<String, String> parse(String[] arguments) {
        var given = new HashMap<String, String>();
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i].startsWith("--") ? arguments[i].substring(2) : "";
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("unknown argument " + arguments[i]);
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            given.put(name, arguments[i + 1]);
        }
        for (String required : List.of("idl", "package", "out")) {
            if (!given.containsKey(required)) {
                throw new IllegalArgumentException("--" + required + " is missing");
            }
        }
        return given;
    }

    private static void write(Map<String, String> given) throws IOException {
        byte[] source = Files.readAllBytes(Path.of(given.get("idl")));
        Idl idl = IdlReader.read(new String(source, StandardCharsets.UTF_8));
        String javaPackage = given.get("package");
        Path out = Path.of(given.get("out"));
        String runtime = given.get("runtime");
        if (runtime == null) {
            runtime = javaPackage + ".borsh";
            for (String name : RUNTIME) {
                put(out, runtime, name, runtimeSource(name).replaceFirst("(?m)^package [^;]+;", "package " + runtime + ";"));
            }
        }
        var options = new Options(javaPackage, given.getOrDefault("prefix", JavaNames.type(idl.name())), runtime, Optional.ofNullable(given.get("hash")), version(given));
        for (Map.Entry<String, String> file : Generator.generate(idl, options).entrySet()) {
            put(out, javaPackage, file.getKey(), file.getValue());
        }
        put(out, javaPackage, options.prefix() + "Idl", origin(options, sha256(source)));
    }

    /// What the classes beside it were made from, so that a running service can say it.
    private static String origin(Options options, String hash) {
        return "// Generated from an IDL; do not edit.\npackage " + options.javaPackage() + ";\n\n/// The IDL that the classes of this package were made from.\npublic final class "
            + options.prefix() + "Idl {\n    /// SHA-256 of the file, in hex.\n    public static final String SHA256 = \"" + hash + "\";\n\n    private " + options.prefix()
            + "Idl() {\n    }\n}\n";
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static OptionalInt version(Map<String, String> given) {
        String version = given.get("account-version");
        if (version == null) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(version);
            if (number >= 0 && number <= 255) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--account-version must be 0 to 255, is " + version, e);
        }
        throw new IllegalArgumentException("--account-version must be 0 to 255, is " + version);
    }

    private static String runtimeSource(String name) {
        try (InputStream source = Main.class.getResourceAsStream("runtime/" + name + ".java")) {
            if (source == null) {
                throw new IllegalStateException("the tool was built without " + name + ".java");
            }
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Leaves a file alone that has the right content already, so that nothing is compiled again for it.
    private static void put(Path out, String javaPackage, String name, String source) throws IOException {
        Path folder = out.resolve(javaPackage.replace('.', '/'));
        Files.createDirectories(folder);
        Path file = folder.resolve(name + ".java");
        if (!Files.exists(file) || !Files.readString(file).equals(source)) {
            Files.writeString(file, source);
        }
    }
}
