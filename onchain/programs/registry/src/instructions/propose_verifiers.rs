//! Announces the registry's next verifier set. It can be applied after one and a half unbonding times: whoever distrusts it and asks to leave within half of one has its bond back before it rules.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent |
//! | 1 | authority | s | | the config's |
//! | 2 | config | | | of this program |
//! | 3 | proposal | | w | PDA `["verifiers", config]`, empty |
//! | 4 | system_program | | | |
//! | 5 | event_authority | | | |
//! | 6 | program | | | this program |

use nyxos_shared::{
    Call, Error, accounts, arguments,
    event::Emitter,
    program,
    quorum::{self, Set},
    registry::{CONFIG_AUTHORITY, config},
    rotation::Proposing,
};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{events, instructions::load_config};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, authority, config_account, proposal, system_program, event_authority, this]);
    arguments!(data, { threshold: u8, verifiers: [Key; ..=quorum::MAX] });

    program(system_program, &pinocchio_system::ID)?;
    let (event_bump, unbonding) = {
        let config_data = load_config(config_account, program_id)?;
        CONFIG_AUTHORITY.signed(authority, &config_data)?;
        (config::EVENT_AUTHORITY_BUMP.get(&config_data), config::UNBONDING_SLOTS.get(&config_data))
    };
    // With one unbonding time alone, a bond asked back at once could be withdrawn only in the slot in which the next set can slash it.
    let wait = unbonding.checked_add(unbonding / 2).ok_or(Error::ArithmeticOverflow)?;
    let effective_slot = Clock::get()?.slot.checked_add(wait).ok_or(Error::ArithmeticOverflow)?;
    Proposing { program_id, rent_payer, target: config_account, set: Set { verifiers, threshold }, effective_slot }.at(proposal)?;
    events::VerifiersProposed {
        config: config_account.address().as_array(),
        proposal: proposal.address().as_array(),
        rent_payer: rent_payer.address().as_array(),
        effective_slot,
        threshold,
        verifiers,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
