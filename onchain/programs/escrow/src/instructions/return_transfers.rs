//! Gives what plain transfers brought to an escrow that takes no more money back to its payer, and closes the inbox: the escrow is exiting, or was
//! closed, or never opened. Anyone may send it. So nothing that was sent to an escrow's address is ever stuck.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | receiver | | | an escrow's address by market, payer, mint, session_key (zero: not a prepaid one) and open_slot; exiting, or nothing there; signs for its inbox |
//! | 2 | inbox | | w | ATA of `receiver` and mint |
//! | 3 | payer | | | part of the seeds |
//! | 4 | payer_token | | w | ATA of the payer and mint |
//! | 5 | rent_receiver | | w | who paid the escrow's rent; where there is no escrow, the payer |
//! | 6 | mint | | | part of the seeds |
//! | 7 | token_program | | | of the mint |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, address, arguments, load,
    token::{self, Closing, Movement, Token},
};
use pinocchio::{AccountView, Address, ProgramResult, error::ProgramError};

use crate::{
    events,
    instructions::{event_bump, inbox::Inbox, load_market, origin::Origin, payout::ToWallet},
    state::{escrow, escrow_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, receiver, inbox, payer, payer_token, rent_receiver, mint, token_program, event_authority, this]);
    arguments!(data, { session_key: Key, open_slot: u64 });

    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let mut origin = Origin {
        market: *market_account.address().as_array(),
        payer: *payer.address().as_array(),
        mint: *mint.address().as_array(),
        session_key: (session_key != &[0; 32]).then_some(*session_key),
        open_slot: open_slot.to_le_bytes(),
        bump: [0],
    };
    origin.derive(receiver, program_id)?;
    address(rent_receiver, &rent_of(receiver, payer, program_id)?)?;
    let decimals = token::mint(mint, token_program)?;
    let from = Inbox { account: inbox, escrow: receiver.address(), mint: mint.address(), token_program };
    // Nothing to do, and no error: so it can stand before every exit, whoever was faster.
    if !from.is_open()? {
        return Ok(());
    }
    let amount = from.amount()?;

    let seeds = origin.seeds();
    let token = Token { mint, decimals, program: token_program };
    let movement = Movement { from: inbox, to: payer_token, authority: receiver, amount };
    ToWallet { wallet: payer.address(), movement }.send(&token, &seeds)?;
    token::close(&Closing { account: inbox, to: rent_receiver, authority: receiver }, token_program, &seeds)?;
    events::TransfersReturned {
        escrow: receiver.address().as_array(),
        market: market_account.address().as_array(),
        payer: payer.address().as_array(),
        mint: mint.address().as_array(),
        amount,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}

/// Who gets the inbox's rent, when what lies in the inbox may go back.
#[inline(never)]
fn rent_of(receiver: &AccountView, payer: &AccountView, program_id: &Address) -> Result<[u8; 32], ProgramError> {
    if !receiver.owned_by(program_id) {
        return Ok(*payer.address().as_array());
    }
    let data = load(receiver, program_id, escrow::DISC, escrow::LEN)?;
    // Of an open one it is a deposit under way.
    if escrow::STATE.get(&data) != escrow_state::EXITING {
        return Err(Error::WrongState.into());
    }
    Ok(*escrow::RENT_PAYER.get(&data))
}
