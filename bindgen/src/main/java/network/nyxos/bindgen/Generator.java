package network.nyxos.bindgen;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import network.nyxos.bindgen.Idl.AccountItem;
import network.nyxos.bindgen.Idl.Choice;
import network.nyxos.bindgen.Idl.Discriminated;
import network.nyxos.bindgen.Idl.Field;
import network.nyxos.bindgen.Idl.Primitive;
import network.nyxos.bindgen.Idl.Struct;
import network.nyxos.bindgen.Idl.Type;
import network.nyxos.bindgen.Idl.TypeDefinition;
import network.nyxos.bindgen.Idl.Variant;

/// Writes the Java of one IDL. The same IDL and options give the same text, byte for byte.
public final class Generator {
    private static final String EVENT_TAG = "(byte) 0xe4, 0x45, (byte) 0xa5, 0x2e, 0x51, (byte) 0xcb, (byte) 0x9a, 0x1d";

    private final Idl idl;
    private final Options options;

    private Generator(Idl idl, Options options) {
        this.idl = idl;
        this.options = options;
    }

    /// The classes by simple name, each with its source text.
    ///
    /// @throws IdlException when two things would get the same name
    public static Map<String, String> generate(Idl idl, Options options) {
        return new Generator(idl, options).all();
    }

    private Map<String, String> all() {
        var files = new LinkedHashMap<String, String>();
        var wrapped = new HashSet<String>();
        for (Discriminated account : idl.accounts()) {
            wrapped.add(account.name());
            put(files, JavaNames.type(account.name()), account(account));
        }
        idl.events().forEach(event -> wrapped.add(event.name()));
        for (TypeDefinition type : idl.types().values()) {
            if (!wrapped.contains(type.name()) && !type.custom()) {
                put(files, JavaNames.type(type.name()), type(type));
            }
        }
        put(files, options.prefix() + "Instruction", instructions());
        if (!idl.events().isEmpty()) {
            put(files, options.prefix() + "Event", events());
        }
        put(files, options.prefix() + "Error", errors());
        return files;
    }

    private void put(Map<String, String> files, String name, String body) {
        String source = "// Generated from the IDL of program " + idl.name() + "; do not edit.\npackage " + options.javaPackage() + ";\n\n" + body;
        if (files.put(name, source) != null) {
            throw new IdlException("types", "two things would be named " + name);
        }
    }

    // --- types of values ---------------------------------------------------------------------------------------------

    private String runtime(String name) {
        return options.runtimePackage() + "." + name;
    }

    private boolean isBytes(Type type) {
        return type == Primitive.BYTES || type instanceof Idl.Array(Type element, int length) && element == Primitive.U8
            && !(length == 32 && options.hashType().isPresent());
    }

    private boolean isHash(Type type) {
        return options.hashType().isPresent() && type instanceof Idl.Array(Type element, int length) && element == Primitive.U8 && length == 32;
    }

    private String java(Type type, boolean boxed) {
        if (isBytes(type)) {
            return "byte[]";
        }
        if (isHash(type)) {
            return options.hashType().orElseThrow();
        }
        return switch (type) {
            case Primitive primitive -> switch (primitive) {
                case BOOL -> boxed ? "Boolean" : "boolean";
                case U8, I8, U16, I16, I32 -> boxed ? "Integer" : "int";
                case U32, U64, I64 -> boxed ? "Long" : "long";
                case U128, I128 -> "java.math.BigInteger";
                case F32 -> boxed ? "Float" : "float";
                case F64 -> boxed ? "Double" : "double";
                case PUBKEY -> "software.sava.core.accounts.PublicKey";
                case STRING -> "String";
                case BYTES -> "byte[]";
            };
            case Idl.Vector(Type element) -> "java.util.List<" + java(element, true) + ">";
            case Idl.Array(Type element, int _) -> "java.util.List<" + java(element, true) + ">";
            case Idl.Option(Type element) -> "java.util.Optional<" + java(element, true) + ">";
            case Idl.FixedOption(Type element) -> "java.util.Optional<" + java(element, true) + ">";
            case Idl.Defined(String name) -> options.javaPackage() + "." + JavaNames.type(name);
        };
    }

    private static String primitiveMethod(Primitive primitive) {
        return switch (primitive) {
            case PUBKEY -> "publicKey";
            case BYTES -> "byteString";
            default -> primitive.name().toLowerCase(Locale.ROOT);
        };
    }

