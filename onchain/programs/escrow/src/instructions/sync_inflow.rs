//! Counts what reached the vault since the last time. Anyone may send it; the vault's balance decides.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | pool | | w | of this market |
//! | 1 | market | | | of this program |
//! | 2 | vault | | | the pool's |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Emitter, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    instructions::{emit_inflow, event_bump, load_market, load_pool, sync},
    state::pool,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [pool_account, market_account, vault, event_authority, this]);
    arguments!(data, {});

    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let (new, inflow) = {
        let mut pool_data = load_pool(pool_account, market_account, program_id)?;
        (sync(&mut pool_data, vault)?, pool::INFLOW.get(&pool_data))
    };
    emit_inflow(pool_account, new, inflow, &Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
