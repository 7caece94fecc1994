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
pub const ATTESTATION_REVOKED: u8 = 15;
pub const NODE_CLOSED: u8 = 16;
pub const MODEL_REGISTERED: u8 = 17;
pub const MODEL_UPDATED: u8 = 18;
pub const MODEL_RETIRED: u8 = 19;
pub const VALIDATOR_REGISTERED: u8 = 20;
pub const VALIDATOR_BOND_ADDED: u8 = 21;
pub const VALIDATOR_UPDATED: u8 = 22;
pub const VALIDATOR_UNBOND_REQUESTED: u8 = 23;
pub const VALIDATOR_BOND_WITHDRAWN: u8 = 24;
pub const VALIDATOR_SLASHED: u8 = 25;
pub const VALIDATOR_CLOSED: u8 = 26;

/// Who ended an attestation, as its event says.
pub mod revoked_by {
    pub const QUORUM: u8 = 1;
    pub const OPERATOR: u8 = 2;
}
