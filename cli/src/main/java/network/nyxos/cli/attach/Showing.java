package network.nyxos.cli.attach;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that reads the chain and shows what it finds. Needs no key. */
public abstract class Showing implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--json", description = "Print it as JSON; amounts are base units.")
    private boolean json;

    /** Where everything is. */
    protected final Attachment attachment() {
        return attachment;
    }

    @Override
    public final Integer call() {
        try (ChainSession chain = attachment.chain()) {
            show(chain, spec.commandLine().getOut(), json);
        }
        return 0;
    }

    /** Reads it and shows it. */
    protected abstract void show(ChainSession chain, PrintWriter out, boolean json);
}
