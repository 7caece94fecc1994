//! Guards on accounts, and creation of our own.

use pinocchio::{
    AccountView, Address, ProgramResult,
    account::{Ref, RefMut},
    cpi::{Seed, Signer},
    error::ProgramError,
};

use crate::{
    Error,
    layout::{U8, U64},
};

/// All instructions take a fixed list of accounts; a longer or shorter one is refused, so that none is ever misread.
#[macro_export]
macro_rules! accounts {
    ($accounts:expr, [$($name:ident),* $(,)?]) => {
        let [$($name),*] = $accounts else {
            return Err($crate::Error::WrongAccountCount.into());
        };
    };
}

pub fn signer(account: &AccountView) -> Result<(), Error> {
    if account.is_signer() { Ok(()) } else { Err(Error::MissingSigner) }
}

pub fn writable(account: &AccountView) -> Result<(), Error> {
    if account.is_writable() { Ok(()) } else { Err(Error::NotWritable) }
}

pub fn address(account: &AccountView, expected: &[u8; 32]) -> Result<(), Error> {
    if account.address().as_array() == expected { Ok(()) } else { Err(Error::WrongAddress) }
}

pub fn program(account: &AccountView, expected: &Address) -> Result<(), Error> {
    if account.address() == expected { Ok(()) } else { Err(Error::WrongProgram) }
}

/// An account of ours of the given kind: the owner stops look-alikes, discriminator and version stop type confusion.
pub fn load<'a>(account: &'a AccountView, owner: &Address, disc: u8, len: usize) -> Result<Ref<'a, [u8]>, ProgramError> {
    kind(account, owner, disc, len)?;
    account.try_borrow()
}

/// As [`load`], to be written.
pub fn load_mut<'a>(account: &'a mut AccountView, owner: &Address, disc: u8, len: usize) -> Result<RefMut<'a, [u8]>, ProgramError> {
    writable(account)?;
    kind(account, owner, disc, len)?;
    account.try_borrow_mut()
}

/// As [`load`], of an account that can grow: `len` is what it has at least.
pub fn load_grown<'a>(account: &'a AccountView, owner: &Address, disc: u8, len: usize) -> Result<Ref<'a, [u8]>, ProgramError> {
    kind(account, owner, disc, account.data_len().max(len))?;
    account.try_borrow()
}

/// As [`load_grown`], to be written.
pub fn load_grown_mut<'a>(account: &'a mut AccountView, owner: &Address, disc: u8, len: usize) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let len = account.data_len().max(len);
    load_mut(account, owner, disc, len)
}

fn kind(account: &AccountView, owner: &Address, disc: u8, len: usize) -> Result<(), ProgramError> {
    if !account.owned_by(owner) {
        return Err(Error::WrongOwner.into());
    }
    if account.data_len() != len {
        return Err(Error::WrongAccountKind.into());
    }
    let data = account.try_borrow()?;
    if data[0] != disc || data[1] != 1 {
        return Err(Error::WrongAccountKind.into());
    }
    Ok(())
}

/// The address of these seeds and its bump, the canonical one.
///
/// Hashes and tests for the curve itself, at some 350 units a try: the runtime's own search takes 1,500 a try, and strangers choose
/// the keys among the seeds and with them the number of tries.
pub fn derive<const N: usize>(seeds: &[&[u8]; N], program_id: &Address) -> Result<(Address, u8), Error> {
    Address::derive_program_address(seeds, program_id).ok_or(Error::WrongAddress)
}

/// The bump of the PDA, when the account has its address.
pub fn pda<const N: usize>(account: &AccountView, seeds: &[&[u8]; N], program_id: &Address) -> Result<u8, Error> {
    let (expected, bump) = derive(seeds, program_id)?;
    if account.address() == &expected { Ok(bump) } else { Err(Error::WrongAddress) }
}

/// An account of ours to create, with its header; whoever sent lamports to the address beforehand cannot stop it.
pub struct Create<'a> {
    pub rent_payer: &'a AccountView,
    pub owner: &'a Address,
    pub disc: u8,
    pub len: usize,
    pub bump: u8,
}

impl Create<'_> {
    /// `seeds` sign for the new address.
    #[inline(never)]
    pub fn at(&self, account: &mut AccountView, seeds: &[Seed]) -> ProgramResult {
        signer(self.rent_payer)?;
        writable(self.rent_payer)?;
        writable(account)?;
        if !account.is_data_empty() || !account.owned_by(&pinocchio_system::ID) {
            return Err(Error::AlreadyInitialized.into());
        }
        let signers = [Signer::from(seeds)];
        pinocchio_system::create_account_with_minimum_balance_signed(account, self.len, self.owner, self.rent_payer, None, &signers)?;
        let mut data = account.try_borrow_mut()?;
        data[0] = self.disc;
        data[1] = 1;
        U8(2).set(&mut data, self.bump);
        Ok(())
    }
}

/// Closes an account of ours: its lamports go to who paid its rent, its address is free again.
#[inline(never)]
pub fn close(account: &mut AccountView, to: &mut AccountView, rent_payer: &[u8; 32]) -> ProgramResult {
    writable(account)?;
    writable(to)?;
    address(to, rent_payer)?;
    let lamports = to.lamports().checked_add(account.lamports()).ok_or(Error::ArithmeticOverflow)?;
    to.set_lamports(lamports);
    account.close()
}

/// Adds to a counter in account data; an overflow is an error, never a wrap.
pub fn add(data: &mut [u8], field: U64, amount: u64) -> Result<u64, Error> {
    let sum = field.get(data).checked_add(amount).ok_or(Error::ArithmeticOverflow)?;
    field.set(data, sum);
    Ok(sum)
}

/// Checked `a − b`.
pub fn sub(a: u64, b: u64) -> Result<u64, Error> {
    a.checked_sub(b).ok_or(Error::ArithmeticOverflow)
}
