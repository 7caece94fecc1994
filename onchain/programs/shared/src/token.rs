//! Both token programs: what is read of mints and token accounts, which mints are refused, and the calls made.

use pinocchio::{
    AccountView, Address, ProgramResult,
    account::Ref,
    cpi::{Seed, Signer},
    error::ProgramError,
};
use pinocchio_token::instructions::{BurnChecked, CloseAccount, InitializeAccount3, TransferChecked};

use crate::{Error, pda};

/// SPL Token.
pub const TOKEN: Address = pinocchio_token::ID;
/// SPL Token-2022.
pub const TOKEN_2022: Address = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
/// SPL Associated Token Account.
pub const ASSOCIATED: Address = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/// Bytes of a token account without extensions; what our own vaults have.
pub const ACCOUNT_LEN: usize = 165;
const MINT_LEN: usize = 82;
const ACCOUNT_TYPE: usize = 165;

/// Extensions that change nothing of who has how much: pointers, metadata and groups. Every other one, and every one that
/// does not exist yet, is refused: fees, hooks, delegates, frozen defaults, confidential or paused transfers break the sums.
const HARMLESS: core::ops::RangeInclusive<u16> = 18..=23;

/// One of the two token programs, or [`Error::WrongProgram`].
pub fn program(account: &AccountView) -> Result<(), Error> {
    if account.address() == &TOKEN || account.address() == &TOKEN_2022 { Ok(()) } else { Err(Error::WrongProgram) }
}

/// Decimals of a mint that may be used, owned by `token_program`.
pub fn mint(mint: &AccountView, token_program: &AccountView) -> Result<u8, ProgramError> {
    program(token_program)?;
    if !mint.owned_by(token_program.address()) {
        return Err(Error::WrongOwner.into());
    }
    let data = mint.try_borrow()?;
    if data.len() < MINT_LEN || data[45] != 1 {
        return Err(Error::WrongMint.into());
    }
    if data.len() > MINT_LEN {
        extensions(&data)?;
    }
    Ok(data[44])
}

fn extensions(data: &[u8]) -> Result<(), Error> {
    // A mint with extensions is padded to a token account's length and then names its type: 1 is a mint.
    if data.len() <= ACCOUNT_TYPE || data[ACCOUNT_TYPE] != 1 {
        return Err(Error::WrongMint);
    }
    let mut rest = &data[ACCOUNT_TYPE + 1..];
    while rest.len() >= 4 {
        let kind = u16::from_le_bytes([rest[0], rest[1]]);
        let len = u16::from_le_bytes([rest[2], rest[3]]) as usize;
        if kind == 0 {
            return Ok(());
        }
        if !HARMLESS.contains(&kind) {
            return Err(Error::MintRefused);
        }
        rest = rest.get(4 + len..).ok_or(Error::WrongMint)?;
    }
    Ok(())
}

/// The data of a token account of the given mint, whoever owns it.
pub fn of_mint<'a>(account: &'a AccountView, token_program: &AccountView, mint: &Address) -> Result<Ref<'a, [u8]>, ProgramError> {
    if !account.owned_by(token_program.address()) {
        return Err(Error::WrongOwner.into());
    }
    let data = account.try_borrow()?;
    if data.len() < ACCOUNT_LEN || (data.len() > ACCOUNT_LEN && data[ACCOUNT_TYPE] != 2) {
        return Err(Error::WrongTokenAccount.into());
    }
    if &data[..32] != mint.as_ref() {
        return Err(Error::WrongMint.into());
    }
    Ok(data)
}

/// A token account of the given mint and owner; returns its amount.
pub fn holding(account: &AccountView, token_program: &AccountView, mint: &Address, owner: &Address) -> Result<u64, ProgramError> {
    let data = of_mint(account, token_program, mint)?;
    if &data[32..64] != owner.as_ref() {
        return Err(Error::WrongTokenAccount.into());
    }
    amount(&data)
}

/// The amount in token account data.
pub fn amount(data: &[u8]) -> Result<u64, ProgramError> {
    let bytes = data.get(64..72).and_then(|b| b.try_into().ok()).ok_or(Error::WrongTokenAccount)?;
    Ok(u64::from_le_bytes(bytes))
}

/// Requires the associated token account of `wallet`: any other account of the wallet could have been prepared by a stranger.
pub fn associated(account: &AccountView, wallet: &Address, mint: &Address, token_program: &AccountView) -> Result<(), Error> {
    pda(account, &[wallet.as_ref(), token_program.address().as_ref(), mint.as_ref()], &ASSOCIATED).map_err(|_| Error::WrongTokenAccount)?;
    Ok(())
}

