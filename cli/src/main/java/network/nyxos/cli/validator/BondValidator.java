package network.nyxos.cli.validator;

import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Decimals;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Adds to a bond. */
@Command(name = "bond", mixinStandardHelpOptions = true, sortOptions = false, description = "Adds to a validator's bond. --wallet is its operator's.")
final class BondValidator extends Answering {

    @Parameters(paramLabel = "AMOUNT", description = "What to add, for example 1.5.")
    private String amount;

    @Override
    void run(Standing validator, Keypair operator) {
        long more = Decimals.parsePositive(amount, validator.registry().bond());
        validator.require(BondState.ACTIVE, "only an active validator takes more bond");
        if (validator.registry().state().paused() != 0) {
            throw new StackException("registry_paused", "registry " + validator.registry().config() + " is paused and takes no bond; nothing was sent");
        }
        validator.chain().require(operator.publicKey(), validator.registry().bond(), "the bond", more);
        Signature signature = validator.send("add to the bond of validator", validator.registry().calls().addValidatorBond(operator.publicKey(), validator.key(), more), feePayer(), operator);
        done(validator.registry().bond().text(more) + " added, the bond is " + validator.now().bond(), signature);
    }
}
