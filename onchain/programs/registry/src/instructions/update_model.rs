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
    Args, Call, Event, accounts,
    event::Emitter,
    registry::{config, model},
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
    let mut args = Args::new(data);
    let terms = Terms::read(&mut args)?;
    args.end()?;

    let (event_bump, delay) = {
        let config_data = load_config(config_account, program_id)?;
        (config::STATE.get(&config_data), config::UNBONDING_SLOTS.get(&config_data))
    };
    let mut event = Event::new(events::MODEL_UPDATED);
    event.key(model_account.address());
    {
        let mut data = load_model(publisher, model_account, config_account, program_id)?;
        set_royalty(&mut data, terms.royalty_bps, Clock::get()?.slot, delay)?;
        terms.put(&mut data);
        event.u16(model::ROYALTY_BPS.get(&data)).u16(model::PENDING_ROYALTY_BPS.get(&data)).u64(model::PENDING_SLOT.get(&data));
    }
    terms.tell(&mut event);
    event.emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
