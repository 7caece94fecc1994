//! What comes into a pool's deposits and leaves them: counted in the pool first, then moved.

use nyxos_shared::{
    Error, add,
    layout::U64,
    token::{self, Movement, Token},
};
use pinocchio::{AccountView, Address, ProgramResult, account::RefMut, cpi::Seed, error::ProgramError};

use crate::{
    instructions::{PoolToken, load_pool},
    state::pool,
};

/// The accounts that money comes and leaves by.
pub struct Deposits<'a> {
    pub program_id: &'a Address,
    pub market: &'a AccountView,
    pub pool: &'a mut AccountView,
    pub mint: &'a AccountView,
    pub vault: &'a AccountView,
    pub token_program: &'a AccountView,
}

/// What one wallet is paid, and the counter of the pool that it counts in.
pub struct Share<'a> {
    pub account: &'a AccountView,
    pub wallet: &'a Address,
    pub amount: u64,
    pub counter: U64,
}

impl Deposits<'_> {
    /// Counts what is put down; returns the mint's decimals, with which it is moved.
    #[inline(never)]
    pub fn receive(&mut self, amount: u64) -> Result<u8, ProgramError> {
        let mut pool_data = self.checked_pool()?;
        add(&mut pool_data, pool::DEPOSITED, amount)?;
        Ok(pool::DECIMALS.get(&pool_data))
    }

    /// The pool, whose mint, program and vault the others are.
    fn checked_pool(&mut self) -> Result<RefMut<'_, [u8]>, ProgramError> {
        let pool_data = load_pool(self.pool, self.market, self.program_id)?;
        PoolToken { mint: self.mint, token_program: self.token_program }.check(&pool_data)?;
        PoolToken::deposits(self.vault, &pool_data)?;
        Ok(pool_data)
    }

    /// Pays wallets at their associated token accounts.
    #[inline(never)]
    pub fn pay(&mut self, shares: &[Share]) -> ProgramResult {
        let (decimals, pool_bump) = {
            let mut pool_data = self.checked_pool()?;
            for share in shares {
                add(&mut pool_data, share.counter, share.amount)?;
            }
            (pool::DECIMALS.get(&pool_data), pool::BUMP.get(&pool_data))
        };
        let bump = [pool_bump];
        let seeds = [Seed::from(pool::SEED), Seed::from(self.market.address().as_ref()), Seed::from(self.mint.address().as_ref()), Seed::from(&bump)];
        let token = Token { mint: self.mint, decimals, program: self.token_program };
        shares.iter().try_for_each(|share| {
            let movement = Movement { from: self.vault, to: share.account, authority: self.pool, amount: share.amount };
            ToWallet { wallet: share.wallet, movement }.send(&token, &seeds)
        })
    }
}

/// A movement to a wallet's associated token account.
pub struct ToWallet<'a> {
    pub wallet: &'a Address,
    pub movement: Movement<'a>,
}

impl ToWallet<'_> {
    /// Nothing is nothing, but the account must be the right one all the same.
    #[inline(never)]
    pub fn send(&self, token: &Token, seeds: &[Seed]) -> ProgramResult {
        let Movement { from, to, amount, .. } = self.movement;
        // Into the account it came from, it would count as paid and stay.
        if to.address() == from.address() {
            return Err(Error::DuplicateAccount.into());
        }
        token::associated(to, self.wallet, token.mint.address(), token.program)?;
        if amount == 0 {
            return Ok(());
        }
        // An associated account can be given away; the money must not follow it.
        token::holding(to, token.program, token.mint.address(), self.wallet)?;
        token.transfer(&self.movement, seeds)
    }
}
