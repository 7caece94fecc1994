//! Layouts of the registry's accounts, here because the escrow program reads a node before it pays one.

use crate::{Authority, layout, quorum::Place};

layout!(
    /// Parameters of a registry; PDA `["config", creator, id]`.
    config, disc 1, len 424, {
    4 ID: U16, 6 ZERO: Bytes<2>, 8 CREATOR: Key, 40 AUTHORITY: Key, 72 BOND_MINT: Key, 104 MIN_BOND: U64, 112 UNBONDING_SLOTS: U64,
    120 NODE_COUNT: U64, 128 VERIFIER_COUNT: U8, 129 THRESHOLD: U8, 130 ZERO_2: Bytes<6>, 136 VERIFIERS: Bytes<224>, 360 PENDING_AUTHORITY: Key,
    392 PAUSED: U8, 393 ZERO_3: Bytes<7>, 400 MIN_VALIDATOR_BOND: U64, 408 VALIDATOR_COUNT: U64, 416 RESERVED: Bytes<8>,
});

/// A registry's verifiers.
pub const CONFIG_VERIFIERS: Place = Place { count: config::VERIFIER_COUNT, threshold: config::THRESHOLD, keys: config::VERIFIERS };
/// Who governs a registry.
pub const CONFIG_AUTHORITY: Authority = Authority { current: config::AUTHORITY, pending: config::PENDING_AUTHORITY };

layout!(
    /// A provider node and its bond; PDA `["node", config, node_key]`.
    node, disc 2, len 416, {
    4 TIERS: U8, 5 ATTESTATION_KIND: U8, 6 ZERO: Bytes<2>, 8 CONFIG: Key, 40 NODE_KEY: Key, 72 OPERATOR: Key, 104 PAYOUT: Key,
    136 RECEIPT_KEY: Key, 168 SEALING_KEY: Key, 200 BOND: U64, 208 UNBOND_SLOT: U64, 216 REGISTERED_SLOT: U64, 224 RENT_PAYER: Key,
    256 ATTESTATION_EXPIRY_SLOT: U64, 264 ATTESTATION_QUOTE_HASH: Key, 296 ATTESTATION_MEASUREMENT: Bytes<48>, 344 SLASHED_TOTAL: U64,
    352 ATTESTATION_FLOOR_SLOT: U64, 360 REVOKED_QUOTE_HASH: Key, 392 RESERVED: Bytes<24>,
});

layout!(
    /// A model that can be served, and what its publisher asks for it; PDA `["model", config, model_id]`.
    model, disc 3, len 448, {
    4 ROYALTY_BPS: U16, 6 PENDING_ROYALTY_BPS: U16, 8 CONFIG: Key, 40 MODEL_ID: Key, 72 PUBLISHER: Key, 104 PAYEE: Key, 136 RENT_PAYER: Key,
    168 PENDING_SLOT: U64, 176 REGISTERED_SLOT: U64, 184 MEASUREMENT_COUNT: U8, 185 ZERO: Bytes<7>, 192 MEASUREMENTS: Bytes<192>,
    384 RESERVED: Bytes<64>,
});

layout!(
    /// Who replays sampled jobs and answers for its verdicts with a bond; PDA `["validator", config, validator_key]`.
    validator, disc 4, len 256, {
    4 ZERO: Bytes<4>, 8 CONFIG: Key, 40 VALIDATOR_KEY: Key, 72 OPERATOR: Key, 104 PAYOUT: Key, 136 BOND: U64, 144 UNBOND_SLOT: U64,
    152 REGISTERED_SLOT: U64, 160 SLASHED_TOTAL: U64, 168 RENT_PAYER: Key, 200 RESERVED: Bytes<56>,
});

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