    /// The expression that reads a value from the reader of the given name.
    private String read(Type type, String reader) {
        if (type instanceof Idl.Array(Type element, int length) && element == Primitive.U8) {
            String bytes = reader + ".bytes(" + length + ")";
            return isHash(type) ? options.hashType().orElseThrow() + ".of(" + bytes + ")" : bytes;
        }
        String inner = reader + "_";
        return switch (type) {
            case Primitive primitive -> reader + "." + primitiveMethod(primitive) + "()";
            case Idl.Vector(Type element) -> reader + ".vec(" + inner + " -> " + read(element, inner) + ")";
            case Idl.Array(Type element, int length) -> reader + ".array(" + length + ", " + inner + " -> " + read(element, inner) + ")";
            case Idl.Option(Type element) -> reader + ".option(" + inner + " -> " + read(element, inner) + ")";
            case Idl.FixedOption(Type element) ->
                reader + ".coption(" + Layout.size(idl, element).orElseThrow() + ", " + inner + " -> " + read(element, inner) + ")";
            case Idl.Defined(String name) -> options.javaPackage() + "." + JavaNames.type(name) + ".read(" + reader + ")";
        };
    }

    /// The statement, without its semicolon, that writes a value to the writer of the given name.
    private String write(Type type, String writer, String value) {
        if (type instanceof Idl.Array(Type element, int length) && element == Primitive.U8) {
            return writer + ".bytes(" + value + (isHash(type) ? ".bytes()" : "") + ", " + length + ")";
        }
        String inner = writer + "_";
        String item = "item" + "_".repeat((int) writer.chars().filter(c -> c == '_').count());
        return switch (type) {
            case Primitive primitive -> writer + "." + primitiveMethod(primitive) + "(" + value + ")";
            case Idl.Vector(Type element) -> writer + ".vec(" + value + ", (" + inner + ", " + item + ") -> " + write(element, inner, item) + ")";
            case Idl.Array(Type element, int length) ->
                writer + ".array(" + value + ", " + length + ", (" + inner + ", " + item + ") -> " + write(element, inner, item) + ")";
            case Idl.Option(Type element) -> writer + ".option(" + value + ", (" + inner + ", " + item + ") -> " + write(element, inner, item) + ")";
            case Idl.FixedOption(Type element) -> writer + ".coption(" + value + ", " + Layout.size(idl, element).orElseThrow() + ", (" + inner + ", " + item + ") -> "
                + write(element, inner, item) + ")";
            case Idl.Defined _ -> value + ".write(" + writer + ")";
        };
    }

    /// Room that holds nothing: it is no component, is written as zeros and must be zeros when read.
    private boolean isRoom(Field field) {
        boolean named = Stream.of("reserved", "padding", "zero", "_").anyMatch(field.name()::startsWith);
        return named && Layout.size(idl, field.type()).isPresent();
    }

    private boolean isVersion(Field field) {
        return options.accountVersion().isPresent() && field.name().equals("version") && field.type() == Primitive.U8;
    }

    // --- records -----------------------------------------------------------------------------------------------------

    private static String docs(String indent, List<String> lines) {
        return lines.stream().map(line -> (indent + "/// " + line.strip()).stripTrailing() + "\n").collect(Collectors.joining());
    }

    private String recordDocs(String indent, List<String> docs, String otherwise, List<Field> components) {
        var text = new StringBuilder(docs(indent, docs.isEmpty() ? List.of(otherwise) : docs));
        if (!components.isEmpty()) {
            text.append(indent).append("///\n");
            for (Field field : components) {
                String meaning = field.docs().isEmpty() ? describe(field.type()) : String.join(" ", field.docs());
                text.append(indent).append("/// @param ").append(JavaNames.value(field.name())).append(' ').append(meaning.strip()).append('\n');
            }
        }
        return text.toString();
    }

    private static String describe(Type type) {
        return switch (type) {
            case Primitive.U64 -> "u64, as its bits";
            case Primitive primitive -> primitive.name().toLowerCase(Locale.ROOT);
            case Idl.Vector(Type element) -> "any number of " + describe(element);
            case Idl.Array(Type element, int length) -> element == Primitive.U8 ? length + " bytes" : length + " of " + describe(element);
            case Idl.Option(Type element) -> "perhaps " + describe(element);
            case Idl.FixedOption(Type element) -> "perhaps " + describe(element);
            case Idl.Defined(String name) -> name;
        };
    }

