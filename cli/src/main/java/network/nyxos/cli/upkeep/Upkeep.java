package network.nyxos.cli.upkeep;

import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sending;
import picocli.CommandLine.Option;

/** A command about one pool. */
abstract class Upkeep extends Sending {

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Override
    protected final void run(ChainSession chain) {
        run(PoolAt.of(chain, attachment().mint(mint)));
    }

    /** Does it. */
    abstract void run(PoolAt pool);
}
