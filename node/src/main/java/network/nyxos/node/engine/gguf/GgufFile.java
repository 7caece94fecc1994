package network.nyxos.node.engine.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.nyxos.node.engine.EngineException;

/**
 * A GGUF file (versions 2 and 3, little-endian), mapped into memory.
 *
 * <p>All of the header is read and checked on opening; a file that lies about a length, an offset or a count fails there
 * with {@code MODEL_FILE_INVALID} and a message that names the place. Tensor data stays mapped until {@link #close()}.
 */
public final class GgufFile implements AutoCloseable {
    private static final int MAGIC = 0x46554747;
    private static final long MAX_ENTRIES = 65_536;
    private static final long MAX_ARRAY = 4_000_000;
    private static final long MAX_STRING = 16L << 20;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * A tensor.
     *
     * @param name    its name
     * @param columns values in a row (the first dimension)
     * @param rows    rows (the product of the other dimensions; 1 for a vector)
     * @param type    its encoding
     * @param data    its bytes, exactly as long as the shape says
     */
    public record Tensor(String name, int columns, int rows, TensorType type, MemorySegment data) {
    }

    private final Arena arena;
    private final MemorySegment bytes;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private long at;

    private GgufFile(Arena arena, MemorySegment bytes) {
        this.arena = arena;
        this.bytes = bytes;
    }

    /** Opens and checks a file. */
    public static GgufFile open(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            GgufFile file = new GgufFile(arena, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            file.readHeader();
            return file;
        } catch (IOException e) {
            arena.close();
            throw new EngineException(EngineException.Code.MODEL_UNAVAILABLE, "cannot read model file " + path + ": " + e.getMessage(), e);
        } catch (EngineException e) {
            arena.close();
            throw new EngineException(e.code(), path.getFileName() + ": " + e.getMessage(), e);
        }
    }

