package network.nyxos.chain.program;

import java.util.List;
import java.util.Optional;
import network.nyxos.escrow.borsh.BorshReader;
import software.sava.core.accounts.PublicKey;

/// The upgradeable loader's accounts. Layouts (bincode): `tag u32`, then
///
/// | tag | account | fields | then |
/// |---|---|---|---|
/// | 1 | buffer | `authority option<pubkey>` (33 bytes) | code, from byte 37 |
/// | 2 | program | `data pubkey` | nothing; 36 bytes in all |
/// | 3 | program data | `slot u64, authority option<pubkey>` (33 bytes) | code, from byte 45 |
public final class Loader {
    /// The upgradeable loader.
    public static final PublicKey UPGRADEABLE = PublicKey.fromBase58Encoded("BPFLoaderUpgradeab1e11111111111111111111111");
    /// The loader before it, whose programs never change and hold their code themselves.
    public static final PublicKey FINAL = PublicKey.fromBase58Encoded("BPFLoader2111111111111111111111111111111111");
    /// Bytes of a buffer before its code.
    public static final int BUFFER_HEADER = 37;
    /// Bytes of a program's data before its code.
    public static final int DATA_HEADER = 45;
    /// Bytes of a program's own account.
    public static final int PROGRAM_SIZE = 36;
    /// The most bytes that an account may have.
    public static final int MAX_ACCOUNT = 10 << 20;

    private static final int BUFFER = 1;
    private static final int PROGRAM = 2;
    private static final int DATA = 3;

    private Loader() {
    }

    /// Where a program's code lies.
    public static PublicKey dataAddress(PublicKey program) {
        return PublicKey.findProgramAddress(List.of(program.toByteArray()), UPGRADEABLE).publicKey();
    }

    /// The header of a buffer or of a program's data.
    ///
    /// @param slot      when it was last written by a deployment; 0 for a buffer
    /// @param authority who may change it; empty: nobody any more
    record Header(long slot, Optional<PublicKey> authority) {
    }

    /// Reads a buffer's header; empty when it is none.
    static Optional<Header> bufferHeader(byte[] data) {
        if (data.length < BUFFER_HEADER) {
            return Optional.empty();
        }
        var reader = new BorshReader(data);
        return reader.u32() == BUFFER ? Optional.of(new Header(0, authority(reader))) : Optional.empty();
    }

    /// Reads the header of a program's data; empty when it is none.
    static Optional<Header> dataHeader(byte[] data) {
        if (data.length < DATA_HEADER) {
            return Optional.empty();
        }
        var reader = new BorshReader(data);
        return reader.u32() == DATA ? Optional.of(new Header(reader.u64(), authority(reader))) : Optional.empty();
    }

    /// The address of the data that a program's own account names; empty when it is no program.
    static Optional<PublicKey> dataOf(byte[] data) {
        if (data.length < PROGRAM_SIZE) {
            return Optional.empty();
        }
        var reader = new BorshReader(data);
        return reader.u32() == PROGRAM ? Optional.of(reader.publicKey()) : Optional.empty();
    }

    private static Optional<PublicKey> authority(BorshReader reader) {
        return reader.u8() == 0 ? Optional.empty() : Optional.of(reader.publicKey());
    }
}
