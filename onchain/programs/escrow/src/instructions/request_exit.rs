//! Starts a payer's leaving. Only the payer's wallet can; a stolen session key cannot end the session's money.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | payer | s | | the escrow's |
//! | 1 | market | | | of this program |
//! | 2 | escrow | | w | of this market, open |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::{Call, Emitter, Error, accounts, address, arguments, signer};
use pinocchio::{
    ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{event_bump, load_escrow, load_market},
    state::{escrow, escrow_state, market},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [payer, market_account, escrow_account, event_authority, this]);
    arguments!(data, {});

    signer(payer)?;
    let (event_bump, exit_slots) = {
        let market_data = load_market(market_account, program_id)?;
        (event_bump(&market_data), market::EXIT_SLOTS.get(&market_data))
    };
    let exit_slot = Clock::get()?.slot.checked_add(exit_slots).ok_or(Error::ArithmeticOverflow)?;
    {
        let mut data = load_escrow(escrow_account, market_account, program_id)?;
        address(payer, escrow::PAYER.get(&data)).map_err(|_| Error::Unauthorized)?;
        if escrow::STATE.get(&data) != escrow_state::OPEN {
            return Err(Error::WrongState.into());
        }
        escrow::STATE.set(&mut data, escrow_state::EXITING);
        escrow::EXIT_SLOT.set(&mut data, exit_slot);
    }
    events::ExitRequested { escrow: escrow_account.address().as_array(), exit_slot }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
