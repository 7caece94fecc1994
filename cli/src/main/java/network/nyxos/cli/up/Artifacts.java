package network.nyxos.cli.up;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import network.nyxos.escrow.crypto.Hash;

/** The built programs of the repository, each checked against the committed hash before it is deployed. */
final class Artifacts {

    private final Path folder;

    Artifacts(Path repository) {
        this.folder = repository.resolve("onchain/artifacts");
    }

    /** Where the program's ELF lies. */
    Path path(String name) {
        return folder.resolve(name + ".so");
    }

    /**
     * The program's ELF.
     *
     * @throws StackException {@code artifact_mismatch} when its hash is not the committed one
     */
    byte[] program(String name) {
        try {
            byte[] elf = Files.readAllBytes(path(name));
            String hash = Hash.sha256(elf).hex();
            boolean known = Files.readAllLines(folder.resolve("SHA256SUMS")).stream().anyMatch(line -> line.equals(hash + "  " + name + ".so"));
            if (!known) {
                throw new StackException("artifact_mismatch", name + ".so has SHA-256 " + hash + ", which " + folder.resolve("SHA256SUMS")
                        + " does not name; restore the file or run onchain/build");
            }
            return elf;
        } catch (IOException e) {
            throw new UncheckedIOException("the built program " + name + " cannot be read from " + folder, e);
        }
    }
}
