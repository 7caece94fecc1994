//! Settles what was really used of many escrows, each against its payer's voucher, in one token transfer.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the market's |
//! | 1 | market | | | of this program |
//! | 2 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 3 | vault | | w | the pool's |
//! | 4 | deposit_vault | | w | the pool's |
//! | 5 | mint | | | the pool's |
//! | 6 | token_program | | | the pool's |
//! | 7 | instructions_sysvar | | | the precompile with the vouchers stands before this instruction |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |
//! | 10.. | escrows | | w | one a signature, in order |
//!
//! An entry that fails a check of its own is skipped and named in the event, so that one payer's voucher cannot stop the others'.

use nyxos_shared::{
    Args, Call, Emitter, Error, Event, add, address,
    ed25519::{self, Signed},
    load_mut,
    token::{Movement, Token},
};
use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::Seed,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{PoolToken, emit_inflow, event_bump, load_market, load_pool, operator, sync},
    state::{escrow, escrow_state, pool},
    voucher::Voucher,
};

const FIXED: usize = 10;
/// More vouchers than fit in a transaction.
const MAX_ENTRIES: usize = 16;

/// What every entry is judged against.
struct Session<'a> {
    program_id: &'a Address,
    market: &'a AccountView,
    mint: &'a AccountView,
    clock: Clock,
}

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    if accounts.len() < FIXED {
        return Err(Error::WrongAccountCount.into());
    }
    let (fixed, escrows) = accounts.split_at_mut(FIXED);
    nyxos_shared::accounts!(
        fixed,
        [operator_account, market_account, pool_account, vault, deposit_vault, mint, token_program, instructions, event_authority, this]
    );
    let mut args = Args::new(data);
    let cumulatives = args.items(8, MAX_ENTRIES)?;
    args.end()?;
    if cumulatives.is_empty() || cumulatives.len() / 8 != escrows.len() {
        return Err(Error::WrongAccountCount.into());
    }

    let event_bump = {
        let market_data = load_market(market_account, program_id)?;
        operator(operator_account, &market_data)?;
        event_bump(&market_data)
    };
    let emitter = Emitter { program_id, program: this, authority: event_authority, bump: event_bump };
    let (decimals, pool_bump) = {
        let pool_data = load_pool(pool_account, market_account, program_id)?;
        PoolToken { mint, token_program }.check(&pool_data)?;
        address(vault, pool::VAULT.get(&pool_data)).map_err(|_| Error::WrongTokenAccount)?;
        address(deposit_vault, pool::DEPOSIT_VAULT.get(&pool_data)).map_err(|_| Error::WrongTokenAccount)?;
        (pool::DECIMALS.get(&pool_data), pool::BUMP.get(&pool_data))
    };

    let session = Session { program_id, market: market_account, mint, clock: Clock::get()? };
    let mut entries = Event::new(events::VOUCHERS_SETTLED);
    entries.key(pool_account.address());
    let total = ed25519::before(instructions, |precompile| {
        if precompile.count() != escrows.len() {
            return Err(Error::SignatureCount.into());
        }
        let mut total = 0u64;
        // Total and inflow come before the entries; they are filled in once known.
        entries.u64(0).u64(0).u32(escrows.len() as u32);
        for (index, account) in escrows.iter_mut().enumerate() {
            let signed = precompile.signed(index)?;
            let mut word = [0; 8];
            word.copy_from_slice(&cumulatives[8 * index..8 * index + 8]);
            let cumulative = u64::from_le_bytes(word);
            let (amount, code) = match settle(&session, account, &signed, cumulative) {
                Ok(amount) => (amount, 0),
                Err(error) => (0, error as u32),
            };
            total = total.checked_add(amount).ok_or(Error::ArithmeticOverflow)?;
            entries.key(account.address()).u64(cumulative).u64(amount).u32(code);
        }
        Ok(total)
    })?;

    let (mut before, mut inflow) = (0, pool::INFLOW.get(&pool_account.try_borrow()?));
    if total > 0 {
        {
            // What others paid into the vault is told of as such, apart from what is settled here.
            let mut pool_data = pool_account.try_borrow_mut()?;
            before = sync(&mut pool_data, vault)?;
            inflow = add(&mut pool_data, pool::INFLOW, total)?;
            add(&mut pool_data, pool::SETTLED, total)?;
        }
        let bump = [pool_bump];
        let seeds = [Seed::from(b"pool"), Seed::from(market_account.address().as_ref()), Seed::from(mint.address().as_ref()), Seed::from(&bump)];
        let token = Token { mint, decimals, program: token_program };
        token.transfer(&Movement { from: deposit_vault, to: vault, authority: pool_account, amount: total }, &seeds)?;
    }
    if before > 0 {
        emit_inflow(pool_account, before, inflow - total, &emitter)?;
    }
    entries.fill(TOTAL_AT, &total.to_le_bytes());
    entries.fill(TOTAL_AT + 8, &inflow.to_le_bytes());
    entries.emit(&emitter)
}

/// Where the event's total stands: after tag, id and pool.
const TOTAL_AT: usize = 8 + 1 + 32;

/// Debits one escrow up to `cumulative`, if its voucher and session allow it; returns the amount.
#[inline(never)]
fn settle(session: &Session, account: &mut AccountView, signed: &Signed, cumulative: u64) -> Result<u64, Error> {
    let key = *account.address().as_array();
    let mut data = load_mut(account, session.program_id, escrow::DISC, escrow::LEN).map_err(|_| Error::EscrowForeign)?;
    if escrow::MARKET.get(&data) != session.market.address().as_array() || escrow::MINT.get(&data) != session.mint.address().as_array() {
        return Err(Error::EscrowForeign);
    }
    if escrow::SESSION_KEY.get(&data) != signed.key {
        return Err(Error::WrongSigner);
    }
    let voucher = Voucher::parse(signed.message, &key)?;
    let now = session.clock.unix_timestamp;
    if voucher.expires != 0 && now > voucher.expires {
        return Err(Error::VoucherExpired);
    }
    let session_expires = escrow::SESSION_EXPIRES.get(&data);
    if session_expires != 0 && now > session_expires {
        return Err(Error::SessionExpired);
    }
    // After the exit slot the payer may leave at any moment; what was not settled by then is lost to the operator, not to the payer.
    if escrow::STATE.get(&data) == escrow_state::EXITING && session.clock.slot >= escrow::EXIT_SLOT.get(&data) {
        return Err(Error::EscrowExiting);
    }
    if cumulative > voucher.cumulative {
        return Err(Error::VoucherExceeded);
    }
    if cumulative > escrow::DEPOSITED.get(&data) {
        return Err(Error::DepositExceeded);
    }
    let limit = escrow::SESSION_LIMIT.get(&data);
    if limit != 0 && cumulative > limit {
        return Err(Error::SessionLimitExceeded);
    }
    let settled = escrow::SETTLED.get(&data);
    if cumulative <= settled {
        return Err(Error::NothingToSettle);
    }
    escrow::SETTLED.set(&mut data, cumulative);
    Ok(cumulative - settled)
}
