package network.nyxos.cli.agent;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import network.nyxos.cli.attach.Attachment;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.attach.Foreground;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.gateway.client.PayingProxy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Pays for clients that cannot. */
@Command(name = "proxy", mixinStandardHelpOptions = true, sortOptions = false, description = {"Stands between a gateway and clients of OpenAI's API on this machine, and pays for what they ask, until Ctrl-C.",
        "An editor, a script or a framework is told the base URL and the key that are printed, and nothing else. Whoever has the key spends from the wallet, up to the budget."})
public final class ProxyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Attachment attachment;

    @Option(names = "--wallet", paramLabel = "FILE", description = "The wallet that pays; it needs tokens and no SOL (default: the stack's agent).")
    private Optional<Path> wallet = Optional.empty();

    @Option(names = "--mint", paramLabel = "MINT", defaultValue = "usdc", description = "usdc, nyxos or an address (default: ${DEFAULT-VALUE}).")
    private String mint;

    @Option(names = "--budget", paramLabel = "AMOUNT", required = true, description = "The most that is spent until it ends.")
    private String budget;

    @Option(names = "--most", paramLabel = "AMOUNT", description = "The most that one request may cost (default: the budget).")
    private Optional<String> most = Optional.empty();

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "Its port, on 127.0.0.1 alone; 0: any free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Override
    public Integer call() {
        Mint paid = attachment.terms(mint);
        long all = Decimals.parsePositive(budget, paid);
        var limits = new PayingProxy.Budget(most.map(text -> Decimals.parsePositive(text, paid)).orElse(all), all);
        PrintWriter out = spec.commandLine().getOut();
        try (var foreground = Foreground.begin(); PayingProxy proxy = start(paid, limits)) {
            out.println("base URL   " + proxy.baseUrl());
            out.println("API key    " + proxy.key());
            out.println("budget     " + paid.text(all) + ", a request at most " + paid.text(limits.perCall()));
            out.println("Up until Ctrl-C.");
            out.flush();
            foreground.await();
            out.println("left       " + paid.text(proxy.left()));
            out.flush();
        }
        return 0;
    }

    private PayingProxy start(Mint paid, PayingProxy.Budget limits) {
        if (port < 0 || port > 65_535) {
            throw new StackException("port_range", "--port is 0 to 65535, not " + port);
        }
        try {
            return PayingProxy.start(attachment.gateway(), attachment.wallet(wallet), paid.address(), limits, port);
        } catch (UncheckedIOException e) {
            throw new StackException("port_taken", e.getMessage());
        }
    }
}
