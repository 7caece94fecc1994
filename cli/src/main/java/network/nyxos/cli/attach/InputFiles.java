package network.nyxos.cli.attach;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.nyxos.cli.up.StackException;

/** Files that a person names. */
public final class InputFiles {

    private InputFiles() {
    }

    /**
     * Reads a whole file.
     *
     * @throws StackException {@code file_unreadable}
     */
    public static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new StackException("file_unreadable", file + " cannot be read");
        }
    }
}