    private String components(List<Field> fields) {
        return fields.stream().map(field -> java(field.type(), false) + " " + JavaNames.value(field.name())).collect(Collectors.joining(", "));
    }

    /// The compact constructor and what else gives a record with lists or arrays value semantics.
    private String valueSemantics(String indent, String name, List<Field> fields) {
        List<Field> arrays = fields.stream().filter(field -> isBytes(field.type())).toList();
        List<Field> lists = fields.stream().filter(field -> !isBytes(field.type()) && !isHash(field.type())
            && (field.type() instanceof Idl.Vector || field.type() instanceof Idl.Array)).toList();
        var text = new StringBuilder();
        if (!arrays.isEmpty() || !lists.isEmpty()) {
            text.append(indent).append("/// Copies what could change.\n").append(indent).append("public ").append(name).append(" {\n");
            for (Field field : arrays) {
                String value = JavaNames.value(field.name());
                text.append(indent).append("    ").append(value).append(" = ").append(value).append(".clone();\n");
            }
            for (Field field : lists) {
                String value = JavaNames.value(field.name());
                text.append(indent).append("    ").append(value).append(" = java.util.List.copyOf(").append(value).append(");\n");
            }
            text.append(indent).append("}\n\n");
        }
        if (!arrays.isEmpty()) {
            for (Field field : arrays) {
                String value = JavaNames.value(field.name());
                text.append(indent).append("/// A copy of the bytes.\n").append(indent).append("@Override\n").append(indent).append("public byte[] ").append(value)
                    .append("() {\n").append(indent).append("    return ").append(value).append(".clone();\n").append(indent).append("}\n\n");
            }
            var equal = new StringJoiner("\n" + indent + "        && ");
            var hash = new StringJoiner(", ");
            var shown = new StringJoiner(" + \", ");
            for (Field field : fields) {
                String value = JavaNames.value(field.name());
                boolean array = isBytes(field.type());
                equal.add(array ? "java.util.Arrays.equals(" + value + ", that." + value + ")" : "java.util.Objects.equals(" + value + ", that." + value + ")");
                hash.add(array ? "java.util.Arrays.hashCode(" + value + ")" : value);
                shown.add(value + "=\" + " + (array ? "java.util.HexFormat.of().formatHex(" + value + ")" : value));
            }
            text.append(indent).append("@Override\n").append(indent).append("public boolean equals(Object other) {\n").append(indent)
                .append("    return other instanceof ").append(name).append(" that && ").append(equal).append(";\n").append(indent).append("}\n\n");
            text.append(indent).append("@Override\n").append(indent).append("public int hashCode() {\n").append(indent)
                .append("    return java.util.Objects.hash(").append(hash).append(");\n").append(indent).append("}\n\n");
            text.append(indent).append("@Override\n").append(indent).append("public String toString() {\n").append(indent)
                .append("    return \"").append(name).append("[").append(shown).append(" + \"]\";\n").append(indent).append("}\n\n");
        }
        return text.toString();
    }

    /// Statements that read the fields into a new record: locals where room stands between fields, one expression otherwise.
    private String readBody(String indent, String name, List<Field> fields) {
        var text = new StringBuilder();
        var arguments = new StringJoiner(", ");
        for (Field field : fields) {
            if (isRoom(field)) {
                text.append(indent).append("reader.zeros(").append(Layout.size(idl, field.type()).orElseThrow()).append(");\n");
            } else if (isVersion(field)) {
                text.append(indent).append("if (reader.u8() != VERSION) {\n").append(indent).append("    throw new ").append(runtime("BorshException"))
                    .append("(\"").append(name).append(" must have version \" + VERSION);\n").append(indent).append("}\n");
            } else {
                String value = JavaNames.value(field.name());
                text.append(indent).append("var ").append(value).append(" = ").append(read(field.type(), "reader")).append(";\n");
                arguments.add(value);
            }
        }
        return text.append(indent).append("return new ").append(name).append("(").append(arguments).append(");\n").toString();
    }

    private String writeBody(String indent, List<Field> fields) {
        var text = new StringBuilder();
        for (Field field : fields) {
            text.append(indent);
            if (isRoom(field)) {
                text.append("writer.zeros(").append(Layout.size(idl, field.type()).orElseThrow()).append(")");
            } else if (isVersion(field)) {
                text.append("writer.u8(VERSION)");
            } else {
                text.append(write(field.type(), "writer", JavaNames.value(field.name())));
            }
            text.append(";\n");
        }
        return text.toString();
    }

