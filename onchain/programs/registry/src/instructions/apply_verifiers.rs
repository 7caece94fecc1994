//! Puts the announced verifier set in force when its slot has come, and closes the proposal. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | config | | w | of this program |
//! | 1 | proposal | | w | of this config, slot ≥ effective_slot |
//! | 2 | rent_payer | | w | the proposal's |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{
    Call, Event, accounts, arguments, close,
    event::Emitter,
    load_mut,
    quorum::Set,
    registry::{CONFIG_VERIFIERS, config},
    rotation::{self, PROPOSED, proposal},
};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::events;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [config_account, proposal_account, rent_payer, event_authority, this]);
    arguments!(data, {});

    let (config_key, proposal_key) = (*config_account.address(), *proposal_account.address());
    let mut event = Event::new(events::VerifiersApplied::ID);
    let (event_bump, paid_by) = {
        let proposal_data = rotation::load(proposal_account, config_account, program_id)?;
        rotation::due(&proposal_data, Clock::get()?.slot)?;
        let mut config_data = load_mut(config_account, program_id, config::DISC, config::LEN)?;
        let set = PROPOSED.get(&proposal_data);
        CONFIG_VERIFIERS.put(&mut config_data, &set);
        let Set { verifiers, threshold } = set;
        events::VerifiersApplied { config: config_key.as_array(), proposal: proposal_key.as_array(), threshold, verifiers }.put(&mut event);
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), *proposal::RENT_PAYER.get(&proposal_data))
    };
    close(proposal_account, rent_payer, &paid_by)?;
    event.emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
