//! Who lied, decided by arithmetic: whether a number that a node committed to follows from other numbers that it committed to and from the
//! model (`docs/disputes.md`), by the arithmetic of `docs/engine-nyx-int8-v1.md`.
//!
//! Bytes in, verdict out: no accounts, no allocation. Evidence is the accuser's and anything may stand in it; a number in dispute is the
//! node's, and anything may stand there too. Neither can make a function here fault. What is out of every honest range is refused as evidence
//! ([`Refusal::OutOfRange`]): an honest node's numbers never are, and the first number of a liar's that is wrong follows from none that is.
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(test)]
mod arithmetic;
mod attention;
mod block;
mod bytes;
#[cfg(test)]
mod cases;
mod choice;
mod coding;
mod commitment;
mod evidence;
mod feed_forward;
mod halving;
#[cfg(test)]
mod hostile;
mod mantissas;
mod matrix;
mod norm;
mod normed;
mod proof;
mod refusal;
mod rotation;
mod rounding;
mod sampling;
mod shape;
mod stream;
mod tables;
mod tokens;
pub mod vectors;
mod weights;

pub use block::block_fault;
pub use choice::choice_fault;
pub use commitment::{ENGINE, leaf, model_id, parent, salted_trace, split, step_hash};
pub use refusal::Refusal;
pub use shape::{Shape, header, part};
pub use tokens::{Ids, Text, Token, token_fault};
pub use vectors::{block_chunk_len, block_chunks, choice_chunk_len, choice_chunks};

/// A chunk of a block's vectors, in dispute.
pub struct Block<'a> {
    pub shape: &'a Shape,
    pub weights_root: &'a [u8; 32],
    /// The bare root of the trace.
    pub trace_root: &'a [u8; 32],
    /// How many steps the trace has.
    pub steps: u32,
    /// The root over the blocks of the step in dispute.
    pub blocks_root: &'a [u8; 32],
    pub position: u32,
    /// The token that the step ran.
    pub token: u32,
    pub layer: u32,
    /// The roots of the block's vectors, by their numbers ([`vectors::block`]); the last is the block's hash.
    pub roots: &'a [u8; 32 * vectors::block::COUNT],
    pub vector: u8,
    pub chunk: u32,
    /// The chunk in dispute.
    pub content: &'a [u8],
    pub element: u32,
}

/// A chunk of a choice's vectors, in dispute.
pub struct Choice<'a> {
    pub shape: &'a Shape,
    pub weights_root: &'a [u8; 32],
    pub trace_root: &'a [u8; 32],
    pub steps: u32,
    /// The step whose logits chose.
    pub position: u32,
    /// The token that was chosen.
    pub token: u32,
    /// Which of the reply's tokens it is.
    pub reply_index: u32,
    pub seed: u64,
    pub temperature: u32,
    pub top_p: u32,
    pub top_k: u32,
    /// N.
    pub candidates: u32,
    /// The roots of the choice's vectors, by their numbers ([`vectors::choice`]).
    pub roots: &'a [u8; 32 * vectors::choice::COUNT],
    pub vector: u8,
    pub chunk: u32,
    pub content: &'a [u8],
    pub element: u32,
}
