package network.nyxos.cli.validator;

import network.nyxos.cli.attach.CommandGroup;
import picocli.CommandLine.Command;

/** A validator's bond. */
@Command(name = "validator", mixinStandardHelpOptions = true, description = {"Takes a validator on and off the market's registry, and shows those that are on it.",
        "Who vouches for work by its verdicts has a bond there; its operator owns the bond, its key signs the verdicts."},
        subcommands = {RegisterValidator.class, BondValidator.class, UpdateValidator.class, UnbondValidator.class, WithdrawValidator.class, CloseValidator.class, ShowValidators.class})
public final class ValidatorCommand extends CommandGroup {
}
