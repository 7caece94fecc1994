//! Layouts of the registry's accounts, here because the escrow program reads a node before it pays one.

use crate::{Authority, derived, layout, quorum::Place, record};

layout!(
    /// Parameters of a registry.
    config at [b"config", creator, id], disc 1, len 432, {
    3 EVENT_AUTHORITY_BUMP: U8, 4 ID: U16, 6 PADDING: [U8; 2], 8 CREATOR: Key, 40 AUTHORITY: Key, 72 BOND_MINT: Key, 104 MIN_BOND: U64,
    112 UNBONDING_SLOTS: U64, 120 NODE_COUNT: U64, 128 VERIFIER_COUNT: U8, 129 THRESHOLD: U8, 130 PADDING2: [U8; 6], 136 VERIFIERS: [Key; 7],
    360 PENDING_AUTHORITY: Key, 392 PAUSED: U8, 393 PADDING3: [U8; 7], 400 MIN_VALIDATOR_BOND: U64, 408 VALIDATOR_COUNT: U64, 416 ANSWER_SLOTS: U64,
    424 RESERVED: [U8; 8],
});

/// A registry's verifiers.
pub const CONFIG_VERIFIERS: Place = Place { count: config::VERIFIER_COUNT, threshold: config::THRESHOLD, keys: config::VERIFIERS };
/// Who governs a registry.
pub const CONFIG_AUTHORITY: Authority = Authority { current: config::AUTHORITY, pending: config::PENDING_AUTHORITY };

layout!(
    /// A provider node and its bond.
    node at [b"node", config, node_key], disc 2, len 464, {
    3 STATE: U8, 4 TIERS: U8, 5 ATTESTATION_KIND: U8, 6 PADDING: [U8; 2], 8 CONFIG: Key, 40 NODE_KEY: Key, 72 OPERATOR: Key, 104 PAYOUT: Key,
    136 RECEIPT_KEY: Key, 168 SEALING_KEY: Key, 200 BOND: U64, 208 UNBOND_SLOT: U64, 216 REGISTERED_SLOT: U64, 224 RENT_PAYER: Key,
    256 ATTESTATION_EXPIRY_SLOT: U64, 264 ATTESTATION_QUOTE_HASH: Hash, 296 ATTESTATION_MEASUREMENT: [U8; 48], 344 SLASHED_TOTAL: U64,
    352 ATTESTATION_FLOOR_SLOT: U64, 360 REVOKED_QUOTE_HASH: Hash, 392 OPEN_DISPUTES: U32, 396 PADDING2: [U8; 4],
    400 PREVIOUS_RECEIPT_KEY: Key, 432 PREVIOUS_UNTIL_SLOT: U64, 440 RESERVED: [U8; 24],
});

record!(
    /// What a confidential node measures of itself.
    Measurement { bytes: [u8; 48] });

layout!(
    /// A model that can be served, and what its publisher asks for it.
    model at [b"model", config, model_id], disc 3, len 448, {
    3 STATE: U8, 4 ROYALTY_BPS: U16, 6 PENDING_ROYALTY_BPS: U16, 8 CONFIG: Key, 40 MODEL_ID: Hash, 72 PUBLISHER: Key, 104 PAYEE: Key,
    136 RENT_PAYER: Key, 168 PENDING_SLOT: U64, 176 REGISTERED_SLOT: U64, 184 MEASUREMENT_COUNT: U8, 185 PADDING: [U8; 7],
    192 MEASUREMENTS: [Measurement; 4], 384 RESERVED: [U8; 64],
});

layout!(
    /// Who replays sampled jobs and answers for its verdicts with a bond.
    validator at [b"validator", config, validator_key], disc 4, len 256, {
    3 STATE: U8, 4 PADDING: [U8; 4], 8 CONFIG: Key, 40 VALIDATOR_KEY: Key, 72 OPERATOR: Key, 104 PAYOUT: Key, 136 BOND: U64, 144 UNBOND_SLOT: U64,
    152 REGISTERED_SLOT: U64, 160 SLASHED_TOTAL: U64, 168 RENT_PAYER: Key, 200 RESERVED: [U8; 56],
});

derived!(
    /// The bonds of nodes and validators.
    bond_vault at [b"bonds", config]);

/// States of a model.
pub mod model_state {
    pub const ACTIVE: u8 = 1;
    pub const RETIRED: u8 = 2;
}

/// Shortest unbonding time, in slots: a blockhash lives as long, so whatever was signed against a bond before its owner asked to leave is
/// on chain or never will be.
pub const MIN_UNBONDING_SLOTS: u64 = 150;
/// Longest unbonding time, in slots: about a year. Bonds that never leave would be no bonds.
pub const MAX_UNBONDING_SLOTS: u64 = 78_840_000;

/// Shortest time for a move of a dispute, in slots; a registry without disputes has none.
pub const MIN_ANSWER_SLOTS: u64 = 10;
/// Longest time for a move of a dispute, in slots: about a day.
pub const MAX_ANSWER_SLOTS: u64 = 216_000;

/// Highest royalty, in basis points.
pub const MAX_ROYALTY_BPS: u16 = 3000;
/// Most measurements a model allows.
pub const MAX_MEASUREMENTS: usize = 4;

/// States of a bond, and so of the node or validator that it stands for.
pub mod bond_state {
    pub const ACTIVE: u8 = 1;
    pub const UNBONDING: u8 = 2;
    pub const WITHDRAWN: u8 = 3;
    pub const SLASHED: u8 = 4;
}
