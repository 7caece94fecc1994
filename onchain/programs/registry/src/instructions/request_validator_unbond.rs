//! Starts a validator's leaving: its verdicts count no more, and the bond stays for the unbonding time, so that what it said last can still be punished.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the validator's |
//! | 1 | config | | | of this program |
//! | 2 | validator | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::bond::{Validator, request_back};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    request_back::<Validator>(call)
}
