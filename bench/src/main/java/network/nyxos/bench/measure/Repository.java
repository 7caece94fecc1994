package network.nyxos.bench.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The work tree that this runs in. */
public final class Repository {

    private Repository() {
    }

    /** Its root, where this runs in one. */
    public static Optional<Path> find() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent).filter(path -> Files.exists(path.resolve("onchain"))).findFirst();
    }

    /**
     * A folder of it.
     *
     * @throws IllegalStateException where this runs elsewhere
     */
    public static Path folder(String name) {
        return find().map(root -> root.resolve(name)).orElseThrow(() -> new IllegalStateException(name + " is not here: run in the repository"));
    }
}
