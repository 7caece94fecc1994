//! Moves what was settled of many escrows from the deposits into the vault, in one transfer. Anyone may send it: the amounts are the
//! escrows' own, and what has been collected already moves nothing.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 2 | vault | | w | the pool's |
//! | 3 | deposit_vault | | w | the pool's |
//! | 4 | mint | | | the pool's |
//! | 5 | token_program | | | the pool's |
//! | 6 | event_authority | | | |
//! | 7 | program | | | this program |
//! | 8.. | escrows | | w | of this market and mint; another account is passed over |
//!
//! What closed escrows left behind is collected along, also with no escrow named.

use nyxos_shared::{
    Call, Emitter, Error, Event, add, address, arguments, sub,
    token::{Movement, Token},
};
use pinocchio::{AccountView, Address, ProgramResult, cpi::Seed, error::ProgramError};

use crate::{
    events::{CollectedEntry, SettledCollected},
    instructions::{PoolToken, emit_inflow, event_bump, load_escrow, load_market, load_pool, sync},
    state::{escrow, pool},
};

const FIXED: usize = 8;
/// As many as the event has room for.
const MAX_ENTRIES: usize = 23;
/// Where the event's sums stand: after tag, id and pool.
const SUMS_AT: usize = 8 + 1 + 32;

/// What an escrow must belong to.
struct Place<'a> {
    program_id: &'a Address,
    market: &'a AccountView,
    mint: &'a AccountView,
}

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    if accounts.len() < FIXED || accounts.len() > FIXED + MAX_ENTRIES {
        return Err(Error::WrongAccountCount.into());
    }
    let (fixed, escrows) = accounts.split_at_mut(FIXED);
    nyxos_shared::accounts!(fixed, [market_account, pool_account, vault, deposit_vault, mint, token_program, event_authority, this]);
    arguments!(data, {});

    let event_bump = event_bump(&load_market(market_account, program_id)?);
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    let (decimals, pool_bump, closed) = {
        let pool_data = load_pool(pool_account, market_account, program_id)?;
        PoolToken { mint, token_program }.check(&pool_data)?;
        address(vault, pool::VAULT.get(&pool_data)).map_err(|_| Error::WrongTokenAccount)?;
        PoolToken::deposits(deposit_vault, &pool_data)?;
        (pool::DECIMALS.get(&pool_data), pool::BUMP.get(&pool_data), pool::UNCOLLECTED.get(&pool_data))
    };

    let mut event = Event::new(SettledCollected::ID);
    // Sums and count come before the entries; they are filled in once known.
    SettledCollected { pool: pool_account.address().as_array(), total: 0, inflow: 0, closed, entries: 0 }.put(&mut event);
    let place = Place { program_id, market: market_account, mint };
    let (mut total, mut count) = (closed, 0u32);
    for account in escrows.iter_mut() {
        let amount = collected(&place, account)?;
        if amount > 0 {
            total = total.checked_add(amount).ok_or(Error::ArithmeticOverflow)?;
            count += 1;
            CollectedEntry { escrow: account.address().as_array(), amount }.put(&mut event);
        }
    }
    if total == 0 {
        return Ok(());
    }
    let (before, inflow) = {
        // What others paid into the vault is told of as such, apart from what is collected here.
        let mut pool_data = pool_account.try_borrow_mut()?;
        let before = sync(&mut pool_data, vault)?;
        let inflow = add(&mut pool_data, pool::INFLOW, total)?;
        add(&mut pool_data, pool::SETTLED, total)?;
        pool::UNCOLLECTED.set(&mut pool_data, 0);
        (before, inflow)
    };
    let bump = [pool_bump];
    let seeds = [Seed::from(b"pool"), Seed::from(market_account.address().as_ref()), Seed::from(mint.address().as_ref()), Seed::from(&bump)];
    let token = Token { mint, decimals, program: token_program };
    token.transfer(&Movement { from: deposit_vault, to: vault, authority: pool_account, amount: total }, &seeds)?;
    emit_inflow(pool_account, before, inflow - total, &emitter)?;
    event.fill(SUMS_AT, &total.to_le_bytes());
    event.fill(SUMS_AT + 8, &inflow.to_le_bytes());
    event.fill(SUMS_AT + 24, &count.to_le_bytes());
    event.emit(&emitter)
}

/// What an escrow has settled and not collected, from here on collected; nothing where the account is no escrow of this market and mint: one
/// that its payer closes while this is under way stops nobody else's.
#[inline(never)]
fn collected(place: &Place, account: &mut AccountView) -> Result<u64, ProgramError> {
    let Ok(mut data) = load_escrow(account, place.market, place.program_id) else {
        return Ok(0);
    };
    if escrow::MINT.get(&data) != place.mint.address().as_array() {
        return Ok(0);
    }
    let settled = escrow::SETTLED.get(&data);
    let amount = sub(settled, escrow::COLLECTED.get(&data))?;
    escrow::COLLECTED.set(&mut data, settled);
    Ok(amount)
}
