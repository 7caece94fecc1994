package network.nyxos.cli.attach;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share that act in a wallet's name. */
public abstract class Sending implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--wallet", paramLabel = "FILE", description = "The wallet that acts (default: the stack's agent).")
    private Optional<Path> wallet = Optional.empty();

    @Option(names = "--fee-payer", paramLabel = "FILE", description = "The wallet that pays fee and rent (default: --wallet).")
    private Optional<Path> feePayer = Optional.empty();

    /** Where everything is. */
    protected final Attachment attachment() {
        return attachment;
    }

    /** The file of the wallet that acts. */
    protected final Path walletFile() {
        return attachment.walletFile(wallet);
    }

    /** The wallet that acts. */
    protected final Keypair wallet() {
        return attachment.wallet(wallet);
    }

    /** The wallet that pays fee and rent. */
    protected final Keypair feePayer() {
        return feePayer.map(Attachment::keypair).orElseGet(this::wallet);
    }

    /** Standard output: what was asked for. */
    protected final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Says what was done and where. */
    protected final void done(String what, Signature signature) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(what + ", transaction " + signature);
        err.flush();
    }

    @Override
    public final Integer call() {
        try (ChainSession chain = attachment.chain()) {
            run(chain);
        }
        out().flush();
        return 0;
    }

    /** Does it. */
    protected abstract void run(ChainSession chain);
}
