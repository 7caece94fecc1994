//! Changes an active validator's payout wallet.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the validator's |
//! | 1 | config | | | of this program |
//! | 2 | validator | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, accounts, arguments,
    registry::{config, validator},
};
use pinocchio::ProgramResult;

use crate::{
    bond::{Validator, load_operated, require_active},
    events,
    instructions::{load_config, valid_wallet},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [operator, config_account, validator_account, event_authority, this]);
    arguments!(data, { payout: Key });

    valid_wallet(payout)?;
    let event_bump = config::EVENT_AUTHORITY_BUMP.get(&load_config(config_account, program_id)?);
    {
        let mut data = load_operated::<Validator>(operator, validator_account, config_account, program_id)?;
        require_active::<Validator>(&data)?;
        validator::PAYOUT.set(&mut data, payout);
    }
    events::ValidatorUpdated { validator: validator_account.address().as_array(), payout }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
