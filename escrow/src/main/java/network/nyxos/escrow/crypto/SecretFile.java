package network.nyxos.escrow.crypto;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/// Files that only their owner may read.
public final class SecretFile {
    private SecretFile() {
    }

    /// Writes a new file (0600), with the folders above it. Never overwrites.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException when it exists
    /// @throws IOException                              when it cannot be written
    public static void create(Path file, byte[] content) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent(), "folder"));
        // Created with its permissions: there is no moment in which others could open it.
        try (var channel = Files.newByteChannel(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            channel.write(ByteBuffer.wrap(content));
        }
    }
}
