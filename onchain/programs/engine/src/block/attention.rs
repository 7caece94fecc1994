//! Vectors 6 to 10: what the heads attend to, each position by itself.

use super::heads::open_own;
use crate::{
    Block, Refusal,
    attention::{Attended, KeyHead, Part, Peaks, score as score_of},
    bytes::{i64_at, u64_at},
    coding,
    evidence::Evidence,
    proof::{Leaf, Vectors},
    vectors::{POSITIONS, block, position_chunks},
};

impl Block<'_> {
    /// The chunk of scores, and of weights, that has a head's position.
    fn chunk_of(&self, head: u32, position: u32) -> Result<u32, Refusal> {
        let before = head.checked_mul(position_chunks(self.position)).ok_or(Refusal::NoElement)?;
        before.checked_add(position / POSITIONS).ok_or(Refusal::NoElement)
    }

    /// Reads the key head at a position of the group of a head: a leaf of the trace, or at the block's own position what it follows from.
    #[inline(never)]
    fn open_key_head(&self, evidence: &mut Evidence, head: u32, position: u32) -> Result<KeyHead, Refusal> {
        let key_head = head / self.shape.group();
        if position == self.position {
            return open_own(self, evidence, key_head);
        }
        let bytes = self.trace().open(evidence, &Leaf { position, layer: self.layer, chunk: self.shape.stream_chunks() + key_head })?;
        if bytes.len() != self.shape.key_head_len() {
            return Err(Refusal::Malformed);
        }
        KeyHead::read(bytes)
    }

    /// Reads a head's score of a position.
    #[inline(never)]
    fn open_score(&self, evidence: &mut Evidence, head: u32, position: u32) -> Result<i64, Refusal> {
        let scores = self.open(evidence, block::SCORES, self.chunk_of(head, position)?)?;
        Ok(i64_at(scores, (position % POSITIONS) as usize))
    }

    fn open_peaks(&self, evidence: &mut Evidence, head: u32) -> Result<Peaks, Refusal> {
        Ok(Peaks::read(self.open(evidence, block::PEAKS, head)?))
    }
}

#[inline(never)]
pub(super) fn score(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    let element = block.element_of(8)?;
    let chunks = position_chunks(block.position);
    let (head, position) = (block.chunk / chunks, block.chunk % chunks * POSITIONS + block.element);
    let query = block.open(evidence, block::ROTATED, head)?;
    let key_head = block.open_key_head(evidence, head, position)?;
    Ok(score_of(query, &key_head, block.shape.score_factor)? != i64_at(block.content, element))
}

/// A position that speaks against a peak: it is above it; or it reaches it before its place; or it is its place, and does not.
fn speaks_against<T: Ord>(position: u32, (at, peak): (u32, T), value: T) -> bool {
    if position == at { value != peak } else { value > peak || value == peak && position < at }
}

#[inline(never)]
pub(super) fn peak(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    let (head, position) = (block.chunk, block.element / 2);
    if position > block.position {
        return Err(Refusal::NoElement);
    }
    let peaks = Peaks::read(block.content);
    if block.element % 2 == 0 {
        let score = block.open_score(evidence, head, position)?;
        return Ok(peaks.score_at > block.position || speaks_against(position, (peaks.score_at, peaks.score), score));
    }
    let exponent = block.open_key_head(evidence, head, position)?.value_exponent();
    Ok(peaks.exponent_at > block.position || speaks_against(position, (peaks.exponent_at, peaks.exponent), exponent))
}

#[inline(never)]
pub(super) fn weight(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    let element = block.element_of(8)?;
    let chunks = position_chunks(block.position);
    let (head, first) = (block.chunk / chunks, block.chunk % chunks * POSITIONS);
    let score = block.open_score(evidence, head, first + block.element)?;
    let weight = block.open_peaks(evidence, head)?.weight(score)?;
    let before = match element.checked_sub(1) {
        Some(before) => u64_at(block.content, before),
        None if first == 0 => 0,
        None => u64_at(block.open(evidence, block::WEIGHTS, block.chunk - 1)?, POSITIONS as usize - 1),
    };
    Ok(before.checked_add(weight) != Some(u64_at(block.content, element)))
}

#[inline(never)]
pub(super) fn mixed(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let (head, position) = (block.chunk / (block.position + 1), block.chunk % (block.position + 1));
    let score = block.open_score(evidence, head, position)?;
    let peaks = block.open_peaks(evidence, head)?;
    let weights = block.open(evidence, block::WEIGHTS, block.chunk_of(head, block.position)?)?;
    let total = u64_at(weights, (block.position % POSITIONS) as usize);
    let key_head = block.open_key_head(evidence, head, position)?;
    let before = match position {
        0 => &[],
        _ => block.open(evidence, block::MIXED, block.chunk - 1)?,
    };
    Ok(Part::of(peaks.weight(score)?, total, &peaks, &key_head)?.differs(&[before, block.content], &key_head))
}

#[inline(never)]
pub(super) fn attended(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let peaks = block.open_peaks(evidence, block.chunk)?;
    // The head's last position stands before the first one of the next head.
    let behind = (block.chunk + 1).checked_mul(block.position + 1).ok_or(Refusal::NoElement)?;
    let mixed = block.open(evidence, block::MIXED, behind - 1)?;
    let attended = Attended::of(mixed, &peaks)?;
    coding::differ(block.content, |i| attended.value(i))
}
