//! What a dispute reads of a receipt (`docs/protocol.md` §6).

use nyxos_shared::{
    Error,
    hash::sha256,
    layout::{Hash, I64, Key, U8, U32, U64},
};

/// Bytes of every receipt that can be disputed: the one field of no fixed length is the engine's name.
pub const LEN: usize = 358;
const ENGINE: &[u8] = b"\x0b\0\0\0nyx-int8-v1";
const ENGINE_AT: usize = 97;
/// The verified tier.
const TIER: u8 = 2;
const MAX_TEMPERATURE: u32 = 100_000_000;
const MILLION: u32 = 1_000_000;
/// Counts and amounts are below.
const COUNTS: u32 = 1 << 31;
const AMOUNTS: u64 = 1 << 63;

const NODE_KEY: Key = Key::at(33);
pub const MODEL_ID: Hash = Hash::at(65);
pub const SEED: U64 = U64(113);
pub const TEMPERATURE_MICRO: U32 = U32(121);
pub const TOP_P_MICRO: U32 = U32(125);
pub const TOP_K: U32 = U32(129);
pub const PROMPT_COMMITMENT: Hash = Hash::at(133);
pub const OUTPUT_HASH: Hash = Hash::at(165);
pub const TOKENS_IN: U32 = U32(197);
pub const TOKENS_OUT: U32 = U32(201);
const CHARGE: U64 = U64(237);
const FINISH: U8 = U8(245);
pub const TRACE_COMMITMENT: Hash = Hash::at(246);
pub const ASSIGNMENT_HASH: Hash = Hash::at(310);
const START_MS: I64 = I64(342);
const END_MS: I64 = I64(350);

/// Refuses what is no receipt of this node, of the engine that the program knows, in the verified tier, with a trace.
pub fn disputable(receipt: &[u8], node_key: &[u8; 32]) -> Result<(), Error> {
    if receipt.len() != LEN {
        return Err(Error::ReceiptUnfit);
    }
    let (tokens_in, tokens_out) = (TOKENS_IN.get(receipt), TOKENS_OUT.get(receipt));
    let engine_end = ENGINE_AT + ENGINE.len();
    let fit = receipt[0] == 1
        && NODE_KEY.get(receipt) == node_key
        && &receipt[ENGINE_AT..engine_end] == ENGINE
        && receipt[engine_end] == TIER
        && TEMPERATURE_MICRO.get(receipt) <= MAX_TEMPERATURE
        && (1..=MILLION).contains(&TOP_P_MICRO.get(receipt))
        && (1..COUNTS).contains(&tokens_in)
        && (1..COUNTS).contains(&tokens_out)
        && CHARGE.get(receipt) < AMOUNTS
        && (1..=3).contains(&FINISH.get(receipt))
        && TRACE_COMMITMENT.get(receipt) != &[0; 32]
        && END_MS.get(receipt) >= START_MS.get(receipt);
    if fit { Ok(()) } else { Err(Error::ReceiptUnfit) }
}

/// What the node's receipt key signs.
pub fn hash(receipt: &[u8]) -> [u8; 32] {
    sha256(&[b"nyxos:receipt:v1", receipt])
}
