//! Registers a validator with its bond. The validator's own key signs, so nobody can register a key that is not theirs.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | operator | s | | owns `operator_token` |
//! | 2 | validator_key | s | | part of the seeds |
//! | 3 | config | | w | of this program, not paused |
//! | 4 | validator | | w | PDA `["validator", config, validator_key]`, empty |
//! | 5 | operator_token | | w | of bond_mint, owned by operator |
//! | 6 | bond_mint | | | the config's |
//! | 7 | bond_vault | | w | PDA `["bonds", config]` |
//! | 8 | token_program | | | owns the mint |
//! | 9 | system_program | | | |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |

use nyxos_shared::{Call, Emitter, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    bond::{Registered, Registration, Validator},
    events,
    instructions::valid_wallet,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            operator,
            validator_key,
            config_account,
            validator_account,
            operator_token,
            bond_mint,
            bond_vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { payout: Key, bond: u64 });

    valid_wallet(payout)?;
    let Registered { event_bump, slot } = Registration {
        program_id,
        rent_payer,
        operator,
        key: validator_key,
        config: config_account,
        account: validator_account,
        operator_token,
        bond_mint,
        bond_vault,
        token_program,
        system_program,
        payout,
        bond,
    }
    .register::<Validator>()?;
    events::ValidatorRegistered {
        validator: validator_account.address().as_array(),
        config: config_account.address().as_array(),
        validator_key: validator_key.address().as_array(),
        operator: operator.address().as_array(),
        payout,
        bond,
        slot,
        rent_payer: rent_payer.address().as_array(),
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
