package network.nyxos.cli.upkeep;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Lookup tables. */
@Command(name = "table", mixinStandardHelpOptions = true, description = {"Makes, lists and closes lookup tables of a market's accounts.",
        "A claim in a pool of more than some 65,000 payees fits into a transaction only with one. The operator's serves its relayer and everybody who claims; anybody can make one of their own."},
        subcommands = {MakeTable.class, ListTables.class, CloseTable.class})
public final class TableCommand extends CommandGroup {
}