    private void readHeader() {
        if (u32("magic") != MAGIC) {
            throw invalid("is not a GGUF file (wrong magic)");
        }
        int version = u32("version");
        if (version != 2 && version != 3) {
            throw invalid("GGUF version " + Integer.toUnsignedString(version) + " is not supported (2 and 3 are)");
        }
        long tensorCount = count("tensor count", MAX_ENTRIES);
        long entries = count("metadata count", MAX_ENTRIES);
        for (long i = 0; i < entries; i++) {
            String key = string("metadata key " + i);
            Object value = value(u32("type of " + key), key, true);
            if (metadata.put(key, value) != null) {
                throw invalid("metadata key " + key + " appears twice");
            }
        }
        record Header(String name, long columns, long rows, TensorType type, long offset) { }
        List<Header> headers = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            String name = string("name of tensor " + i);
            int dimensions = u32("dimensions of " + name);
            if (dimensions < 1 || dimensions > 4) {
                throw invalid("tensor " + name + " has " + Integer.toUnsignedString(dimensions) + " dimensions (1 to 4 allowed)");
            }
            long columns = dimension(name);
            long rows = 1;
            for (int d = 1; d < dimensions; d++) {
                rows *= dimension(name);
                if (rows > Integer.MAX_VALUE) {
                    throw invalid("tensor " + name + " is too large");
                }
            }
            int typeId = u32("type of " + name);
            TensorType type = TensorType.of(typeId).orElseThrow(() -> invalid("tensor " + name + " has type "
                    + Integer.toUnsignedString(typeId) + "; supported are F32, F16, Q4_0, Q4_1 and Q8_0"));
            headers.add(new Header(name, columns, rows, type, u64("offset of " + name)));
        }
        long alignment = metadata.containsKey("general.alignment") ? integer("general.alignment") : 32;
        if (alignment < 8 || alignment > 65_536 || Long.bitCount(alignment) != 1) {
            throw invalid("general.alignment must be a power of two from 8 to 65536, is " + alignment);
        }
        long base = (at + alignment - 1) / alignment * alignment;
        for (Header header : headers) {
            TensorType type = header.type();
            if (header.columns() % type.blockValues() != 0) {
                throw invalid("tensor " + header.name() + " has rows of " + header.columns() + " values, not whole blocks of " + type.blockValues());
            }
            // Both factors are below 2^31, and a block has at most 34 bytes for 32 values: no overflow in 64 bits.
            long length = header.columns() / type.blockValues() * header.rows() * type.blockBytes();
            if (header.offset() < 0 || header.offset() % alignment != 0) {
                throw invalid("tensor " + header.name() + " starts at " + Long.toUnsignedString(header.offset()) + ", which is not aligned to " + alignment);
            }
            if (header.offset() > bytes.byteSize() - base || length > bytes.byteSize() - base - header.offset()) {
                throw invalid("tensor " + header.name() + " (" + length + " bytes at " + header.offset() + ") reaches beyond the end of the file");
            }
            Tensor tensor = new Tensor(header.name(), (int) header.columns(), (int) header.rows(), type, bytes.asSlice(base + header.offset(), length));
            if (tensors.put(header.name(), tensor) != null) {
                throw invalid("tensor " + header.name() + " appears twice");
            }
        }
    }

    private long dimension(String name) {
        long value = u64("dimensions of " + name);
        if (value < 1 || value > Integer.MAX_VALUE) {
            throw invalid("tensor " + name + " has a dimension of " + Long.toUnsignedString(value));
        }
        return value;
    }

    private Object value(int type, String key, boolean arrays) {
        return switch (type) {
            case 0, 7 -> (long) (take(1, key).get(ValueLayout.JAVA_BYTE, 0) & 0xff);
            case 1 -> (long) take(1, key).get(ValueLayout.JAVA_BYTE, 0);
            case 2 -> (long) (take(2, key).get(U16, 0) & 0xffff);
            case 3 -> (long) take(2, key).get(U16, 0);
            case 4 -> Integer.toUnsignedLong(u32(key));
            case 5 -> (long) u32(key);
            case 6 -> (double) Float.intBitsToFloat(u32(key));
            case 8 -> string(key);
            case 9 -> {
                if (!arrays) {
                    throw invalid(key + " holds arrays of arrays, which no supported model does");
                }
                int element = u32("element type of " + key);
                long length = count("length of " + key, MAX_ARRAY);
                List<Object> list = new ArrayList<>();
                for (long i = 0; i < length; i++) {
                    list.add(value(element, key, false));
                }
                yield List.copyOf(list);
            }
            case 10, 11 -> u64(key);
            case 12 -> Double.longBitsToDouble(u64(key));
            default -> throw invalid(key + " has the unknown value type " + Integer.toUnsignedString(type));
        };
    }

    private String string(String what) {
        long length = count("length of " + what, MAX_STRING);
        MemorySegment slice = take(length, what);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(slice.toArray(ValueLayout.JAVA_BYTE))).toString();
        } catch (CharacterCodingException e) {
            throw invalid(what + " is not UTF-8");
        }
    }

    private long count(String what, long max) {
        long value = u64(what);
        if (value < 0 || value > max) {
            throw invalid(what + " is " + Long.toUnsignedString(value) + ", more than the allowed " + max);
        }
        return value;
    }

    private int u32(String what) {
        return take(4, what).get(U32, 0);
    }

    private long u64(String what) {
        return take(8, what).get(U64, 0);
    }

    private MemorySegment take(long length, String what) {
        if (length > bytes.byteSize() - at) {
            throw invalid("the file ends inside " + what);
        }
        MemorySegment slice = bytes.asSlice(at, length);
        at += length;
        return slice;
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Code.MODEL_FILE_INVALID, message);
    }

    /** A text from the metadata, where there is one. */
    public Optional<String> text(String key) {
        return metadata.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** A text that must be there. */
    public String requireText(String key) {
        return text(key).orElseThrow(() -> invalid("metadata has no text " + key));
    }

    /** Whether the metadata has this key. */
    public boolean has(String key) {
        return metadata.containsKey(key);
    }

    /** An integer that must be there and fit 32 signed bits without being negative. */
    public int integer(String key) {
        if (metadata.get(key) instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw invalid("metadata has no whole number " + key);
    }

    /** A floating-point number that must be there and be finite. */
    public double real(String key) {
        if (metadata.get(key) instanceof Double number && Double.isFinite(number)) {
            return number;
        }
        throw invalid("metadata has no finite number " + key);
    }

    /** A list of texts that must be there. */
    public List<String> texts(String key) {
        return list(key, String.class);
    }

    /** A list of integers that must be there. */
    public List<Long> integers(String key) {
        return list(key, Long.class);
    }

    private <T> List<T> list(String key, Class<T> type) {
        if (metadata.get(key) instanceof List<?> list && list.stream().allMatch(type::isInstance)) {
            return list.stream().map(type::cast).toList();
        }
        throw invalid("metadata has no list " + key);
    }

    /** A tensor, where the file has it. */
    public Optional<Tensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** A tensor that must be there with this shape. */
    public Tensor tensor(String name, int columns, int rows) {
        Tensor tensor = tensor(name).orElseThrow(() -> invalid("tensor " + name + " is missing"));
        if (tensor.columns() != columns || tensor.rows() != rows) {
            throw invalid("tensor " + name + " is " + tensor.columns() + " × " + tensor.rows() + ", must be " + columns + " × " + rows);
        }
        return tensor;
    }

    @Override
    public void close() {
        arena.close();
    }
}
