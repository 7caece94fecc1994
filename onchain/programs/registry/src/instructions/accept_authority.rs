//! Takes over the registry's authority that was offered.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the one the config's authority has offered it to |
//! | 1 | config | | w | of this program |
//! | 2 | event_authority | | | |
//! | 3 | program | | | this program |

use nyxos_shared::{
    Call, accounts, arguments,
    event::Emitter,
    load_mut,
    registry::{CONFIG_AUTHORITY, config},
};
use pinocchio::ProgramResult;

use crate::events;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority, config_account, event_authority, this]);
    arguments!(data, {});

    let event_bump = {
        let mut config_data = load_mut(config_account, program_id, config::DISC, config::LEN)?;
        CONFIG_AUTHORITY.accept(authority, &mut config_data)?;
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    events::AuthorityAccepted { config: config_account.address().as_array(), authority: authority.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
