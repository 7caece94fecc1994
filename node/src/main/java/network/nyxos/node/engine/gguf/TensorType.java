package network.nyxos.node.engine.gguf;

import java.util.Optional;

/** The tensor encodings this project reads. */
public enum TensorType {
    /** 32-bit floats. */
    F32(0, 1, 4),
    /** 16-bit floats. */
    F16(1, 1, 2),
    /** 32 values: scale f16, 16 bytes of 4-bit codes; value = scale · (code − 8). */
    Q4_0(2, 32, 18),
    /** 32 values: scale f16, minimum f16, 16 bytes of 4-bit codes; value = scale · code + minimum. */
    Q4_1(3, 32, 20),
    /** 32 values: scale f16, 32 signed bytes; value = scale · code. */
    Q8_0(8, 32, 34);

    private final int id;
    private final int blockValues;
    private final int blockBytes;

    TensorType(int id, int blockValues, int blockBytes) {
        this.id = id;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
    }

    static Optional<TensorType> of(int id) {
        for (TensorType type : values()) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Values in one block. */
    public int blockValues() {
        return blockValues;
    }

    /** Bytes of one block. */
    public int blockBytes() {
        return blockBytes;
    }
}
