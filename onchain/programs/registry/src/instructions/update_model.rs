//! Changes a model's terms: payee, measurements and a lower royalty at once, a higher royalty after the unbonding time.
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
    registry::{MAX_MEASUREMENTS, Measurement, config, model},
};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{load_config, load_model},
    model::{Terms, set_royalty},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [publisher, config_account, model_account, event_authority, this]);
    arguments!(data, { royalty_bps: u16, payee: Key, measurements: [Measurement; ..=MAX_MEASUREMENTS] });
    let terms = Terms { royalty_bps, payee, measurements };
    terms.valid()?;

    let (event_bump, delay) = {
        let config_data = load_config(config_account, program_id)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), config::UNBONDING_SLOTS.get(&config_data))
    };
    let (royalty_bps, pending_royalty_bps, pending_slot) = {
        let mut data = load_model(publisher, model_account, config_account, program_id)?;
        set_royalty(&mut data, royalty_bps, Clock::get()?.slot, delay)?;
        terms.put(&mut data);
        (model::ROYALTY_BPS.get(&data), model::PENDING_ROYALTY_BPS.get(&data), model::PENDING_SLOT.get(&data))
    };
    events::ModelUpdated { model: model_account.address().as_array(), royalty_bps, pending_royalty_bps, pending_slot, payee, measurements }
        .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
