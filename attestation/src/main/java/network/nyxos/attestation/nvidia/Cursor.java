package network.nyxos.attestation.nvidia;

import network.nyxos.attestation.AttestationException;
import network.nyxos.attestation.Bytes;

/** Reads forward through {@code source}, never past its end. Integers are little-endian. */
final class Cursor {
    private final Bytes source;
    private final String name;
    private final String code;
    private int at;

    Cursor(Bytes source, String name, String code) {
        this.source = source;
        this.name = name;
        this.code = code;
    }

    Bytes take(int length, String what) {
        if (length > source.size() - at) {
            throw new AttestationException(code, "the " + name + " ends inside its " + what + ": at byte " + at + " " + length
                    + " bytes are needed, " + (source.size() - at) + " are there");
        }
        Bytes taken = source.slice(at, length);
        at += length;
        return taken;
    }

    int u8(String what) {
        return take(1, what).u8(0);
    }

    int u16(String what) {
        return take(2, what).u16(0);
    }

    int u24(String what) {
        Bytes three = take(3, what);
        return three.u16(0) | three.u8(2) << 16;
    }

    int at() {
        return at;
    }

    boolean atEnd() {
        return at == source.size();
    }

    void requireEnd() {
        if (!atEnd()) {
            throw new AttestationException(code, (source.size() - at) + " bytes are left over behind the " + name);
        }
    }
}
