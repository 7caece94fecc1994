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
    public Integer call() throws InterruptedException {
        return StackRun.of(options, (stack, steps) -> {
            ClosingTable table = new MainJob(stack).run();
            if (options.json) {
                System.out.println(table.json().toPrettyString());
            } else {
                steps.text(table.text());
            }
            return table.balances();
        });
    }
}
