//! Closes a validator that has its bond back; its key can be registered anew.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the validator's |
//! | 1 | config | | | of this program |
//! | 2 | validator | | w | of this config, withdrawn, without bond |
//! | 3 | rent_payer | | w | the validator's |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::bond::{Validator, close_bonded};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    close_bonded::<Validator>(call)
}
