//! Opens a payer's escrow with a session key that signs vouchers, and deposits.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent; gets it back at the exit |
//! | 1 | payer | s | | part of the seeds |
//! | 2 | market | | | of this program, not paused |
//! | 3 | pool | | w | of this market and mint |
//! | 4 | escrow | | w | PDA `["escrow", market, payer, mint, open_slot]`, empty |
//! | 5 | payer_token | | w | of mint, owned by payer |
//! | 6 | mint | | | the pool's |
//! | 7 | deposit_vault | | w | the pool's |
//! | 8 | token_program | | | the pool's |
//! | 9 | system_program | | | |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, arguments, program, signer,
    token::{self, Movement, Token},
};
use pinocchio::ProgramResult;

use crate::{
    events,
    instructions::{
        event_bump, load_market, not_paused,
        opening::{Opening, opened_at},
        origin::Origin,
        payout::Deposits,
    },
    state::market,
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            payer,
            market_account,
            pool_account,
            escrow_account,
            payer_token,
            mint,
            deposit_vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { open_slot: u64, session_key: Key, session_expires: i64, session_limit: u64, amount: u64 });

    signer(payer)?;
    program(system_program, &pinocchio_system::ID)?;
    if session_key == &[0; 32] || session_expires < 0 {
        return Err(Error::InvalidArgument.into());
    }
    opened_at(open_slot)?;
    let (event_bump, operator) = {
        let market_data = load_market(market_account, program_id)?;
        not_paused(&market_data)?;
        (event_bump(&market_data), *market::OPERATOR.get(&market_data))
    };
    let decimals = Deposits { program_id, market: market_account, pool: pool_account, mint, vault: deposit_vault, token_program }.receive(amount)?;
    token::holding(payer_token, token_program, mint.address(), payer.address())?;
    let mut origin = Origin {
        market: *market_account.address().as_array(),
        payer: *payer.address().as_array(),
        mint: *mint.address().as_array(),
        session_key: None,
        open_slot: open_slot.to_le_bytes(),
        bump: [0],
    };
    origin.derive(escrow_account, program_id)?;

    Opening { program_id, rent_payer, origin: &origin, session_key, session_expires, session_limit, amount, operator: &operator }
        .create(escrow_account)?;
    if amount > 0 {
        let token = Token { mint, decimals, program: token_program };
        token.transfer(&Movement { from: payer_token, to: deposit_vault, authority: payer, amount }, &[])?;
    }
    events::EscrowOpened {
        escrow: escrow_account.address().as_array(),
        market: market_account.address().as_array(),
        payer: payer.address().as_array(),
        mint: mint.address().as_array(),
        session_key,
        session_expires,
        session_limit,
        open_slot,
        rent_payer: rent_payer.address().as_array(),
        amount,
        operator: &operator,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}
