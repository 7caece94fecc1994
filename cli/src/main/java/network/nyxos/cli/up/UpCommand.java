package network.nyxos.cli.up;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The whole system on this machine, and the main job done on it. */
@Command(name = "up", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Starts the whole system on this machine and does the main job on it: paid requests, verification, a batch, claims, a refund.",
                "Keys, attestation root and mints are made here for development; nothing of it holds value anywhere else."})
public final class UpCommand implements Callable<Integer> {

    @Mixin
    private UpOptions options;

    @Override
    public Integer call() {
        options.check();
        var steps = new Steps(options.json ? System.err : System.out, System.console() != null && System.console().isTerminal());
        return 0;
    }
}
