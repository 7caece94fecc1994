package network.nyxos.chain.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import network.nyxos.escrow.crypto.Hash;

/// A program's ELF file. On chain it is padded with zeros up to the length that was reserved for it; here it is without them, so that its hash is the built
/// file's hash.
public final class ProgramCode {
    private static final byte[] MAGIC = {0x7F, 'E', 'L', 'F', 2, 1};
    private static final int HEADER = 64;

    private final byte[] elf;
    private final Hash hash;

    private ProgramCode(byte[] elf) {
        this.elf = elf;
        this.hash = Hash.sha256(elf);
    }

    /// A built file.
    public static ProgramCode ofFile(byte[] elf) {
        return new ProgramCode(elf.clone());
    }

    /// What an account holds. An ELF file may itself end in zeros, so its end is where its section headers end; whatever is not zero behind that end belongs to
    /// the code as well, because nothing that lies on chain may escape the hash.
    public static ProgramCode ofAccount(byte[] padded) {
        int used = padded.length;
        while (used > 0 && padded[used - 1] == 0) {
            used--;
        }
        return new ProgramCode(Arrays.copyOf(padded, Math.max(used, sectionsEnd(padded))));
    }

    private static int sectionsEnd(byte[] bytes) {
        if (bytes.length < HEADER || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return 0;
        }
        var header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long offset = header.getLong(40);
        int sections = Short.toUnsignedInt(header.getShort(58)) * Short.toUnsignedInt(header.getShort(60));
        return offset >= 0 && offset <= bytes.length - (long) sections ? Math.toIntExact(offset + sections) : 0;
    }

    /// A copy of the file's bytes.
    public byte[] bytes() {
        return elf.clone();
    }

    /// Its length in bytes.
    public int length() {
        return elf.length;
    }

    /// The file's SHA-256, as `SHA256SUMS` has it.
    public Hash hash() {
        return hash;
    }

    /// Whether it is the same file.
    @Override
    public boolean equals(Object other) {
        return other instanceof ProgramCode that && Arrays.equals(elf, that.elf);
    }

    @Override
    public int hashCode() {
        return hash.hashCode();
    }

    @Override
    public String toString() {
        return "ProgramCode[" + elf.length + " bytes, " + hash + "]";
    }
}
