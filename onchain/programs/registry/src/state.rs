//! The registry's accounts, by the names that the IDL has for them. What the escrow program reads or has as well is declared in the shared crate.

use nyxos_shared::layout;
pub use nyxos_shared::{
    event::event_authority,
    registry::{bond_vault, config, model, node, validator},
    rotation::proposal as verifier_proposal,
};

layout!(
    /// A receipt that is disputed: whose move it is, and what has been opened of what the node committed to (`docs/disputes.md`).
    dispute at [b"dispute", node, receipt_hash, accuser], disc 6, len 1840, {
    3 PHASE: U8, 4 LEVEL: U8, 5 SUBJECT: U8, 6 VECTOR: U8, 7 UNFORMED: U8, 8 LAST: U8, 9 IDS_ASKED: U8, 10 RESUMES: U8, 11 PADDING: [U8; 5],
    16 CONFIG: Key, 48 NODE: Key, 80 NODE_KEY: Key, 112 ACCUSER: Key, 144 RENT_PAYER: Key, 176 STAKE: U64, 184 DEADLINE_SLOT: U64,
    192 OPENED_SLOT: U64, 200 RECEIPT_HASH: Hash, 232 MODEL_ID: Hash, 264 TRACE_COMMITMENT: Hash, 296 SALT: Hash, 328 PROMPT_COMMITMENT: Hash,
    360 OUTPUT_HASH: Hash, 392 ASSIGNMENT_HASH: Hash, 424 TOKENS_IN: U32, 428 TOKENS_OUT: U32, 432 SAMPLER_SEED: U64, 440 TEMPERATURE_MICRO: U32,
    444 TOP_P_MICRO: U32, 448 TOP_K: U32, 452 PLACE_FIRST: U32, 456 PLACE_COUNT: U32, 460 POSITION: U32, 464 TOKEN: U32, 468 LAYER: U32,
    472 CHUNK: U32, 476 CANDIDATES: U32, 480 PLACE_HASH: Hash, 512 TRACE_ROOT: Hash, 544 WEIGHTS_ROOT: Hash, 576 BLOCKS_ROOT: Hash,
    608 ROOTS: [Hash; 18], 1184 CONTENT_LENGTH: U32, 1188 PADDING2: [U8; 4], 1192 CONTENT: [U8; 544], 1736 SHAPE: [U8; 45], 1781 RESERVED: [U8; 59],
});

layout!(
    /// What is written down for a proof, in pieces.
    evidence at [b"evidence", dispute], disc 7, len 76, {
    3 PADDING: [U8; 5], 8 DISPUTE: Key, 40 ACCUSER: Key, 72 BYTES: [U8],
});

/// Most bytes of evidence.
pub const MAX_EVIDENCE: u32 = 262_144;
