//! Gives the bond back after the unbonding time; what a slash left of it too. A slashed node stays slashed.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | the node's |
//! | 1 | config | | | of this program; signs for the vault |
//! | 2 | node | | w | of this config, unbonding or slashed, slot ≥ unbond_slot |
//! | 3 | operator_token | | w | of bond_mint, owned by operator |
//! | 4 | bond_mint | | | the config's |
//! | 5 | bond_vault | | w | PDA `["bonds", config]` |
//! | 6 | token_program | | | owns the mint |
//! | 7 | event_authority | | | |
//! | 8 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::bond::{Node, give_back};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    give_back::<Node>(call)
}
