package network.nyxos.cli.attach;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.nyxos.cli.up.StackException;

/** Files that a person asks for. */
public final class OutputFiles {

    private OutputFiles() {
    }

    /**
     * Writes a file, with its folder where there is none.
     *
     * @param option that named it, for the message
     * @throws StackException {@code file_unwritable}
     */
    public static void write(Path file, byte[] content, String option) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new StackException("file_unwritable", file + " cannot be written; look at the folder that " + option + " names");
        }
    }
}
