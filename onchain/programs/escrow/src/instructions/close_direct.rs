//! Closes the record of a job that its node settled by itself, a day after its window and when the escrow is gone, so that no voucher can settle the
//! job once more. The rent goes back.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | the record's |
//! | 1 | market | | | of this program |
//! | 2 | direct | | w | of this market, paid or returned, slot ≥ final_slot + 216 000; closed |
//! | 3 | escrow | | | the record's, closed |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, address, arguments, signer};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{close, event_bump, load_direct, load_market},
    state::{PAYMENT_SLOTS, direct, direct_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [rent_payer, market_account, direct_account, escrow_account, event_authority, this]);
    arguments!(data, {});

    signer(rent_payer)?;
    let bump = event_bump(&load_market(market_account, program_id)?);
    let pool = {
        let data = load_direct(direct_account, market_account, program_id)?;
        address(escrow_account, direct::ESCROW.get(&data)).map_err(|_| Error::EscrowForeign)?;
        // An escrow's address never lives twice: once it is gone, nothing can be settled under it.
        let over = [direct_state::PAID, direct_state::RETURNED].contains(&direct::STATE.get(&data)) && !escrow_account.owned_by(program_id);
        if !over {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < direct::FINAL_SLOT.get(&data).saturating_add(PAYMENT_SLOTS) {
            return Err(Error::TooEarly.into());
        }
        *direct::POOL.get(&data)
    };
    events::DirectClosed { direct: direct_account.address().as_array(), pool: &pool }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(direct_account, rent_payer, direct::RENT_PAYER)
}
