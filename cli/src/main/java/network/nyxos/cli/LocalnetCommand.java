package network.nyxos.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import network.nyxos.localnet.Localnet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** The local chain alone. */
@Command(name = "localnet", description = "Runs a local Solana chain alone (its own options: nyxos localnet --help).", addMethodSubcommands = false)
final class LocalnetCommand implements Callable<Integer> {

    // The module has a command line of its own, so that it can be used without this one.
    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        Localnet.main(arguments.toArray(String[]::new));
        return 0;
    }
}
