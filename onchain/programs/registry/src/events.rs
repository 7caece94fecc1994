//! Event numbers; `docs/protocol.md` §2 lists the fields.

pub const CONFIG_INITIALIZED: u8 = 1;
pub const NODE_REGISTERED: u8 = 2;
pub const BOND_ADDED: u8 = 3;
pub const NODE_UPDATED: u8 = 4;
pub const UNBOND_REQUESTED: u8 = 5;
pub const BOND_WITHDRAWN: u8 = 6;
pub const ATTESTATION_RECORDED: u8 = 7;
pub const NODE_SLASHED: u8 = 8;
pub const VERIFIERS_PROPOSED: u8 = 9;
pub const VERIFIERS_APPLIED: u8 = 10;
pub const VERIFIERS_CANCELLED: u8 = 11;
pub const AUTHORITY_PROPOSED: u8 = 12;
pub const AUTHORITY_ACCEPTED: u8 = 13;
pub const PAUSED_SET: u8 = 14;
