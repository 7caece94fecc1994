//! Vectors 0 and 1: the norm of the stream that enters the block, and its codes.

use crate::{
    Block, Refusal,
    evidence::Evidence,
    normed::{Coded, Normed},
    proof::Vectors,
    stream::{Chunk, Stream},
    vectors::block,
    weights::Part,
};

#[inline(never)]
pub(super) fn norm(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let trace = block.trace();
    let stream = match block.layer.checked_sub(1) {
        None => Stream::embedding(&trace, evidence, block.token)?,
        Some(before) => Stream::behind(&trace, evidence, before)?,
    };
    let leaf = block.leaf(Part::AttentionNorm, 0)?;
    Normed { content: block.content, weights: &trace.weights, stream: &stream, leaf }.differs(evidence)
}

#[inline(never)]
pub(super) fn codes(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let stream = chunk(block, evidence, block.chunk)?;
    let norm = block.open(evidence, block::NORM, 0)?;
    let leaf = block.leaf(Part::AttentionNorm, block.chunk)?;
    Coded { content: block.content, weights: &block.weights(), stream, norm, leaf, chunk: block.chunk }.differ(evidence)
}

/// Reads a chunk of the stream that enters the block.
#[inline(never)]
pub(super) fn chunk<'e>(block: &Block, evidence: &mut Evidence<'e>, chunk: u32) -> Result<Chunk<'e>, Refusal> {
    match block.layer.checked_sub(1) {
        None => Chunk::embedding(&block.trace(), evidence, block.token, chunk),
        Some(before) => Chunk::behind(&block.trace(), evidence, before, chunk),
    }
}
