package network.nyxos.cli.validator;

import network.nyxos.cli.attach.BondState;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;

/** Closes a validator's account. */
@Command(name = "close", mixinStandardHelpOptions = true, sortOptions = false, description = "Closes the account of a validator that has its bond back; its rent goes to who paid it, and its key can be registered anew.")
final class CloseValidator extends Answering {

    @Override
    void run(Standing validator, Keypair operator) {
        validator.require(BondState.WITHDRAWN, validator.state() == BondState.SLASHED ? "it stays as a record, for ever" : "`nyxos validator unbond` and `nyxos validator withdraw` come first");
        Signature signature = validator.send("close validator", validator.registry().calls().closeValidator(operator.publicKey(), validator.key(), validator.account().rentPayer()), feePayer(), operator);
        done("closed, its rent went to " + validator.account().rentPayer(), signature);
    }
}
