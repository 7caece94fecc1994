//! Event numbers (`docs/protocol.md` §3 lists the fields), and who may sign for an event.

use nyxos_shared::{event, load, signer};
use pinocchio::{AccountView, Address, ProgramResult};

use crate::state::escrow;

pub const MARKET_INITIALIZED: u8 = 1;
pub const POOL_INITIALIZED: u8 = 2;
pub const ESCROW_OPENED: u8 = 3;
pub const DEPOSITED: u8 = 4;
pub const VOUCHERS_SETTLED: u8 = 5;
pub const EXIT_REQUESTED: u8 = 6;
pub const ESCROW_EXITED: u8 = 7;
pub const INFLOW_SYNCED: u8 = 8;
pub const BATCH_POSTED: u8 = 9;
pub const BATCH_FINALIZED: u8 = 10;
pub const BATCH_VOIDED: u8 = 11;
pub const CLAIMED: u8 = 12;
pub const SETTLED_COLLECTED: u8 = 13;
pub const PAUSED_SET: u8 = 14;
pub const MARKET_UPDATED: u8 = 15;
pub const AUTHORITY_ACCEPTED: u8 = 16;
pub const TERMS_PROPOSED: u8 = 17;
pub const TERMS_APPLIED: u8 = 18;
pub const TERMS_CANCELLED: u8 = 19;
pub const OPERATOR_REFRESHED: u8 = 20;
pub const JOB_OPENED: u8 = 21;
pub const JOB_RELEASED: u8 = 22;
pub const JOB_CLOSED: u8 = 23;
pub const PAYMENT_RECEIVED: u8 = 24;
pub const PAYMENT_CLOSED: u8 = 25;
pub const BATCH_CLOSED: u8 = 26;
pub const POSTER_BONDED: u8 = 27;
pub const POSTER_UNBOND_REQUESTED: u8 = 28;
pub const POSTER_BOND_WITHDRAWN: u8 = 29;
pub const LEAF_PROVEN: u8 = 30;
pub const LEAF_CLOSED: u8 = 31;
pub const BATCH_CHALLENGED: u8 = 32;

/// Accepts an event call from ourselves: signed by the event authority, or by an escrow. Both are addresses of this program, which have no
/// private key, and the program signs for an escrow nowhere but in a settlement's event.
pub fn accept(program_id: &Address, accounts: &[AccountView]) -> ProgramResult {
    if let [author] = accounts
        && load(author, program_id, escrow::DISC, escrow::LEN).is_ok()
    {
        return Ok(signer(author)?);
    }
    event::accept(program_id, accounts)
}
