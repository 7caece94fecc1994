package network.nyxos.cli.validator;

import java.util.List;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.Consent;
import network.nyxos.cli.attach.Slots;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Starts leaving. */
@Command(name = "unbond", mixinStandardHelpOptions = true, sortOptions = false, description = "Asks for a validator's bond back: its verdicts count no more, and `withdraw` pays the bond out after the unbonding time.")
final class UnbondValidator extends Answering {

    @Mixin
    private Consent consent;

    @Override
    void run(Standing validator, Keypair operator) {
        if (validator.state() == BondState.UNBONDING) {
            out().println("asked for already; " + validator.bond() + " can be withdrawn from " + Slots.from(validator.account().unbondSlot(), validator.slot()));
            return;
        }
        validator.require(BondState.ACTIVE, "only an active validator can ask for its bond");
        consent.ask(out(), List.of("from the slot in which it is confirmed the verdicts of validator " + validator.key() + " count no more; its key can be registered anew after withdraw and close",
                validator.bond() + " can be withdrawn " + Slots.text(validator.registry().state().unbondingSlots()) + " later; until then the verifiers can take it"));
        Signature signature = validator.send("unbond validator", validator.registry().calls().requestValidatorUnbond(operator.publicKey(), validator.key()), feePayer(), operator);
        Standing now = validator.now();
        done("unbonding, " + now.bond() + " can be withdrawn from " + Slots.from(now.account().unbondSlot(), now.slot()), signature);
    }
}