    private static String bytes(byte[] discriminator) {
        var joined = new StringJoiner(", ");
        for (byte b : discriminator) {
            joined.add(b < 0 ? "(byte) " + (b & 0xFF) : Integer.toString(b));
        }
        return joined.toString();
    }

    private List<Field> fields(String typeName) {
        return ((Struct) idl.types().get(typeName).shape()).fields();
    }

    private List<Field> real(List<Field> fields) {
        return fields.stream().filter(field -> !isRoom(field) && !isVersion(field)).toList();
    }

    // --- accounts ----------------------------------------------------------------------------------------------------

    private String account(Discriminated account) {
        String name = JavaNames.type(account.name());
        List<Field> all = fields(account.name());
        List<Field> components = real(all);
        OptionalInt size = Layout.size(idl, all);
        int head = account.discriminator().length;
        var text = new StringBuilder(recordDocs("", idl.types().get(account.name()).docs(), "The account " + name + ".", components));
        text.append("public record ").append(name).append("(").append(components(components)).append(") {\n");
        if (head > 0) {
            text.append("    private static final byte[] DISCRIMINATOR = {").append(bytes(account.discriminator())).append("};\n");
        }
        if (all.stream().anyMatch(this::isVersion)) {
            text.append("    /// The one version of the layout that this reads.\n    public static final int VERSION = ").append(options.accountVersion().orElseThrow())
                .append(";\n");
        }
        size.ifPresent(bytes -> text.append("    /// Bytes of the account's data.\n    public static final int SIZE = ").append(head + bytes).append(";\n"));
        int offset = head;
        for (Field field : all) {
            if (!isRoom(field)) {
                text.append("    /// Where `").append(field.name()).append("` starts, for filters on account data.\n    public static final int OFFSET_")
                    .append(JavaNames.constant(field.name())).append(" = ").append(offset).append(";\n");
            }
            OptionalInt one = Layout.size(idl, field.type());
            if (one.isEmpty()) {
                break;
            }
            offset += one.getAsInt();
        }
        text.append('\n').append(valueSemantics("    ", name, components));
        if (head == 0) {
            text.append("    /// Whether the data has the size of an account of this type, by which alone the program tells it.\n    public static boolean matches(byte[] data) {\n")
                .append("        return data.length == SIZE;\n    }\n\n");
        } else {
            matchesDiscriminator(text);
        }
        text.append("    /// Reads an account's data.\n    ///\n    /// @throws ").append(runtime("BorshException"))
            .append(" when it is no account of this type and layout\n");
        text.append("    public static ").append(name).append(" decode(byte[] data) {\n        if (!matches(data)) {\n            throw new ")
            .append(runtime("BorshException")).append("(\"not the data of a ").append(name).append("\");\n        }\n");
        text.append("        var reader = new ").append(runtime("BorshReader"))
            .append(head > 0 ? "(data, DISCRIMINATOR.length, data.length - DISCRIMINATOR.length);\n" : "(data);\n");
        text.append("        ").append(name).append(" account = read(reader);\n");
        // Accounts whose size depends on their content are usually created with room to grow.
        text.append(size.isPresent() ? "        reader.end();\n" : "        reader.zeros(reader.remaining());\n").append("        return account;\n    }\n\n");
        text.append("    static ").append(name).append(" read(").append(runtime("BorshReader")).append(" reader) {\n").append(readBody("        ", name, all))
            .append("    }\n\n");
        text.append("    /// The account's data as the program writes it.\n    public byte[] encode() {\n        var writer = new ").append(runtime("BorshWriter"))
            .append("(").append(size.isPresent() ? "SIZE" : "256").append(");\n").append(head > 0 ? "        writer.bytes(DISCRIMINATOR, DISCRIMINATOR.length);\n" : "")
            .append("        write(writer);\n")
            .append("        return writer.toByteArray();\n    }\n\n");
        text.append("    void write(").append(runtime("BorshWriter")).append(" writer) {\n").append(writeBody("        ", all)).append("    }\n}\n");
        return text.toString();
    }

