//! What every opening of an escrow has in common.

use nyxos_shared::{Create, Error};
use pinocchio::{
    AccountView, Address, ProgramResult,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    instructions::origin::Origin,
    state::{OPEN_SLOT_WINDOW, escrow, escrow_state},
};

/// The present slot, when an opening slot is one of the past, but of the near past: an address that was closed can then never come back.
pub fn opened_at(open_slot: u64) -> Result<u64, ProgramError> {
    let slot = Clock::get()?.slot;
    if open_slot > slot || slot - open_slot >= OPEN_SLOT_WINDOW { Err(Error::OpenSlotOutOfRange.into()) } else { Ok(slot) }
}

/// An escrow as it begins.
pub struct Opening<'a> {
    pub program_id: &'a Address,
    pub rent_payer: &'a AccountView,
    pub origin: &'a Origin,
    pub session_key: &'a [u8; 32],
    pub session_expires: i64,
    pub session_limit: u64,
    pub amount: u64,
    /// The market's.
    pub operator: &'a [u8; 32],
}

impl Opening<'_> {
    /// Makes the account of its address.
    #[inline(never)]
    pub fn create(&self, account: &mut AccountView) -> ProgramResult {
        let Self { program_id, rent_payer, origin, .. } = *self;
        Create { rent_payer, owner: program_id, disc: escrow::DISC, len: escrow::LEN, bump: origin.bump[0] }.at(account, &origin.seeds())?;
        let mut data = account.try_borrow_mut()?;
        escrow::STATE.set(&mut data, escrow_state::OPEN);
        escrow::PREPAID.set(&mut data, origin.session_key.is_some() as u8);
        escrow::MARKET.set(&mut data, &origin.market);
        escrow::PAYER.set(&mut data, &origin.payer);
        escrow::MINT.set(&mut data, &origin.mint);
        escrow::SESSION_KEY.set(&mut data, self.session_key);
        escrow::RENT_PAYER.set(&mut data, rent_payer.address().as_array());
        escrow::DEPOSITED.set(&mut data, self.amount);
        escrow::OPEN_SLOT.set(&mut data, u64::from_le_bytes(origin.open_slot));
        escrow::SESSION_EXPIRES.set(&mut data, self.session_expires);
        escrow::SESSION_LIMIT.set(&mut data, self.session_limit);
        escrow::OPERATOR.set(&mut data, self.operator);
        Ok(())
    }
}
