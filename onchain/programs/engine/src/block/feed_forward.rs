//! Vectors 11 to 17: the stream after attention, the feed-forward part, and the stream that the block gives.

use super::input;
use crate::{
    Block, Refusal,
    bytes::i32_at,
    coding,
    evidence::Evidence,
    feed_forward::hidden as hidden_value,
    normed::{Coded, Normed},
    proof::Vectors,
    rounding::sat,
    shape::CHUNK,
    stream::{Chunk, Stream},
    vectors::block,
    weights::Part,
};

/// Bits of what heads attended to, and of hidden values.
const ATTENDED: i32 = 16;
const HIDDEN: i32 = 24;

impl Block<'_> {
    /// Which value of its vector the element in dispute is.
    fn index(&self) -> u32 {
        self.chunk * CHUNK + self.element
    }
}

#[inline(never)]
pub(super) fn middle(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    let number = block.number()?;
    let codes = block.open_codes(evidence, block::ATTENDED)?;
    let row = block.open_row(evidence, block.leaf(Part::AttentionOutput, block.index())?, block.shape.width)?;
    let product = row.times(&codes, ATTENDED)?;
    let before = input::chunk(block, evidence, block.chunk)?.value(block.element as usize)?;
    Ok(sat(before as i64 + product as i64) != number)
}

#[inline(never)]
pub(super) fn norm(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let stream = Stream::whole(block, evidence, block::MIDDLE)?;
    let leaf = block.leaf(Part::FeedForwardNorm, 0)?;
    Normed { content: block.content, weights: &block.weights(), stream: &stream, leaf }.differs(evidence)
}

#[inline(never)]
pub(super) fn codes(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let stream = Chunk::Numbers(block.open(evidence, block::MIDDLE, block.chunk)?);
    let norm = block.open(evidence, block::MIDDLE_NORM, 0)?;
    let leaf = block.leaf(Part::FeedForwardNorm, block.chunk)?;
    Coded { content: block.content, weights: &block.weights(), stream, norm, leaf, chunk: block.chunk }.differ(evidence)
}

/// A value of the gate or of what it opens.
#[inline(never)]
pub(super) fn product(block: &Block, evidence: &mut Evidence, part: Part) -> Result<bool, Refusal> {
    let number = block.number()?;
    let leaf = block.leaf(part, block.index())?;
    Ok(block.normed_product(evidence, block::MIDDLE_NORM, leaf)? != number)
}

#[inline(never)]
pub(super) fn hidden(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let gate = block.open(evidence, block::GATE, block.chunk)?;
    let up = block.open(evidence, block::UP, block.chunk)?;
    coding::differ(block.content, |i| Ok(hidden_value(i32_at(gate, i), i32_at(up, i))))
}

/// A value of the stream after the block.
#[inline(never)]
pub(super) fn output(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    let number = block.number()?;
    let codes = block.open_codes(evidence, block::HIDDEN)?;
    let row = block.open_row(evidence, block.leaf(Part::Down, block.index())?, block.shape.feed_forward)?;
    let product = row.times(&codes, HIDDEN)?;
    let before = i32_at(block.open(evidence, block::MIDDLE, block.chunk)?, block.element as usize);
    Ok(sat(before as i64 + product as i64) != number)
}
