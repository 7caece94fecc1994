//! Closes a payment's record after a day, when no offer of its reference can be good any more. The rent goes back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | the payment's |
//! | 1 | market | | | of this program |
//! | 2 | pool | | w | of this market |
//! | 3 | payment | | w | of this pool, slot ≥ its slot + 216 000; closed |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, load_mut, signer};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{close, event_bump, load_market, load_pool},
    state::{PAYMENT_SLOTS, payment},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, market_account, pool_account, payment_account, event_authority, this]);
    arguments!(data, {});

    signer(rent_payer)?;
    let bump = event_bump(&load_market(market_account, program_id)?);
    drop(load_pool(pool_account, market_account, program_id)?);
    {
        let data = load_mut(payment_account, program_id, payment::DISC, payment::LEN)?;
        if payment::POOL.get(&data) != pool_account.address().as_array() {
            return Err(Error::WrongAddress.into());
        }
        if Clock::get()?.slot < payment::SLOT.get(&data).saturating_add(PAYMENT_SLOTS) {
            return Err(Error::TooEarly.into());
        }
    }
    events::PaymentClosed { payment: payment_account.address().as_array(), pool: pool_account.address().as_array() }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(payment_account, rent_payer, payment::RENT_PAYER)
}
