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
    Args, Call, Error, Event, accounts,
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
    let mut args = Args::new(data);
    let threshold = args.u8()?;
    let verifiers = args.items(32, quorum::MAX)?;
    args.end()?;

    program(system_program, &pinocchio_system::ID)?;
    let (event_bump, unbonding) = {
        let config_data = load_config(config_account, program_id)?;
        CONFIG_AUTHORITY.signed(authority, &config_data)?;
        (config::STATE.get(&config_data), config::UNBONDING_SLOTS.get(&config_data))
    };
    // With one unbonding time alone, a bond asked back at once could be withdrawn only in the slot in which the next set can slash it.
    let wait = unbonding.checked_add(unbonding / 2).ok_or(Error::ArithmeticOverflow)?;
    let effective_slot = Clock::get()?.slot.checked_add(wait).ok_or(Error::ArithmeticOverflow)?;
    Proposing { program_id, rent_payer, target: config_account, set: Set { verifiers, threshold }, effective_slot }.at(proposal)?;
    Event::new(events::VERIFIERS_PROPOSED)
        .key(config_account.address())
        .key(proposal.address())
        .key(rent_payer.address())
        .u64(effective_slot)
        .u8(threshold)
        .u32((verifiers.len() / 32) as u32)
        .bytes(verifiers)
        .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