/// What a token call needs of its mint: the decimals guard against a mint mistaken for another.
pub struct Token<'a> {
    pub mint: &'a AccountView,
    pub decimals: u8,
    pub program: &'a AccountView,
}

/// One movement of `amount` units.
pub struct Movement<'a> {
    pub from: &'a AccountView,
    pub to: &'a AccountView,
    pub authority: &'a AccountView,
    pub amount: u64,
}

/// Units to burn.
pub struct Burning<'a> {
    pub from: &'a AccountView,
    pub authority: &'a AccountView,
    pub amount: u64,
}

/// An empty token account to close.
pub struct Closing<'a> {
    pub account: &'a AccountView,
    /// Who gets its lamports.
    pub to: &'a AccountView,
    pub authority: &'a AccountView,
}

/// Closes a token account of ours, all its lamports with it.
#[inline(never)]
pub fn close(closing: &Closing, program: &AccountView, seeds: &[Seed]) -> ProgramResult {
    CloseAccount::new(closing.account, closing.to, closing.authority).invoke_signed_with_program(&[Signer::from(seeds)], program.address())
}

/// A token account to open.
pub struct Opening<'a> {
    pub owner: &'a Address,
    pub rent_payer: &'a AccountView,
}

impl Token<'_> {
    /// Transfers; `seeds` sign for an authority of ours, none for a signer of the transaction.
    #[inline(never)]
    pub fn transfer(&self, movement: &Movement, seeds: &[Seed]) -> ProgramResult {
        let signers = [Signer::from(seeds)];
        let signers = if seeds.is_empty() { &[][..] } else { &signers[..] };
        TransferChecked::new(movement.from, self.mint, movement.to, movement.authority, movement.amount, self.decimals)
            .invoke_signed_with_program(signers, self.program.address())
    }

    /// Burns from an account of ours.
    #[inline(never)]
    pub fn burn(&self, burning: &Burning, seeds: &[Seed]) -> ProgramResult {
        BurnChecked::new(burning.from, self.mint, burning.authority, burning.amount, self.decimals)
            .invoke_signed_with_program(&[Signer::from(seeds)], self.program.address())
    }

    /// Creates a token account at a PDA of ours.
    #[inline(never)]
    pub fn create_vault(&self, vault: &mut AccountView, opening: &Opening, seeds: &[Seed; 3]) -> ProgramResult {
        crate::writable(vault)?;
        if !vault.is_data_empty() || !vault.owned_by(&pinocchio_system::ID) {
            return Err(Error::AlreadyInitialized.into());
        }
        let signers = [Signer::from(seeds)];
        pinocchio_system::create_account_with_minimum_balance_signed(vault, ACCOUNT_LEN, self.program.address(), opening.rent_payer, None, &signers)?;
        InitializeAccount3::new(vault, self.mint, opening.owner).invoke_with_program(self.program.address())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn mint_with(extensions: &[(u16, usize)]) -> Vec<u8> {
        let mut data = vec![0; 165];
        data.push(1);
        for (kind, len) in extensions {
            data.extend_from_slice(&kind.to_le_bytes());
            data.extend_from_slice(&(*len as u16).to_le_bytes());
            data.extend(vec![0; *len]);
        }
        data
    }

    #[test]
    fn metadata_is_harmless() {
        assert_eq!(extensions(&mint_with(&[(18, 64), (19, 200)])), Ok(()));
        assert_eq!(extensions(&mint_with(&[(0, 0)])), Ok(()));
    }

    #[test]
    fn everything_that_breaks_the_sums_is_refused() {
        // 1 transfer fee, 3 close authority, 4 confidential transfer, 6 default state, 9 non-transferable, 10 interest,
        // 12 permanent delegate, 14 transfer hook, 16 confidential fee, 24 confidential mint and burn, 25 scaled amount, 26 pausable, and the unknown.
        for kind in [1, 3, 4, 6, 9, 10, 12, 14, 16, 24, 25, 26, 999] {
            assert_eq!(extensions(&mint_with(&[(18, 64), (kind, 8)])), Err(Error::MintRefused), "extension {kind}");
        }
    }

    #[test]
    fn a_token_account_is_no_mint() {
        let mut data = mint_with(&[]);
        data[165] = 2;
        assert_eq!(extensions(&data), Err(Error::WrongMint));
        let mut cut = mint_with(&[(19, 50)]);
        cut.truncate(200);
        assert_eq!(extensions(&cut), Err(Error::WrongMint));
    }
}
