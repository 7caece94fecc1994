//! What an escrow's address comes from, with which it signs for its inbox and for a settlement's event.

use nyxos_shared::{Error, pda};
use pinocchio::{AccountView, Address, cpi::Seed};

use crate::state::{escrow, prepaid};

/// Seeds of an escrow's address. The session key is one of them only where the escrow is prepaid: who opens such a one is not who pays, and must not
/// be able to put in a key of its own.
pub struct Origin {
    pub market: [u8; 32],
    pub payer: [u8; 32],
    pub mint: [u8; 32],
    /// Of a prepaid escrow alone.
    pub session_key: Option<[u8; 32]>,
    pub open_slot: [u8; 8],
    pub bump: [u8; 1],
}

impl Origin {
    /// Of the data of an escrow.
    #[inline(never)]
    pub fn of(data: &[u8]) -> Self {
        Self {
            market: *escrow::MARKET.get(data),
            payer: *escrow::PAYER.get(data),
            mint: *escrow::MINT.get(data),
            session_key: (escrow::PREPAID.get(data) != 0).then(|| *escrow::SESSION_KEY.get(data)),
            open_slot: escrow::OPEN_SLOT.get(data).to_le_bytes(),
            bump: [escrow::BUMP.get(data)],
        }
    }

    /// The bump of its address, which must be the account's.
    #[inline(never)]
    pub fn derive(&mut self, account: &AccountView, program_id: &Address) -> Result<(), Error> {
        self.bump = [match &self.session_key {
            Some(key) => pda(account, &prepaid::seeds(&self.market, &self.payer, &self.mint, key, &self.open_slot), program_id)?,
            None => pda(account, &escrow::seeds(&self.market, &self.payer, &self.mint, &self.open_slot), program_id)?,
        }];
        Ok(())
    }

    /// What signs. A seed without bytes adds nothing to an address.
    #[inline(always)]
    pub fn seeds(&self) -> [Seed<'_>; 7] {
        let (prefix, key) = match &self.session_key {
            Some(key) => (prepaid::SEED, &key[..]),
            None => (escrow::SEED, &[][..]),
        };
        [
            Seed::from(prefix),
            Seed::from(&self.market),
            Seed::from(&self.payer),
            Seed::from(&self.mint),
            Seed::from(key),
            Seed::from(&self.open_slot),
            Seed::from(&self.bump),
        ]
    }
}