    private static void matchesDiscriminator(StringBuilder text) {
        text.append("    /// The bytes that the data of every account of this type starts with.\n    public static byte[] discriminator() {\n")
            .append("        return DISCRIMINATOR.clone();\n    }\n\n");
        text.append("    /// Whether the data starts like an account of this type.\n    public static boolean matches(byte[] data) {\n")
            .append("        return data.length >= DISCRIMINATOR.length\n")
            .append("            && java.util.Arrays.equals(data, 0, DISCRIMINATOR.length, DISCRIMINATOR, 0, DISCRIMINATOR.length);\n    }\n\n");
    }

    // --- types -------------------------------------------------------------------------------------------------------

    private String type(TypeDefinition type) {
        String name = JavaNames.type(type.name());
        return switch (type.shape()) {
            case Struct(List<Field> fields) -> plainRecord("", "public record ", name, type.docs(), fields, "");
            case Choice(List<Variant> variants) when variants.stream().allMatch(variant -> variant.fields().isEmpty()) -> plainEnum(name, type.docs(), variants);
            case Choice(List<Variant> variants) -> choice(name, type.docs(), variants);
        };
    }

    private String plainRecord(String indent, String head, String name, List<String> docs, List<Field> all, String implemented) {
        List<Field> components = real(all);
        return recordDocs(indent, docs, "The type " + name + ".", components) + indent + head + name + "(" + components(components) + ")" + implemented + " {\n"
            + valueSemantics(indent + "    ", name, components)
            + indent + "    static " + name + " read(" + runtime("BorshReader") + " reader) {\n" + readBody(indent + "        ", name, all) + indent + "    }\n\n"
            + indent + "    void write(" + runtime("BorshWriter") + " writer) {\n" + writeBody(indent + "        ", all) + indent + "    }\n" + indent + "}\n";
    }

    private String plainEnum(String name, List<String> docs, List<Variant> variants) {
        String constants = variants.stream().map(variant -> "    /// " + variant.name() + "\n    " + JavaNames.constant(variant.name()))
            .collect(Collectors.joining(",\n"));
        return docs("", docs.isEmpty() ? List.of("The type " + name + ".") : docs) + "public enum " + name + " {\n" + constants + ";\n\n"
            + "    static " + name + " read(" + runtime("BorshReader") + " reader) {\n        int code = reader.u8();\n        if (code >= values().length) {\n"
            + "            throw new " + runtime("BorshException") + "(\"" + name + " has no variant \" + code);\n        }\n        return values()[code];\n    }\n\n"
            + "    void write(" + runtime("BorshWriter") + " writer) {\n        writer.u8(ordinal());\n    }\n}\n";
    }

    private String choice(String name, List<String> docs, List<Variant> variants) {
        var text = new StringBuilder(docs("", docs.isEmpty() ? List.of("The type " + name + ".") : docs));
        text.append("public sealed interface ").append(name).append(" {\n");
        text.append("    /// Writes the variant's number and fields.\n    void write(").append(runtime("BorshWriter")).append(" writer);\n\n");
        text.append("    /// Reads the variant's number and fields.\n    static ").append(name).append(" read(").append(runtime("BorshReader"))
            .append(" reader) {\n        int code = reader.u8();\n        return switch (code) {\n");
        for (int i = 0; i < variants.size(); i++) {
            text.append("            case ").append(i).append(" -> ").append(JavaNames.type(variants.get(i).name())).append(".readFields(reader);\n");
        }
        text.append("            default -> throw new ").append(runtime("BorshException")).append("(\"").append(name).append(" has no variant \" + code);\n        };\n    }\n");
        for (int i = 0; i < variants.size(); i++) {
            Variant variant = variants.get(i);
            String record = JavaNames.type(variant.name());
            List<Field> components = real(variant.fields());
            text.append('\n').append(recordDocs("    ", List.of(), "The variant " + variant.name() + ".", components)).append("    record ").append(record).append("(")
                .append(components(components)).append(") implements ").append(name).append(" {\n").append(valueSemantics("        ", record, components))
                .append("        static ").append(record).append(" readFields(").append(runtime("BorshReader")).append(" reader) {\n")
                .append(readBody("            ", record, variant.fields())).append("        }\n\n        @Override\n        public void write(")
                .append(runtime("BorshWriter")).append(" writer) {\n            writer.u8(").append(i).append(");\n").append(writeBody("            ", variant.fields()))
                .append("        }\n    }\n");
        }
        return text.append("}\n").toString();
    }

    // --- instructions ------------------------------------------------------------------------------------------------

