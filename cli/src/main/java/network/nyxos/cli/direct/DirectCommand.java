package network.nyxos.cli.direct;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** Direct settlements. */
@Command(name = "direct", mixinStandardHelpOptions = true, description = {"Jobs that nodes settled by themselves because nothing was posted (docs/decisions/021): shows their records, voids what is wrong, pays, gives back.",
        "A node settles with `nyxos node settle`."}, subcommands = {ShowDirect.class, DisproveDirect.class, VoidDirect.class, FinishDirect.class, ReturnDirect.class, CloseDirect.class})
public final class DirectCommand extends CommandGroup {
}
