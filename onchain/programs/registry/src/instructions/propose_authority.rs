//! Offers the registry's authority to another key, which must accept it; zero takes the offer back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the config's |
//! | 1 | config | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{
    Args, Call, Event, accounts,
    event::Emitter,
    registry::{CONFIG_AUTHORITY, config},
};
use pinocchio::ProgramResult;

use crate::{events, instructions::load_config_for};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority, config_account, event_authority, this]);
    let mut args = Args::new(data);
    let next = args.key()?;
    args.end()?;

    let event_bump = {
        let mut config_data = load_config_for(authority, config_account, program_id)?;
        CONFIG_AUTHORITY.offer(&mut config_data, next);
        config::STATE.get(&config_data)
    };
    Event::new(events::AUTHORITY_PROPOSED).key(config_account.address()).bytes(next).emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