    private String instructions() {
        String outer = options.prefix() + "Instruction";
        var text = new StringBuilder("/// The instructions of program " + idl.name() + ": each record is one instruction's arguments, with the record of its accounts inside.\n");
        text.append("public sealed interface ").append(outer).append(" {\n");
        text.append("    /// The program's id in the IDL; a deployment may have another.\n    software.sava.core.accounts.PublicKey PROGRAM_ID = ")
            .append("software.sava.core.accounts.PublicKey.fromBase58Encoded(\"").append(idl.address()).append("\");\n\n");
        text.append("    /// The instruction data: discriminator, then the arguments.\n    byte[] encode();\n\n");
        text.append("    /// Reads instruction data; nothing may follow the arguments.\n    ///\n    /// @throws ").append(runtime("BorshException"))
            .append(" when it is no instruction of this program\n    static ").append(outer).append(" decode(byte[] data) {\n");
        for (Idl.Instruction instruction : idl.instructions()) {
            String record = JavaNames.type(instruction.name());
            text.append("        if (").append(record).append(".matches(data)) {\n            return ").append(record).append(".decode(data);\n        }\n");
        }
        text.append("        throw new ").append(runtime("BorshException")).append("(\"no instruction of program ").append(idl.name()).append("\");\n    }\n");
        idl.instructions().forEach(instruction -> text.append('\n').append(instruction(outer, instruction)));
        return text.append("}\n").toString();
    }

