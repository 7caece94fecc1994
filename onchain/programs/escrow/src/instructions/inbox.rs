//! The inbox of an escrow: its associated token account, where plain transfers to the escrow arrive.

use nyxos_shared::{Error, token};
use pinocchio::{AccountView, Address, error::ProgramError};

/// What an escrow's inbox is found by.
pub struct Inbox<'a> {
    pub account: &'a AccountView,
    pub escrow: &'a Address,
    pub mint: &'a Address,
    pub token_program: &'a AccountView,
}

impl Inbox<'_> {
    /// Its amount. Nobody but the escrow could give it a delegate, another owner or another who may close it, and an escrow signs for none of these.
    #[inline(never)]
    pub fn amount(&self) -> Result<u64, ProgramError> {
        self.is_it()?;
        token::holding(self.account, self.token_program, self.mint, self.escrow)
    }

    /// Whether there is one. Lamports at its address are nothing: anybody could send some.
    #[inline(never)]
    pub fn is_open(&self) -> Result<bool, Error> {
        self.is_it()?;
        Ok(self.account.owned_by(self.token_program.address()))
    }

    fn is_it(&self) -> Result<(), Error> {
        // An escrow's signature is for the token programs alone: another program could do with it what it liked.
        token::program(self.token_program)?;
        token::associated(self.account, self.escrow, self.mint, self.token_program)
    }
}
