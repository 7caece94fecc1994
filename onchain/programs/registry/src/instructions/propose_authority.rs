//! Offers the registry's authority to another key, which must accept it; zero takes the offer back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the config's |
//! | 1 | config | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{
    Call, accounts, arguments,
    event::Emitter,
    registry::{CONFIG_AUTHORITY, config},
};
use pinocchio::ProgramResult;

use crate::{events, instructions::load_config_for};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority_account, config_account, event_authority, this]);
    arguments!(data, { authority: Key });

    let event_bump = {
        let mut config_data = load_config_for(authority_account, config_account, program_id)?;
        CONFIG_AUTHORITY.offer(&mut config_data, authority);
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    events::AuthorityProposed { config: config_account.address().as_array(), authority }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
