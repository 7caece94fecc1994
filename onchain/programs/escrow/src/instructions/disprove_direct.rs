//! Voids a job that its node settles by itself when a batch of the pool has a receipt of the same job. Anyone may send it, in the window.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | market | | | of this program |
//! | 1 | direct | | w | of this market, open, slot < final_slot |
//! | 2 | batch | | | of the same pool, posted or final |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |
//!
//! The receipt is given in full, because its hash alone does not say whose job it is.

use nyxos_shared::{Call, Emitter, Error, accounts, arguments, hash::sha256, hash_tree, load, tree};
use pinocchio::{
    AccountView, Address, ProgramResult,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::{ends_direct, event_bump, load_direct, load_market},
    state::{batch, batch_state, direct, direct_state},
};

/// Longest receipt; its one field of no fixed length is an engine's name of at most 128 bytes.
const MAX_RECEIPT: usize = 512;
/// Deepest proof: 2^32 receipts.
const MAX_STEPS: usize = 32;
/// How the event names whose word it was.
const BY_RECEIPT: u8 = 1;

/// A receipt and its place.
struct Leaf<'a> {
    receipt: &'a [u8],
    index: u32,
    proof: &'a [u8],
}

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [market_account, direct_account, batch_account, event_authority, this]);
    arguments!(data, { index: u32, receipt: [u8; ..=MAX_RECEIPT], proof: [Hash; ..=MAX_STEPS] });

    let bump = event_bump(&load_market(market_account, program_id)?);
    let (pool, charge) = {
        let mut data = load_direct(direct_account, market_account, program_id)?;
        ends_direct(&data, Clock::get()?.slot)?;
        // Version and job id stand first.
        if receipt.len() < 33 || receipt[0] != 1 || &receipt[1..33] != direct::JOB.get(&data) {
            return Err(Error::ReceiptForeign.into());
        }
        let pool = *direct::POOL.get(&data);
        holds(&Leaf { receipt, index, proof }, batch_account, &pool, program_id)?;
        direct::STATE.set(&mut data, direct_state::VOID);
        (pool, direct::CHARGE.get(&data))
    };
    events::DirectVoided { direct: direct_account.address().as_array(), pool: &pool, charge, by: BY_RECEIPT, reason: 0 }.emit(&Emitter {
        program_id,
        program: this,
        authority: event_authority,
        bump,
    })
}

/// Walks the proof to the receipts root of a batch of this pool that was not voided.
#[inline(never)]
fn holds(leaf: &Leaf, account: &AccountView, pool: &[u8; 32], program_id: &Address) -> ProgramResult {
    let data = load(account, program_id, batch::DISC, batch::LEN)?;
    if batch::POOL.get(&data) != pool {
        return Err(Error::WrongAddress.into());
    }
    if batch::STATE.get(&data) == batch_state::VOID {
        return Err(Error::WrongState.into());
    }
    let start = hash_tree::leaf(&sha256(&[b"nyxos:receipt:v1", leaf.receipt]));
    let root = tree::walk(start, leaf.index, batch::RECEIPTS_COUNT.get(&data), leaf.proof)?;
    if &root.0 != batch::RECEIPTS_ROOT.get(&data) {
        return Err(Error::WrongProof.into());
    }
    Ok(())
}
