package network.nyxos.cli.provider;

import java.nio.file.Path;
import java.util.Optional;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.ConfigFile;
import network.nyxos.escrow.crypto.Keypair;

/** Whose wallet puts up the stake where a node disputes a receipt that it replayed otherwise. */
sealed interface AccuserChoice {

    /** The operator's. */
    record Operator() implements AccuserChoice {
    }

    /** Nobody's: the node opens no disputes. */
    record None() implements AccuserChoice {
    }

    /** One of its own. */
    record Own(Path file) implements AccuserChoice {
    }

    /** Reads {@code accuser}. */
    static AccuserChoice of(ConfigFile config) {
        return switch (config.optional("accuser").orElse("operator")) {
            case "operator" -> new Operator();
            case "none" -> new None();
            case String file -> new Own(Path.of(file));
        };
    }

    /** The wallet; empty where there is none. */
    default Optional<Keypair> wallet(Keypair operator) {
        return switch (this) {
            case Operator() -> Optional.of(operator);
            case None() -> Optional.empty();
            case Own(Path file) -> Optional.of(Attachment.keypair(file));
        };
    }
}
