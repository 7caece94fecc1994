//! Vectors 2 to 5 and the block's key heads: queries, keys and values of the position, and what is kept of them.

use crate::{
    Block, Refusal,
    attention::{self, KeyHead, Projected, QUERY_LEN},
    evidence::Evidence,
    proof::Vectors,
    rotation::Rotation,
    shape::Shape,
    vectors::block,
    weights::Part,
};

/// A value of a head, as the matrix gives it.
#[inline(never)]
pub(super) fn product(block: &Block, evidence: &mut Evidence, part: Part) -> Result<bool, Refusal> {
    let number = block.number()?;
    let leaf = block.leaf(part, block.chunk * block.shape.head_size + block.element)?;
    Ok(block.normed_product(evidence, block::NORM, leaf)? != number)
}

/// Reads the header; gives how heads are turned at the block's position.
fn rotation<'e>(block: &Block, evidence: &mut Evidence<'e>) -> Result<Rotation<'e>, Refusal> {
    let header = block.weights().open(evidence, 0)?;
    if header.len() != block.shape.header_len() {
        return Err(Refusal::Malformed);
    }
    Ok(Rotation { steps: Shape::steps(header), position: block.position })
}

#[inline(never)]
pub(super) fn rotated(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    let rotation = rotation(block, evidence)?;
    let head = block.open(evidence, block::QUERIES, block.chunk)?;
    let mut right = [0; QUERY_LEN];
    attention::query(&rotation, head, &mut right);
    Ok(!right.starts_with(block.content))
}

/// Reads the header and a key head's key and value at the block's position; gives what the block has to keep of them.
#[inline(never)]
pub(super) fn open_own(block: &Block, evidence: &mut Evidence, head: u32) -> Result<KeyHead, Refusal> {
    let rotation = rotation(block, evidence)?;
    let key = block.open(evidence, block::KEYS, head)?;
    let value = block.open(evidence, block::VALUES, head)?;
    Ok(KeyHead::of(&Projected { rotation, key, value }))
}

#[inline(never)]
pub(super) fn key_head(block: &Block, evidence: &mut Evidence) -> Result<bool, Refusal> {
    block.without_element()?;
    Ok(open_own(block, evidence, block.chunk - block.shape.stream_chunks())?.bytes() != block.content)
}
