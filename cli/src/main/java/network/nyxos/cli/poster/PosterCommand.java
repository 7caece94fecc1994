package network.nyxos.cli.poster;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** A poster's bond. */
@Command(name = "poster", mixinStandardHelpOptions = true, description = {"The bond of who posts a market's batches, which a challenge takes (docs/decisions/020).", "The market's operator posts; --wallet is its key."},
        subcommands = {BondPoster.class, UnbondPoster.class, WithdrawPoster.class, ShowPoster.class})
public final class PosterCommand extends CommandGroup {
}