    private String instruction(String outer, Idl.Instruction instruction) {
        String record = JavaNames.type(instruction.name());
        List<Field> components = real(instruction.arguments());
        String in = "        ";
        var text = new StringBuilder(recordDocs("    ", instruction.docs(), "The instruction `" + instruction.name() + "`.", components));
        text.append("    record ").append(record).append("(").append(components(components)).append(") implements ").append(outer).append(" {\n");
        text.append(in).append("private static final byte[] DISCRIMINATOR = {").append(bytes(instruction.discriminator())).append("};\n\n");
        text.append(valueSemantics(in, record, components));
        text.append(in).append("static boolean matches(byte[] data) {\n").append(in)
            .append("    return data.length >= DISCRIMINATOR.length && java.util.Arrays.equals(data, 0, DISCRIMINATOR.length, DISCRIMINATOR, 0, DISCRIMINATOR.length);\n")
            .append(in).append("}\n\n");
        text.append(in).append("/// Reads the data of this instruction.\n").append(in).append("public static ").append(record).append(" decode(byte[] data) {\n")
            .append(in).append("    if (!matches(data)) {\n").append(in).append("        throw new ").append(runtime("BorshException"))
            .append("(\"not the data of ").append(instruction.name()).append("\");\n").append(in).append("    }\n")
            .append(in).append("    var reader = new ").append(runtime("BorshReader")).append("(data, DISCRIMINATOR.length, data.length - DISCRIMINATOR.length);\n")
            .append(in).append("    ").append(record).append(" instruction = read(reader);\n").append(in).append("    reader.end();\n").append(in)
            .append("    return instruction;\n").append(in).append("}\n\n");
        text.append(in).append("private static ").append(record).append(" read(").append(runtime("BorshReader")).append(" reader) {\n")
            .append(readBody(in + "    ", record, instruction.arguments())).append(in).append("}\n\n");
        text.append(in).append("@Override\n").append(in).append("public byte[] encode() {\n").append(in).append("    var writer = new ").append(runtime("BorshWriter"))
            .append("(128);\n").append(in).append("    writer.bytes(DISCRIMINATOR, DISCRIMINATOR.length);\n").append(writeBody(in + "    ", instruction.arguments()))
            .append(in).append("    return writer.toByteArray();\n").append(in).append("}\n\n");
        List<AccountItem> given = instruction.accounts().stream().filter(account -> account.address().isEmpty()).toList();
        text.append(in).append("/// The instruction for a transaction.\n").append(in).append("///\n").append(in)
            .append("/// @param program   the program's id\n").append(in).append("/// @param accounts  the accounts it names\n").append(in)
            .append("/// @param remaining accounts behind those, as the instruction's documentation says\n").append(in)
            .append("public software.sava.core.tx.Instruction instruction(software.sava.core.accounts.PublicKey program, Accounts accounts, ")
            .append("java.util.List<software.sava.core.accounts.meta.AccountMeta> remaining) {\n").append(in)
            .append("    var metas = new java.util.ArrayList<>(accounts.metas());\n").append(in).append("    metas.addAll(remaining);\n").append(in)
            .append("    return software.sava.core.tx.Instruction.createInstruction(program, metas, encode());\n").append(in).append("}\n\n");
        text.append(in).append("/// The instruction without further accounts.\n").append(in)
            .append("public software.sava.core.tx.Instruction instruction(software.sava.core.accounts.PublicKey program, Accounts accounts) {\n").append(in)
            .append("    return instruction(program, accounts, java.util.List.of());\n").append(in).append("}\n\n");
        text.append(in).append("/// The accounts, in order; those that can only be one key are left out and filled in.\n");
        if (!given.isEmpty()) {
            text.append(in).append("///\n");
        }
        for (AccountItem account : given) {
            String meaning = Stream.concat(account.docs().stream(), Stream.of((account.signer() ? "signer" : "") + (account.signer() && account.writable() ? ", " : "")
                + (account.writable() ? "writable" : account.signer() ? "" : "read only") + (account.optional() ? "; the program's id for none" : "")))
                .collect(Collectors.joining(" "));
            text.append(in).append("/// @param ").append(JavaNames.value(account.name())).append(' ').append(meaning).append('\n');
        }
        text.append(in).append("public record Accounts(")
            .append(given.stream().map(account -> "software.sava.core.accounts.PublicKey " + JavaNames.value(account.name())).collect(Collectors.joining(", ")))
            .append(") {\n");
        text.append(in).append("    /// How many accounts the instruction has before any further ones.\n").append(in).append("    public static final int COUNT = ")
            .append(instruction.accounts().size()).append(";\n\n");
        text.append(in).append("    /// The accounts as a transaction names them.\n").append(in)
            .append("    public java.util.List<software.sava.core.accounts.meta.AccountMeta> metas() {\n").append(in).append("        return java.util.List.of(");
        var metas = new StringJoiner(",\n" + in + "            ", "\n" + in + "            ", "");
        metas.setEmptyValue("");
        for (AccountItem account : instruction.accounts()) {
            String key = account.address().map(address -> "software.sava.core.accounts.PublicKey.fromBase58Encoded(\"" + address + "\")")
                .orElseGet(() -> JavaNames.value(account.name()));
            metas.add("software.sava.core.accounts.meta.AccountMeta.createMeta(" + key + ", " + account.writable() + ", " + account.signer() + ")");
        }
        text.append(metas).append(");\n").append(in).append("    }\n\n");
        text.append(in).append("    /// Takes the accounts of an instruction seen on chain; further ones are left to the caller.\n").append(in).append("    ///\n").append(in)
            .append("    /// @throws ").append(runtime("BorshException")).append(" when there are too few\n").append(in)
            .append("    public static Accounts of(java.util.List<software.sava.core.accounts.PublicKey> keys) {\n").append(in)
            .append("        if (keys.size() < COUNT) {\n").append(in).append("            throw new ").append(runtime("BorshException")).append("(\"")
            .append(instruction.name()).append(" needs \" + COUNT + \" accounts, has \" + keys.size());\n").append(in).append("        }\n").append(in)
            .append("        return new Accounts(");
        var keys = new StringJoiner(", ");
        for (int i = 0; i < instruction.accounts().size(); i++) {
            if (instruction.accounts().get(i).address().isEmpty()) {
                keys.add("keys.get(" + i + ")");
            }
        }
        text.append(keys).append(");\n").append(in).append("    }\n").append(in).append("}\n    }\n");
        return text.toString();
    }

    // --- events ------------------------------------------------------------------------------------------------------

