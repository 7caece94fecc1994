package network.nyxos.cli.agent;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which bearer key a command is about. */
final class BearerKeyChoice {

    @Option(names = "--key", paramLabel = "FILE", description = "The bearer key (default: WALLET-credits.key beside the wallet).")
    private Optional<Path> key = Optional.empty();

    /** @param wallet the wallet's file */
    Path file(Path wallet) {
        return key.orElseGet(() -> BearerKeyFile.beside(wallet));
    }
}
