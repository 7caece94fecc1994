//! Closes a dispute's evidence, also when the dispute is over; the rent goes back to who wrote it.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | writer | s | w | the evidence's |
//! | 1 | dispute | | | the evidence's; over, or not one whose node has yet to answer by the ids that it was shown |
//! | 2 | evidence | | w | of this program |

use nyxos_shared::{Call, accounts, arguments, close};
use pinocchio::ProgramResult;

use crate::{dispute::load_own_evidence, state::evidence};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [writer, dispute_account, evidence_account]);
    arguments!(data, {});

    let wrote = *evidence::ACCUSER.get(&load_own_evidence(writer, evidence_account, dispute_account, program_id)?);
    close(evidence_account, writer, &wrote)
}
