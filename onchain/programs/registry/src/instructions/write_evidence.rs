//! Writes a piece of evidence; the account grows to its end, by at most 10 240 bytes an instruction.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | writer | s | w | the evidence's; pays the rent of what is new |
//! | 1 | dispute | | | the evidence's; over, or not one whose node has yet to answer by the ids that it was shown |
//! | 2 | evidence | | w | of this program |
//! | 3 | system_program | | | |

use nyxos_shared::{Call, Error, accounts, arguments, program, writable};
use pinocchio::{
    AccountView, ProgramResult, Resize,
    sysvars::{Sysvar, rent::Rent},
};
use pinocchio_system::instructions::Transfer;

use crate::{
    dispute::load_own_evidence,
    state::{MAX_EVIDENCE, evidence},
};

/// More than a transaction holds.
const MAX_PIECE: usize = 1_232;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [writer, dispute_account, evidence_account, system_program]);
    arguments!(data, { offset: u32, bytes: [u8; ..=MAX_PIECE] });

    writable(writer)?;
    program(system_program, &pinocchio_system::ID)?;
    load_own_evidence(writer, evidence_account, dispute_account, program_id)?;
    let end = offset.checked_add(bytes.len() as u32).filter(|end| *end <= MAX_EVIDENCE).ok_or(Error::InvalidArgument)?;
    let len = evidence::LEN + end as usize;
    if len > evidence_account.data_len() {
        grow(writer, evidence_account, len)?;
    }
    let mut data = evidence_account.try_borrow_mut()?;
    evidence::BYTES.get_mut(&mut data)[offset as usize..end as usize].copy_from_slice(bytes);
    evidence::BYTES.count(&mut data);
    Ok(())
}

/// Makes the account longer, and pays for it.
#[inline(never)]
fn grow(writer: &AccountView, account: &mut AccountView, len: usize) -> ProgramResult {
    let rent = Rent::get()?.try_minimum_balance(len)?;
    let lamports = rent.saturating_sub(account.lamports());
    if lamports > 0 {
        Transfer { from: writer, to: account, lamports }.invoke()?;
    }
    account.resize(len).map_err(|_| Error::InvalidArgument.into())
}
