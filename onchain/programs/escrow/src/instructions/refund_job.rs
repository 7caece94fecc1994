//! Gives what a job has left back to its payer and closes it, from its deadline on or once all is released. Anyone may send it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 2 | job | | w | of this pool; closed |
//! | 3 | rent_payer | | w | the job's |
//! | 4 | payer_token | | w | ATA of the payer and mint |
//! | 5 | mint | | | the pool's |
//! | 6 | deposit_vault | | w | the pool's |
//! | 7 | token_program | | | the pool's |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, load_mut, sub};
use pinocchio::{
    Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{
        close, event_bump, load_market,
        payout::{Deposits, Share},
    },
    state::{OPEN_SLOT_WINDOW, job, pool},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [market_account, pool_account, job_account, rent_payer, payer_token, mint, deposit_vault, token_program, event_authority, this]
    );
    arguments!(data, {});

    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let (payer, rest) = {
        let data = load_mut(job_account, program_id, job::DISC, job::LEN)?;
        if job::POOL.get(&data) != pool_account.address().as_array() {
            return Err(Error::WrongAddress.into());
        }
        let rest = sub(job::AMOUNT.get(&data), job::RELEASED.get(&data))?;
        // A closed address must not be opened again: until the opening window is over it stays, whatever was released.
        let from = if rest > 0 { job::DEADLINE_SLOT.get(&data) } else { job::OPEN_SLOT.get(&data).saturating_add(OPEN_SLOT_WINDOW) };
        if Clock::get()?.slot < from {
            return Err(Error::TooEarly.into());
        }
        (Address::new_from_array(*job::PAYER.get(&data)), rest)
    };
    Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.pay(&[Share {
        account: payer_token,
        wallet: &payer,
        amount: rest,
        counter: pool::EXITED,
    }])?;
    events::JobClosed { job: job_account.address().as_array(), pool: pool_account.address().as_array(), refunded: rest }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(job_account, rent_payer, job::RENT_PAYER)
}
