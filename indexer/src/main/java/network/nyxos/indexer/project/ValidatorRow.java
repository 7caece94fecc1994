package network.nyxos.indexer.project;

import java.math.BigInteger;
import java.util.SequencedMap;

/// A registered validator: who replays sampled jobs and answers for its verdicts with a bond.
///
/// @param address address of the account
/// @param config registry configuration it belongs to
/// @param validatorKey key that names the validator
/// @param operator who runs it
/// @param payout wallet that is paid
/// @param state its state
/// @param bond base units
/// @param unbondSlot withdrawable from; 0 = none
/// @param registeredSlot slot of registration
/// @param slashedTotal base units taken from the bond so far
/// @param rentPayer who paid its rent and gets it back
public record ValidatorRow(String address, String config, String validatorKey, String operator, String payout, BondState state, BigInteger bond,
    BigInteger unbondSlot, BigInteger registeredSlot, BigInteger slashedTotal, String rentPayer) implements BondedRow {
    @Override
    public String table() {
        return "validator";
    }

    @Override
    public SequencedMap<String, Object> columns() {
        return Columns.at(address).with("config", config).with("validator_key", validatorKey).with("operator", operator).with("payout", payout)
            .with("state", state.wireName()).with("bond", bond).with("unbond_slot", unbondSlot).with("registered_slot", registeredSlot)
            .with("slashed_total", slashedTotal).with("rent_payer", rentPayer).done();
    }

    @Override
    public ValidatorRow withBond(BondState next, BigInteger amount, BigInteger unbondFrom, BigInteger slashed) {
        return new ValidatorRow(address, config, validatorKey, operator, payout, next, amount, unbondFrom, registeredSlot, slashed, rentPayer);
    }

    ValidatorRow paying(String wallet) {
        return new ValidatorRow(address, config, validatorKey, operator, wallet, state, bond, unbondSlot, registeredSlot, slashedTotal, rentPayer);
    }
}
