//! Voids a batch in its window, on the verifier quorum's word. Nothing is lost: the next batch carries what was right in it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program; its verifiers signed |
//! | 1 | pool | | w | of this market |
//! | 2 | batch | | w | of this pool, posted, slot < final_slot |
//! | 3 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, hash::sha256};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{event_bump, load_batch, load_market, load_pool, verifiers},
    state::{batch, batch_state, pool},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, pool_account, batch_account, instructions, event_authority, this]);
    arguments!(data, { reason: u8 });

    let batch_key = *batch_account.address();
    let market_data = load_market(market_account, program_id)?;
    let seq = {
        let mut data = load_batch(batch_account, pool_account, program_id)?;
        if batch::STATE.get(&data) != batch_state::POSTED {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot >= batch::FINAL_SLOT.get(&data) {
            return Err(Error::TooLate.into());
        }
        let digest = sha256(&[b"nyxos:void:v1", program_id.as_ref(), batch_key.as_ref(), batch::CREDIT_ROOT.get(&data), &[reason]]);
        verifiers(&market_data).require(instructions, &digest)?;
        batch::STATE.set(&mut data, batch_state::VOID);
        batch::SEQ.get(&data)
    };
    {
        let mut pool_data = load_pool(pool_account, market_account, program_id)?;
        if pool::PENDING_SEQ.get(&pool_data) != seq {
            return Err(Error::WrongSequence.into());
        }
        pool::PENDING_SEQ.set(&mut pool_data, 0);
    }
    events::BatchVoided { batch: batch_key.as_array(), pool: pool_account.address().as_array(), seq, reason }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump(&market_data),
    })
}
