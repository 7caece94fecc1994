//! Event numbers; `docs/protocol.md` §3 lists the fields.

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
