package network.nyxos.cli.serve;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Runs services. */
@Command(name = "serve", mixinStandardHelpOptions = true, description = {"Runs one service of a market until Ctrl-C, as a properties file says.",
        "Verifiers, relayer, gateways and indexer may belong to different people, on different machines; `nyxos node run` runs a node. docs/operations.md lists the keys."},
        subcommands = {ServeVerifier.class, ServeRelayer.class, ServeGateway.class, ServeIndexer.class})
public final class ServeCommand extends CommandGroup {
}
