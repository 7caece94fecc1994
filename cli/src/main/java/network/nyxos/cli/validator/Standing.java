package network.nyxos.cli.validator;

import java.util.List;
import java.util.Optional;
import network.nyxos.cli.attach.BondState;
import network.nyxos.cli.attach.ChainSession;
import network.nyxos.cli.attach.Sheet;
import network.nyxos.cli.attach.Slots;
import network.nyxos.cli.up.StackException;
import network.nyxos.escrow.crypto.Keypair;
import network.nyxos.escrow.crypto.Signature;
import network.nyxos.escrow.program.registry.Validator;
import software.sava.core.accounts.PublicKey;
import software.sava.core.tx.Instruction;

/**
 * A validator as it stands.
 *
 * @param slot the chain's
 */
record Standing(ChainSession chain, ChainSession.Registry registry, Validator account, long slot) {

    static Optional<Standing> find(ChainSession chain, ChainSession.Registry registry, PublicKey key) {
        return chain.owned(registry.calls().validator(key), chain.programs().registry()).map(account -> new Standing(chain, registry, Validator.decode(account.data()), chain.slot()));
    }

    /** @throws StackException {@code validator_missing} */
    static Standing of(ChainSession chain, PublicKey key) {
        ChainSession.Registry registry = chain.registry();
        return find(chain, registry, key).orElseThrow(() -> new StackException("validator_missing", "validator " + key + " is not registered with this market's registry"));
    }

    PublicKey key() {
        return account.validatorKey();
    }

    BondState state() {
        return BondState.of(account.state());
    }

    String bond() {
        return registry.bond().text(account.bond());
    }

    /** As the chain has it now. */
    Standing now() {
        return of(chain, key());
    }

    /** @throws StackException {@code validator_state} */
    void require(BondState state, String why) {
        if (state() != state) {
            throw new StackException("validator_state", "validator " + key() + " is " + state() + ": " + why);
        }
    }

    Signature send(String what, Instruction instruction, Keypair fees, Keypair operator) {
        return chain.send(what + " " + key(), List.of(instruction), fees, operator);
    }

    Sheet sheet() {
        var sheet = new Sheet().put("validator", key()).put("state", state().toString()).put("bond", account.bond(), registry.bond());
        if (account.slashedTotal() != 0) {
            sheet.put("slashed", account.slashedTotal(), registry.bond());
        }
        if (account.unbondSlot() != 0) {
            sheet.put("withdrawable", account.unbondSlot(), "from " + Slots.from(account.unbondSlot(), slot));
        }
        return sheet.put("operator", account.operator()).put("payout", account.payout()).put("registered", account.registeredSlot(), "in slot " + account.registeredSlot());
    }
}
