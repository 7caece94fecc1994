//! Adds to an open escrow; anyone may, for the escrow's payer.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | depositor | s | | owns `depositor_token` |
//! | 1 | market | | | of this program, not paused |
//! | 2 | pool | | w | of this market and mint |
//! | 3 | escrow | | w | of this market and mint, open |
//! | 4 | depositor_token | | w | of mint, owned by depositor |
//! | 5 | mint | | | the pool's |
//! | 6 | deposit_vault | | w | the pool's |
//! | 7 | token_program | | | the pool's |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, add, address, arguments, signer,
    token::{self, Movement, Token},
};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{event_bump, load_escrow, load_market, not_paused, payout::Deposits},
    state::{escrow, escrow_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [depositor, market_account, pool_account, escrow_account, depositor_token, mint, deposit_vault, token_program, event_authority, this]
    );
    arguments!(data, { amount: u64 });

    signer(depositor)?;
    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    let event_bump = {
        let market_data = load_market(market_account, program_id)?;
        not_paused(&market_data)?;
        event_bump(&market_data)
    };
    let decimals = Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.receive(amount)?;
    token::holding(depositor_token, token_program, mint.address(), depositor.address())?;
    let deposited = {
        let mut data = load_escrow(escrow_account, market_account, program_id)?;
        address(mint, escrow::MINT.get(&data)).map_err(|_| Error::EscrowForeign)?;
        // Money put into a leaving escrow would come back at once; refuse it and say so.
        if escrow::STATE.get(&data) != escrow_state::OPEN {
            return Err(Error::WrongState.into());
        }
        add(&mut data, escrow::DEPOSITED, amount)?
    };
    let token = Token { mint, decimals, program: token_program };
    token.transfer(&Movement { from: depositor_token, to: deposit_vault, authority: depositor, amount }, &[])?;
    events::Deposited { escrow: escrow_account.address().as_array(), depositor: depositor.address().as_array(), amount, deposited }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump,
    })
}