    private String events() {
        String outer = options.prefix() + "Event";
        var text = new StringBuilder("/// The events of program " + idl.name() + ", which it emits by calling itself.\n");
        text.append("public sealed interface ").append(outer).append(" {\n");
        text.append("    /// What the data of every event's self-call starts with.\n    static byte[] tag() {\n        return new byte[] {").append(EVENT_TAG)
            .append("};\n    }\n\n");
        text.append("    /// The event's name in the IDL.\n    String eventName();\n\n    /// The event's discriminator and fields, without the tag.\n    byte[] encode();\n\n");
        text.append("    /// Reads the data of an inner instruction that calls this program.\n    ///\n    /// @return empty when it is no event but an ordinary instruction\n")
            .append("    /// @throws ").append(runtime("BorshException")).append(" when it is tagged as an event and is none that is known\n")
            .append("    static java.util.Optional<").append(outer).append("> decode(byte[] data) {\n        byte[] tag = tag();\n")
            .append("        if (data.length < tag.length || !java.util.Arrays.equals(data, 0, tag.length, tag, 0, tag.length)) {\n            return java.util.Optional.empty();\n        }\n")
            .append("        return java.util.Optional.of(decodeBody(java.util.Arrays.copyOfRange(data, tag.length, data.length)));\n    }\n\n");
        text.append("    /// Reads an event's discriminator and fields, without the tag.\n    static ").append(outer).append(" decodeBody(byte[] data) {\n");
        for (Discriminated event : idl.events()) {
            String record = JavaNames.type(event.name());
            text.append("        if (").append(record).append(".matches(data)) {\n            return ").append(record).append(".decode(data);\n        }\n");
        }
        text.append("        throw new ").append(runtime("BorshException")).append("(\"unknown event of program ").append(idl.name()).append("\");\n    }\n");
        for (Discriminated event : idl.events()) {
            text.append('\n').append(event(outer, event));
        }
        return text.append("}\n").toString();
    }

    private String event(String outer, Discriminated event) {
        String record = JavaNames.type(event.name());
        List<Field> all = fields(event.name());
        List<Field> components = real(all);
        String in = "        ";
        return recordDocs("    ", idl.types().get(event.name()).docs(), "The event " + event.name() + ".", components)
            + "    record " + record + "(" + components(components) + ") implements " + outer + " {\n"
            + in + "private static final byte[] DISCRIMINATOR = {" + bytes(event.discriminator()) + "};\n\n" + valueSemantics(in, record, components)
            + in + "static boolean matches(byte[] data) {\n" + in
            + "    return data.length >= DISCRIMINATOR.length && java.util.Arrays.equals(data, 0, DISCRIMINATOR.length, DISCRIMINATOR, 0, DISCRIMINATOR.length);\n" + in + "}\n\n"
            + in + "static " + record + " decode(byte[] data) {\n"
            + in + "    var reader = new " + runtime("BorshReader") + "(data, DISCRIMINATOR.length, data.length - DISCRIMINATOR.length);\n"
            + in + "    " + record + " event = read(reader);\n" + in + "    reader.end();\n" + in + "    return event;\n" + in + "}\n\n"
            + in + "private static " + record + " read(" + runtime("BorshReader") + " reader) {\n" + readBody(in + "    ", record, all) + in + "}\n\n"
            + in + "@Override\n" + in + "public String eventName() {\n" + in + "    return \"" + event.name() + "\";\n" + in + "}\n\n"
            + in + "@Override\n" + in + "public byte[] encode() {\n" + in + "    var writer = new " + runtime("BorshWriter") + "(256);\n"
            + in + "    writer.bytes(DISCRIMINATOR, DISCRIMINATOR.length);\n" + writeBody(in + "    ", all) + in + "    return writer.toByteArray();\n" + in + "}\n    }\n";
    }

    // --- errors ------------------------------------------------------------------------------------------------------

    private String errors() {
        String name = options.prefix() + "Error";
        var constants = new ArrayList<String>();
        for (Idl.ErrorCode error : idl.errors()) {
            constants.add("    /// " + error.code() + ": " + error.message() + "\n    " + JavaNames.constant(error.name()) + "(" + error.code() + "L, \"" + error.name() + "\", "
                + quoted(error.message()) + ")");
        }
        return "/// The errors of program " + idl.name() + ", as a failed transaction's custom error numbers.\npublic enum " + name + " implements "
            + runtime("ProgramErrorCode") + " {\n" + String.join(",\n", constants)
            + ";\n\n    private final long code;\n    private final String idlName;\n    private final String message;\n\n"
            + "    " + name + "(long code, String idlName, String message) {\n        this.code = code;\n        this.idlName = idlName;\n        this.message = message;\n    }\n\n"
            + "    @Override\n    public long code() {\n        return code;\n    }\n\n"
            + "    @Override\n    public String idlName() {\n        return idlName;\n    }\n\n"
            + "    @Override\n    public String message() {\n        return message;\n    }\n\n"
            + "    /// The error of a number; empty when the program has none such.\n    public static java.util.Optional<" + name + "> of(long code) {\n"
            + "        for (" + name + " error : values()) {\n            if (error.code == code) {\n                return java.util.Optional.of(error);\n            }\n        }\n"
            + "        return java.util.Optional.empty();\n    }\n}\n";
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                default -> quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
