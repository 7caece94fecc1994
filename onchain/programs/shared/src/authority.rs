//! Who governs an account, handed over in two steps: the next authority must sign before it is one, so that a typo loses nothing. A
//! multisig's PDA serves as well as a wallet: all that is asked is that it signs.

use pinocchio::AccountView;

use crate::{Error, address, layout::Key, signer};

const NOBODY: [u8; 32] = [0; 32];

/// Where an account keeps its authority.
pub struct Authority {
    pub current: Key,
    pub pending: Key,
}

impl Authority {
    /// The authority must sign.
    pub fn signed(&self, account: &AccountView, data: &[u8]) -> Result<(), Error> {
        signer(account)?;
        address(account, self.current.get(data)).map_err(|_| Error::Unauthorized)
    }

    /// Offers the rights to `next`; zero takes an offer back.
    pub fn offer(&self, data: &mut [u8], next: &[u8; 32]) {
        self.pending.set(data, next);
    }

    /// The authority to be signs and is it from now on.
    pub fn accept(&self, account: &AccountView, data: &mut [u8]) -> Result<(), Error> {
        signer(account)?;
        if self.pending.get(data) == &NOBODY {
            return Err(Error::WrongState);
        }
        address(account, self.pending.get(data)).map_err(|_| Error::Unauthorized)?;
        self.current.set(data, account.address().as_array());
        self.pending.set(data, &NOBODY);
        Ok(())
    }
}
