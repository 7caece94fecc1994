package network.nyxos.cli.governance;

import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.CommandGroup;

/** The command above those that govern a market or a registry. */
abstract class Governance extends CommandGroup {

    /** What its commands govern, as the chain has it. */
    abstract Governed governed(ChainSession chain);
}
