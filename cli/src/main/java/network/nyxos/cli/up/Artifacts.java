package network.nyxos.cli.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import network.nyxos.chain.program.AcceptedPrograms;
import network.nyxos.escrow.crypto.Hash;

/** Built programs in a folder, each checked against the hash that SHA256SUMS has for it before it is used. */
public final class Artifacts {

    private final Path folder;

    /** Those of a folder with {@code registry.so}, {@code escrow.so} and {@code SHA256SUMS}. */
    public Artifacts(Path folder) {
        this.folder = folder;
    }

    /** Those of the repository that this runs from. */
    public static Artifacts ofRepository() {
        String root = System.getenv("NYXOS_ROOT");
        return new Artifacts((root == null ? enclosing(Path.of("").toAbsolutePath()) : Path.of(root)).resolve("onchain/artifacts"));
    }

    // A module's folder, in which its tests run, lies in the repository too.
    private static Path enclosing(Path folder) {
        return Stream.iterate(folder, Objects::nonNull, Path::getParent).filter(each -> Files.isDirectory(each.resolve("onchain/artifacts"))).findFirst().orElse(folder);
    }

    /**
     * Exactly these programs, for the checks that services make at start.
     *
     * @throws StackException as {@link #program}
     */
    public AcceptedPrograms accepted() {
        return new AcceptedPrograms(Set.of(Hash.sha256(program("registry"))), Set.of(Hash.sha256(program("escrow"))));
    }

    /** Where the program's ELF lies. */
    Path path(String name) {
        return folder.resolve(name + ".so");
    }

    /**
     * The program's ELF.
     *
     * @param name {@code registry} or {@code escrow}
     * @throws StackException {@code artifact_mismatch} when its hash is not the committed one, {@code artifact_unreadable}
     */
    public byte[] program(String name) {
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
            throw new StackException("artifact_unreadable", "the built program " + name + ".so or its SHA256SUMS cannot be read from " + folder + "; run onchain/build");
        }
    }
}
