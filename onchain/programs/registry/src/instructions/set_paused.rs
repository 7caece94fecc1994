//! Stops new registrations and bonds, or lets them in again. It never stops anybody from leaving, nor a slash.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the config's |
//! | 1 | config | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{Call, Error, accounts, arguments, event::Emitter, registry::config};
use pinocchio::ProgramResult;

use crate::{events, instructions::load_config_for};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority, config_account, event_authority, this]);
    arguments!(data, { paused: u8 });

    if paused > 1 {
        return Err(Error::InvalidArgument.into());
    }
    let event_bump = {
        let mut config_data = load_config_for(authority, config_account, program_id)?;
        config::PAUSED.set(&mut config_data, paused);
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    events::PausedSet { config: config_account.address().as_array(), paused }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
