//! Settles what was really used of many escrows, each against its payer's voucher. It only counts: `collect` moves the tokens.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | operator | s | | of each escrow |
//! | 1 | instructions_sysvar | | | the precompile with the vouchers stands before this instruction |
//! | 2 | program | | | this program |
//! | 3.. | escrows | | w | one a signature, in order |
//!
//! Five unrelated vouchers leave 25 bytes of a legacy transaction for amounts, so there is no account here that an escrow does not stand for
//! by its own data, and an amount is what was *not* used of its voucher, as a varint. An entry that fails a check of its own is skipped and
//! named in the event, so that one payer's voucher cannot stop the others'.

use nyxos_shared::{
    Call, Error, Event, arguments,
    ed25519::{self, Signed},
    event::Author,
    load_mut, program, signer,
};
use pinocchio::{
    AccountView, Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events::{SettledEntry, VouchersSettled},
    instructions::{Debit, Debited, origin::Origin},
    state::escrow,
};

const FIXED: usize = 3;
/// More vouchers than fit in a transaction.
const MAX_ENTRIES: usize = 16;

nyxos_shared::leb128!(
    /// What was not used of each voucher, to the end of the instruction data: unsigned LEB128 integers in their shortest form, no count in front.
    Unspent { amounts });

/// What every entry is judged against.
struct Session<'a> {
    program_id: &'a Address,
    operator: &'a Address,
    clock: Clock,
}

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    if accounts.len() <= FIXED || accounts.len() > FIXED + MAX_ENTRIES {
        return Err(Error::WrongAccountCount.into());
    }
    let (fixed, escrows) = accounts.split_at_mut(FIXED);
    nyxos_shared::accounts!(fixed, [operator, instructions, this]);

    signer(operator)?;
    // The self-CPI below needs it among our accounts.
    program(this, program_id)?;
    let session = Session { program_id, operator: operator.address(), clock: Clock::get()? };
    let mut event = Event::new(VouchersSettled::ID);
    VouchersSettled { operator: operator.address().as_array(), entries: escrows.len() as u32 }.put(&mut event);
    let author = ed25519::before(instructions, |precompile| {
        if precompile.count() != escrows.len() {
            return Err(Error::SignatureCount.into());
        }
        arguments!(data, { ..unspent: Unspent });
        let mut author = None;
        for (index, account) in escrows.iter_mut().enumerate() {
            let signed = precompile.signed(index)?;
            let outcome = settle(&session, account, &signed, unspent.read()?);
            if !matches!(outcome, Err(Error::EscrowForeign | Error::Unauthorized)) {
                author.get_or_insert(index);
            }
            let (settled, code) = match outcome {
                Ok(settled) => (settled, 0),
                Err(error) => (Debited { cumulative: 0, amount: 0 }, error as u32),
            };
            let Debited { cumulative, amount } = settled;
            SettledEntry { escrow: account.address().as_array(), cumulative, amount, code }.put(&mut event);
        }
        unspent.end()?;
        // Who operates none of these escrows has nothing to tell.
        author.ok_or(Error::Unauthorized.into())
    })?;
    tell(&event, &escrows[author], program_id)
}

/// Debits one escrow what its voucher allows less `unspent`, if session and voucher are in force.
#[inline(never)]
fn settle(session: &Session, account: &mut AccountView, signed: &Signed, unspent: u64) -> Result<Debited, Error> {
    let key = *account.address().as_array();
    let mut data = load_mut(account, session.program_id, escrow::DISC, escrow::LEN).map_err(|_| Error::EscrowForeign)?;
    // With a stranger's settlements, vouchers could be drawn to their upper bound.
    if escrow::OPERATOR.get(&data) != session.operator.as_array() {
        return Err(Error::Unauthorized);
    }
    let debit = Debit { escrow: &key, signed, clock: &session.clock };
    debit.draw(&mut data, |voucher, _| voucher.cumulative.checked_sub(unspent).ok_or(Error::NothingToSettle))
}

/// Emits the event with an escrow's signature: for the event authority's key the transaction has no room.
#[inline(never)]
fn tell(event: &Event, author: &AccountView, program_id: &Address) -> ProgramResult {
    let origin = Origin::of(&author.try_borrow()?);
    event.emit_by(&Author { program_id, account: author, seeds: &origin.seeds() })
}
