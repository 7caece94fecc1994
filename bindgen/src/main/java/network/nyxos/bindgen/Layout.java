package network.nyxos.bindgen;

import java.util.List;
import java.util.OptionalInt;
import network.nyxos.bindgen.Idl.Field;
import network.nyxos.bindgen.Idl.Struct;
import network.nyxos.bindgen.Idl.Type;
import network.nyxos.bindgen.Idl.TypeDefinition;

/// Sizes and places of values whose size does not depend on their content.
final class Layout {
    private Layout() {
    }

    /// Bytes that every value of the type takes; empty when it depends on the value.
    static OptionalInt size(Idl idl, Type type) {
        return switch (type) {
            case Idl.Primitive primitive -> primitive.size() == 0 ? OptionalInt.empty() : OptionalInt.of(primitive.size());
            case Idl.Vector _, Idl.Option _ -> OptionalInt.empty();
            case Idl.FixedOption(Type element) -> {
                OptionalInt value = size(idl, element);
                yield value.isEmpty() ? value : OptionalInt.of(Math.addExact(Integer.BYTES, value.getAsInt()));
            }
            case Idl.Array(Type element, int length) -> {
                OptionalInt one = size(idl, element);
                yield one.isEmpty() ? one : OptionalInt.of(Math.multiplyExact(one.getAsInt(), length));
            }
            case Idl.Defined(String name) when idl.types().get(name).custom() -> OptionalInt.empty();
            case Idl.Defined(String name) -> switch (idl.types().get(name).shape()) {
                case Struct(List<Field> fields) -> size(idl, fields);
                case Idl.Choice(var variants) -> variants.stream().allMatch(variant -> variant.fields().isEmpty()) ? OptionalInt.of(1) : OptionalInt.empty();
            };
        };
    }

    static OptionalInt size(Idl idl, List<Field> fields) {
        int sum = 0;
        for (Field field : fields) {
            OptionalInt one = size(idl, field.type());
            if (one.isEmpty()) {
                return one;
            }
            sum = Math.addExact(sum, one.getAsInt());
        }
        return OptionalInt.of(sum);
    }

    /// A C struct may have padding that no field shows; reading it field by field would then go wrong from there on.
    static void checkNoHiddenPadding(Idl idl, TypeDefinition type) {
        if (!(type.shape() instanceof Struct(List<Field> fields))) {
            return;
        }
        int offset = 0;
        int widest = 1;
        for (Field field : fields) {
            int alignment = alignment(idl, field.type());
            widest = Math.max(widest, alignment);
            int at = offset;
            if (at % alignment != 0) {
                throw new IdlException(type.name() + "." + field.name(), "stands at offset " + at + ", where a C struct pads; spell the padding out as a field");
            }
            offset += size(idl, field.type()).orElseThrow(() -> new IdlException(type.name() + "." + field.name(), "has no fixed size"));
        }
        if (offset % widest != 0) {
            throw new IdlException(type.name(), "ends at offset " + offset + ", where a C struct pads; spell the padding out as a field");
        }
    }

    private static int alignment(Idl idl, Type type) {
        return switch (type) {
            case Idl.Primitive primitive -> primitive == Idl.Primitive.PUBKEY ? 1 : Math.max(1, primitive.size());
            case Idl.Array(Type element, int _) -> alignment(idl, element);
            case Idl.FixedOption(Type element) -> Math.max(Integer.BYTES, alignment(idl, element));
            case Idl.Defined(String name) when idl.types().get(name).shape() instanceof Struct(List<Field> fields) ->
                fields.stream().mapToInt(field -> alignment(idl, field.type())).max().orElse(1);
            case Idl.Defined _, Idl.Vector _, Idl.Option _ -> 1;
        };
    }
}
