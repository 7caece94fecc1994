//! Starts a node's leaving: it serves no more, and the bond stays for the unbonding time, so that what it did last can still be punished.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config, active |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::bond::{Node, request_back};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    request_back::<Node>(call)
}
