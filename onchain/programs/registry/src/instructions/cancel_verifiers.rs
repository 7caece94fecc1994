//! Takes the announced verifier set back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | authority | s | | the config's |
//! | 1 | config | | | of this program |
//! | 2 | proposal | | w | of this config |
//! | 3 | rent_payer | | w | the proposal's |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{
    Call, accounts, arguments, close,
    event::Emitter,
    registry::{CONFIG_AUTHORITY, config},
    rotation::{self, proposal},
};
use pinocchio::ProgramResult;

use crate::{events, instructions::load_config};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [authority, config_account, proposal_account, rent_payer, event_authority, this]);
    arguments!(data, {});

    let event_bump = {
        let config_data = load_config(config_account, program_id)?;
        CONFIG_AUTHORITY.signed(authority, &config_data)?;
        config::EVENT_AUTHORITY_BUMP.get(&config_data)
    };
    let paid_by = *proposal::RENT_PAYER.get(&rotation::load(proposal_account, config_account, program_id)?);
    let proposal_key = *proposal_account.address();
    close(proposal_account, rent_payer, &paid_by)?;
    events::VerifiersCancelled { config: config_account.address().as_array(), proposal: proposal_key.as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
