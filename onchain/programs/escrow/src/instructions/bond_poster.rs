//! Adds to the bond that answers for an operator's batches; opens its account the first time. Adding takes a request to unbond back. A
//! paused market takes it too: without batches no node would be paid.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | rent_payer | s | w | pays the rent of a first bond |
//! | 1 | operator | s | | owns `operator_token`; part of the seeds |
//! | 2 | market | | | of this program |
//! | 3 | poster | | w | PDA `["poster", market, operator]` |
//! | 4 | operator_token | | w | of bond_mint, owned by operator |
//! | 5 | bond_mint | | | the market's |
//! | 6 | bond_vault | | w | PDA `["bonds", market]` |
//! | 7 | token_program | | | owns the mint |
//! | 8 | system_program | | | |
//! | 9 | event_authority | | | |
//! | 10 | program | | | this program |

use nyxos_shared::{
    Call, Create, Emitter, Error, accounts, add, arguments, program, signer,
    token::{self, Movement},
    writable,
};
use pinocchio::{AccountView, Address, ProgramResult, cpi::Seed};

use crate::{
    events,
    instructions::{Bonds, event_bump, load_market, load_poster, no_poster},
    state::{poster, poster_state},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(
        accounts,
        [
            rent_payer,
            operator,
            market_account,
            poster_account,
            operator_token,
            bond_mint,
            bond_vault,
            token_program,
            system_program,
            event_authority,
            this
        ]
    );
    arguments!(data, { amount: u64 });

    if amount == 0 {
        return Err(Error::ZeroAmount.into());
    }
    signer(operator)?;
    // One form only, also where no rent is due.
    signer(rent_payer)?;
    writable(rent_payer)?;
    program(system_program, &pinocchio_system::ID)?;
    let (event_bump, token) = {
        let data = load_market(market_account, program_id)?;
        let bonds = Bonds { market: market_account, mint: bond_mint, vault: bond_vault, token_program };
        (event_bump(&data), bonds.token(&data, program_id)?)
    };
    token::holding(operator_token, token_program, bond_mint.address(), operator.address())?;
    if no_poster(poster_account, market_account, operator.address().as_array(), program_id)? {
        open(poster_account, rent_payer, &Key { market: market_account, operator }, program_id)?;
    }
    let bond = {
        let mut data = load_poster(poster_account, market_account, operator.address().as_array(), program_id)?;
        poster::STATE.set(&mut data, poster_state::BONDED);
        poster::UNBOND_SLOT.set(&mut data, 0);
        add(&mut data, poster::BOND, amount)?
    };
    token.transfer(&Movement { from: operator_token, to: bond_vault, authority: operator, amount }, &[])?;
    events::PosterBonded {
        poster: poster_account.address().as_array(),
        market: market_account.address().as_array(),
        operator: operator.address().as_array(),
        rent_payer: rent_payer.address().as_array(),
        amount,
        bond,
    }
    .emit(&Emitter { program_id, program: this, authority: event_authority, bump: event_bump })
}

/// Whose account it is, and where.
struct Key<'a> {
    market: &'a AccountView,
    operator: &'a AccountView,
}

#[inline(never)]
fn open(account: &mut AccountView, rent_payer: &AccountView, key: &Key, program_id: &Address) -> ProgramResult {
    let bump = nyxos_shared::pda(account, &poster::seeds(key.market.address().as_ref(), key.operator.address().as_ref()), program_id)?;
    let bump_seed = [bump];
    let seeds =
        [Seed::from(b"poster"), Seed::from(key.market.address().as_ref()), Seed::from(key.operator.address().as_ref()), Seed::from(&bump_seed)];
    Create { rent_payer, owner: program_id, disc: poster::DISC, len: poster::LEN, bump }.at(account, &seeds)?;
    let mut data = account.try_borrow_mut()?;
    poster::MARKET.set(&mut data, key.market.address().as_array());
    poster::OPERATOR.set(&mut data, key.operator.address().as_array());
    poster::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
    Ok(())
}
