package network.nyxos.cli.validator;

import java.util.List;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.Mint;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.token.Tokens;
import picocli.CommandLine.Command;

/** Takes a bond back. */
@Command(name = "withdraw", mixinStandardHelpOptions = true, sortOptions = false, description = "Pays a validator's bond, or what a slash left of it, out to its operator when the unbonding time is over.")
final class WithdrawValidator extends Answering {

    @Override
    void run(Standing validator, Keypair operator) {
        if (validator.state() == BondState.WITHDRAWN || validator.state() == BondState.SLASHED && validator.account().bond() == 0) {
            out().println("nothing to withdraw: the validator is " + validator.state() + ", its bond is 0");
            return;
        }
        if (validator.state() == BondState.ACTIVE) {
            throw new StackException("unbond_not_requested", "validator " + validator.key() + " is active: `nyxos validator unbond` comes first");
        }
        if (validator.slot() < validator.account().unbondSlot()) {
            throw new StackException("withdraw_too_early", validator.bond() + " can be withdrawn from " + Slots.from(validator.account().unbondSlot(), validator.slot()));
        }
        Mint bond = validator.registry().bond();
        Keypair fees = feePayer();
        Signature signature = validator.chain().send("withdraw the bond of validator " + validator.key(), List.of(
                Tokens.createAssociated(fees.publicKey(), operator.publicKey(), bond.address(), bond.tokenProgram()),
                validator.registry().calls().withdrawValidatorBond(operator.publicKey(), validator.key())), fees, operator);
        done(validator.bond() + " paid to " + operator.publicKey(), signature);
    }
}
