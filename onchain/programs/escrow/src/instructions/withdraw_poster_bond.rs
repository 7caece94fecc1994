//! Gives a poster's bond back, or what a slash left of it, and closes its account. No batch of its is in its window then.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the poster's |
//! | 1 | market | | | of this program; signs for the vault |
//! | 2 | poster | | w | of this market and operator, unbonding, slot ≥ unbond_slot; closed |
//! | 3 | rent_payer | | w | the poster's |
//! | 4 | operator_token | | w | of bond_mint, owned by operator |
//! | 5 | bond_mint | | | the market's |
//! | 6 | bond_vault | | w | PDA `["bonds", market]` |
//! | 7 | token_program | | | owns the mint |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |

use nyxos_shared::{
    Call, Emitter, Error, accounts, arguments, signer,
    token::{self, Movement},
};
use pinocchio::{
    ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{Bonds, close, event_bump, load_market, load_poster},
    state::{market, poster, poster_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [operator, market_account, poster_account, rent_payer, operator_token, bond_mint, bond_vault, token_program, event_authority, this]
    );
    arguments!(data, {});

    signer(operator)?;
    let market_data = load_market(market_account, program_id)?;
    let token = Bonds { market: market_account, mint: bond_mint, vault: bond_vault, token_program }.token(&market_data, program_id)?;
    token::holding(operator_token, token_program, bond_mint.address(), operator.address())?;
    let amount = {
        let data = load_poster(poster_account, market_account, operator.address().as_array(), program_id)?;
        if poster::STATE.get(&data) != poster_state::UNBONDING {
            return Err(Error::WrongState.into());
        }
        if Clock::get()?.slot < poster::UNBOND_SLOT.get(&data) {
            return Err(Error::TooEarly.into());
        }
        poster::BOND.get(&data)
    };
    if amount > 0 {
        let (id, bump) = (market::ID.get(&market_data).to_le_bytes(), [market::BUMP.get(&market_data)]);
        let (cluster, creator) = (market::CLUSTER.get(&market_data), market::CREATOR.get(&market_data));
        let seeds = [Seed::from(b"market"), Seed::from(cluster), Seed::from(creator), Seed::from(&id), Seed::from(&bump)];
        token.transfer(&Movement { from: bond_vault, to: operator_token, authority: market_account, amount }, &seeds)?;
    }
    events::PosterBondWithdrawn { poster: poster_account.address().as_array(), amount }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump: event_bump(&market_data),
    })?;
    // Last: lamports that have moved would unbalance a call that names their owner.
    close(poster_account, rent_payer, poster::RENT_PAYER)
}
