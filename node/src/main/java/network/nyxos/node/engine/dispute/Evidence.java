package network.nyxos.node.engine.dispute;

import java.io.ByteArrayOutputStream;
import java.util.List;
import network.nyxos.escrow.crypto.Hash;
import network.nyxos.node.engine.int8.WeightsTree;

/** Openings one after another, as docs/disputes.md writes them. */
final class Evidence {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** {@code length u16 ‖ bytes}. */
    Evidence part(byte[] bytes) {
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("a part of evidence has at most 65535 bytes, this has " + bytes.length);
        }
        out.write(bytes.length);
        out.write(bytes.length >> 8);
        return raw(bytes);
    }

    /** {@code steps u8 ‖ hash each}. */
    Evidence path(List<Hash> path) {
        out.write(path.size());
        path.forEach(hash -> out.writeBytes(hash.bytes()));
        return this;
    }

    /** A leaf of the model. */
    Evidence weights(WeightsTree model, int index) {
        return part(model.leaf(index)).path(model.path(index));
    }

    /** All chunks of a vector. */
    Evidence whole(ChunkVector vector) {
        for (int c = 0; c < vector.size(); c++) {
            part(vector.chunk(c));
        }
        return this;
    }

    Evidence number(int value) {
        return raw(Layout.bytes(Integer.BYTES).putInt(value).array());
    }

    Evidence raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
