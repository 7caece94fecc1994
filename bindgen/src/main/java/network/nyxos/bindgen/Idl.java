package network.nyxos.bindgen;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A program's IDL. Names are as in the file; docs are lines.
///
/// @param address      the program's id in base58
/// @param name         the program's name
/// @param docs         what the program is
/// @param instructions in the order of the file
/// @param accounts     account types, whose fields are in `types`
/// @param events       event types, whose fields are in `types`
/// @param errors       the program's own errors
/// @param types        every named type
public record Idl(String address, String name, List<String> docs, List<Instruction> instructions, List<Discriminated> accounts, List<Discriminated> events,
                  List<ErrorCode> errors, Map<String, TypeDefinition> types) {

    /// @param discriminator what the instruction data starts with
    /// @param accounts      in order
    /// @param arguments     in order
    public record Instruction(String name, List<String> docs, byte[] discriminator, List<AccountItem> accounts, List<Field> arguments) {
    }

    /// @param address  the one key it can be, where the IDL fixes it
    /// @param optional whether the program id may stand in its place for "none"
    public record AccountItem(String name, List<String> docs, boolean writable, boolean signer, boolean optional, Optional<String> address) {
    }

    /// An account or event: a type that a discriminator leads to. An account's may be empty: then its size tells it.
    public record Discriminated(String name, byte[] discriminator) {
    }

    /// @param code the number that a failed transaction shows
    public record ErrorCode(long code, String name, String message) {
    }

    /// A field or argument.
    public record Field(String name, List<String> docs, Type type) {
    }

    /// A named type.
    ///
    /// @param packed whether its bytes are those of a C struct and not Borsh; the two are read alike, because padding must be spelled out
    /// @param custom whether its bytes are made in a way of its own: then its class is written by hand, with `read` and `write` as generated ones have them
    public record TypeDefinition(String name, List<String> docs, boolean packed, boolean custom, Shape shape) {
    }

    /// What a named type is made of.
    public sealed interface Shape {
    }

    /// Fields one after the other.
    public record Struct(List<Field> fields) implements Shape {
    }

    /// One of several variants; a byte says which.
    public record Choice(List<Variant> variants) implements Shape {
    }

    /// A variant with its fields, none for a plain one.
    public record Variant(String name, List<Field> fields) {
    }

    /// The type of a value.
    public sealed interface Type {
    }

    /// Types without parameters.
    public enum Primitive implements Type {
        BOOL(1), U8(1), I8(1), U16(2), I16(2), U32(4), I32(4), U64(8), I64(8), U128(16), I128(16), F32(4), F64(8), PUBKEY(32), STRING(0), BYTES(0);

        private final int size;

        Primitive(int size) {
            this.size = size;
        }

        /// Bytes; 0 where the value decides.
        int size() {
            return size;
        }
    }

    /// A u32 length and the elements.
    public record Vector(Type element) implements Type {
    }

    /// A byte and, where it is 1, the value.
    public record Option(Type element) implements Type {
    }

    /// A u32 of 0 or 1 and the value's bytes, which mean nothing where it is 0: of programs that do not write Borsh, as SPL Token.
    public record FixedOption(Type element) implements Type {
    }

    /// Always the same number of elements.
    public record Array(Type element, int length) implements Type {
    }

    /// A named type of the same IDL.
    public record Defined(String name) implements Type {
    }
}
