//! Closes a batch that was voided, or whose credits a later final batch carries on. The rent goes back to who paid it, who alone may do this:
//! while it stands, the account proves the batch's receipts; afterwards the history of its posting does.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | the batch's |
//! | 1 | market | | | of this program |
//! | 2 | pool | | w | of this market |
//! | 3 | batch | | w | of this pool; void, or final and before the pool's last final one; closed |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, signer};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{close, event_bump, load_batch, load_market, load_pool},
    state::{batch, batch_state, pool},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, market_account, pool_account, batch_account, event_authority, this]);
    arguments!(data, {});

    signer(rent_payer)?;
    let bump = event_bump(&load_market(market_account, program_id)?);
    let final_seq = pool::FINAL_SEQ.get(&load_pool(pool_account, market_account, program_id)?);
    let seq = {
        let data = load_batch(batch_account, pool_account, program_id)?;
        let seq = batch::SEQ.get(&data);
        let state = batch::STATE.get(&data);
        if state != batch_state::VOID && (state != batch_state::FINAL || seq >= final_seq) {
            return Err(Error::WrongState.into());
        }
        seq
    };
    events::BatchClosed { batch: batch_account.address().as_array(), pool: pool_account.address().as_array(), seq }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(batch_account, rent_payer, batch::RENT_PAYER)
}
