//! Takes from a node's bond on evidence the verifier quorum has signed: a reward to who brought it, a refund to who was wronged, the rest is burned.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | config | | | of this program; its verifiers signed; signs for the vault |
//! | 1 | node | | w | of this config, active or unbonding |
//! | 2 | reward_token | | w | of bond_mint, not the vault; this program where nobody is rewarded; named in the signed digest |
//! | 3 | refund_token | | w | likewise, where nobody is refunded |
//! | 4 | bond_mint | | w | the config's |
//! | 5 | bond_vault | | w | PDA `["bonds", config]` |
//! | 6 | token_program | | | owns the mint |
//! | 7 | instructions_sysvar | | | the precompile stands before this instruction |
//! | 8 | event_authority | | | |
//! | 9 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::bond::{Node, take_from};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    take_from::<Node>(call)
}
