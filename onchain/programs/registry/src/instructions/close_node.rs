//! Closes a node that has its bond back; its key can be registered anew. What it earned is claimed to its payout wallet before: afterwards it waits for whoever registers the key.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program |
//! | 2 | node | | w | of this config, withdrawn, without bond; every attestation it ever had has expired |
//! | 3 | rent_payer | | w | the node's |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::bond::{Node, close_bonded};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    close_bonded::<Node>(call)
}
