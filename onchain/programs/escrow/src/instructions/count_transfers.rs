//! Takes what plain transfers brought into an escrow's inbox into its deposit. Anyone may send it: the inbox's balance decides, and what has been
//! counted lies there no more.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program, not paused |
//! | 1 | pool | | w | of this market and mint |
//! | 2 | escrow | | w | of this market and mint, open; signs for its inbox |
//! | 3 | inbox | | w | ATA of the escrow and mint |
//! | 4 | mint | | | the pool's |
//! | 5 | deposit_vault | | w | the pool's |
//! | 6 | token_program | | | the pool's |
//! | 7 | event_authority | | | |
//! | 8 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, add, address, arguments,
    token::{Movement, Token},
};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{event_bump, inbox::Inbox, load_escrow, load_market, not_paused, origin::Origin, payout::Deposits},
    state::{escrow, escrow_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, pool_account, escrow_account, inbox, mint, deposit_vault, token_program, event_authority, this]);
    arguments!(data, {});

    let event_bump = {
        let market_data = load_market(market_account, program_id)?;
        not_paused(&market_data)?;
        event_bump(&market_data)
    };
    let amount = Inbox { account: inbox, escrow: escrow_account.address(), mint: mint.address(), token_program }.amount()?;
    let (origin, deposited) = {
        let mut data = load_escrow(escrow_account, market_account, program_id)?;
        address(mint, escrow::MINT.get(&data)).map_err(|_| Error::EscrowForeign)?;
        // Of a leaving escrow the inbox goes back to the payer as it is.
        if escrow::STATE.get(&data) != escrow_state::OPEN {
            return Err(Error::WrongState.into());
        }
        (Origin::of(&data), add(&mut data, escrow::DEPOSITED, amount)?)
    };
    let decimals = Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.receive(amount)?;
    if amount == 0 {
        return Ok(());
    }
    let token = Token { mint, decimals, program: token_program };
    token.transfer(&Movement { from: inbox, to: deposit_vault, authority: escrow_account, amount }, &origin.seeds())?;
    events::TransfersCounted { escrow: escrow_account.address().as_array(), pool: pool_account.address().as_array(), amount, deposited }
        .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
