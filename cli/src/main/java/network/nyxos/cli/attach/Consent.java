package network.nyxos.cli.attach;

import java.io.PrintWriter;
import java.util.List;
import network.nyxos.cli.up.StackException;
import picocli.CommandLine.Option;

/** The rule that nothing which cannot be taken back is done before what will hold was told and agreed to. */
public final class Consent {

    @Option(names = "--yes", description = "Do what is told. Without it nothing is sent.")
    private boolean yes;

    /**
     * Tells what will hold, and asks.
     *
     * @throws StackException {@code yes_missing}
     */
    public void ask(PrintWriter out, List<String> what) {
        what.forEach(out::println);
        out.flush();
        require(yes);
    }

    /**
     * As {@link #ask} where everything was told already.
     *
     * @throws StackException {@code yes_missing}
     */
    public static void require(boolean agreed) {
        if (!agreed) {
            throw new StackException("yes_missing", "nothing was sent; run it again with --yes to do what is written above");
        }
    }
}
