//! Releases part or all of a job's amount to its node, on the payer's word.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | payer | s | | the job's |
//! | 1 | market | | | of this program |
//! | 2 | pool | | w | of this market and mint; signs for the deposit vault |
//! | 3 | job | | w | of this pool |
//! | 4 | node | | | the job's node in the market's registry, not slashed |
//! | 5 | payout_token | | w | ATA of the node's payout wallet |
//! | 6 | treasury_token | | w | ATA of the market's treasury |
//! | 7 | mint | | | the pool's |
//! | 8 | deposit_vault | | w | the pool's |
//! | 9 | token_program | | | the pool's |
//! | 10 | event_authority | | | |
//! | 11 | program | | | this program |

use nyxos_shared::Call;
use pinocchio::ProgramResult;

use crate::instructions::release::{Word, release};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    release(call, Word::Payer)
}
