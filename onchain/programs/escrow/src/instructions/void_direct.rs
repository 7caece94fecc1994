//! Voids a job that its node settles by itself, on the verifier quorum's word: its receipt does not pass what its tier asks.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program; its verifiers signed |
//! | 1 | direct | | w | of this market, open, slot < final_slot |
//! | 2 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Emitter, accounts, arguments, hash::sha256};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{ends_direct, event_bump, load_direct, load_market, verifiers},
    state::{direct, direct_state},
};

/// How the event names whose word it was.
const BY_VERIFIERS: u8 = 2;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, direct_account, instructions, event_authority, this]);
    arguments!(data, { reason: u8 });

    let direct_key = *direct_account.address();
    let market_data = load_market(market_account, program_id)?;
    let (pool, charge) = {
        let mut data = load_direct(direct_account, market_account, program_id)?;
        ends_direct(&data, Clock::get()?.slot)?;
        let charge = direct::CHARGE.get(&data);
        let digest = sha256(&[
            b"nyxos:direct-void:v1",
            program_id.as_ref(),
            direct_key.as_ref(),
            direct::RECEIPT_HASH.get(&data),
            &charge.to_le_bytes(),
            &[reason],
        ]);
        verifiers(&market_data).require(instructions, &digest)?;
        direct::STATE.set(&mut data, direct_state::VOID);
        (*direct::POOL.get(&data), charge)
    };
    events::DirectVoided { direct: direct_key.as_array(), pool: &pool, charge, by: BY_VERIFIERS, reason }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump(&market_data),
    })
}
