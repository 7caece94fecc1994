//! Makes a batch final once its window has passed. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | pool | | w | of this market |
//! | 2 | batch | | w | of this pool, posted, slot ≥ final_slot |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{event_bump, load_batch, load_market, load_pool},
    state::{batch, batch_state, pool},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, pool_account, batch_account, event_authority, this]);
    arguments!(data, {});

    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let (seq, credit_sum) = {
        let mut data = load_batch(batch_account, pool_account, program_id)?;
        if batch::STATE.get(&data) != batch_state::POSTED {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < batch::FINAL_SLOT.get(&data) {
            return Err(Error::TooEarly.into());
        }
        batch::STATE.set(&mut data, batch_state::FINAL);
        (batch::SEQ.get(&data), batch::CREDIT_SUM.get(&data))
    };
    {
        let mut pool_data = load_pool(pool_account, market_account, program_id)?;
        if pool::PENDING_SEQ.get(&pool_data) != seq {
            return Err(Error::WrongSequence.into());
        }
        pool::PENDING_SEQ.set(&mut pool_data, 0);
        pool::FINAL_SEQ.set(&mut pool_data, seq);
        pool::CREDITED.set(&mut pool_data, credit_sum);
    }
    events::BatchFinalized { batch: batch_account.address().as_array(), pool: pool_account.address().as_array(), seq, credit_sum }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
