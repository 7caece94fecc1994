//! Retires a model for good: it is served no more, and its id stays its publisher's.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | publisher | s | | the model's |
//! | 1 | config | | | of this program |
//! | 2 | model | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, accounts, arguments,
    event::Emitter,
    registry::{config, model, model_state},
};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{load_config, load_model},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [publisher, config_account, model_account, event_authority, this]);
    arguments!(data, {});

    let event_bump = config::EVENT_AUTHORITY_BUMP.get(&load_config(config_account, program_id)?);
    {
        let mut data = load_model(publisher, model_account, config_account, program_id)?;
        model::STATE.set(&mut data, model_state::RETIRED);
    }
    events::ModelRetired { model: model_account.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
