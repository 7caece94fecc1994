package network.nyxos.cli.attach;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import network.nyxos.attestation.policy.Policy;

/** Policies that a person names: YAML by a name that ends in .yaml or .yml, JSON by any other. */
public final class PolicyFile {

    private PolicyFile() {
    }

    /**
     * Reads a policy for evidence of CPUs.
     *
     * @throws network.nyxos.cli.up.StackException           {@code file_unreadable}
     * @throws network.nyxos.attestation.AttestationException with what is wrong in it
     */
    public static Policy read(Path file) {
        return read(file, Policy::fromJson, Policy::fromYaml);
    }

    /** Reads a policy of another kind, likewise. */
    public static <T> T read(Path file, Function<String, T> json, Function<String, T> yaml) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String text = new String(InputFiles.bytes(file), StandardCharsets.UTF_8);
        return (name.endsWith(".yaml") || name.endsWith(".yml") ? yaml : json).apply(text);
    }
}
