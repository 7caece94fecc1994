//! Whether a chunk of a block's vectors is wrong, vector by vector (`docs/disputes.md`, evidence: the first table).

mod attention;
mod feed_forward;
mod heads;
mod input;

use crate::{
    Block, Refusal,
    bytes::i32_at,
    evidence::Evidence,
    matrix::{Codes, Row},
    norm::Norm,
    proof::{Trace, Vectors},
    vectors::{block, block_chunk_len, block_chunks},
    weights::{Part, Weights},
};

impl Vectors for Block<'_> {
    fn chunks(&self, vector: u8) -> Option<u32> {
        block_chunks(self.shape, vector, self.position)
    }

    fn length(&self, vector: u8, chunk: u32) -> Option<usize> {
        block_chunk_len(self.shape, vector, self.position, chunk)
    }

    fn root(&self, vector: u8) -> Option<&[u8; 32]> {
        self.roots.as_chunks().0.get(vector as usize)
    }
}

/// Whether the chunk in dispute is wrong, or that element of it; refuses evidence that is not what the table asks for.
pub fn block_fault(block: &Block, evidence: &[u8]) -> Result<bool, Refusal> {
    let length = block.length(block.vector, block.chunk).ok_or(Refusal::NoElement)?;
    if block.position >= block.steps || block.layer >= block.shape.layers {
        return Err(Refusal::NoElement);
    }
    if block.content.len() != length {
        return Ok(true);
    }
    let mut evidence = Evidence(evidence);
    let wrong = block.wrong(&mut evidence)?;
    evidence.end()?;
    Ok(wrong)
}

impl<'a> Block<'a> {
    fn wrong(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        match self.vector {
            block::NORM => input::norm(self, evidence),
            block::CODES => input::codes(self, evidence),
            block::QUERIES => heads::product(self, evidence, Part::Query),
            block::KEYS => heads::product(self, evidence, Part::Key),
            block::VALUES => heads::product(self, evidence, Part::Value),
            block::ROTATED => heads::rotated(self, evidence),
            block::SCORES => attention::score(self, evidence),
            block::PEAKS => attention::peak(self, evidence),
            block::WEIGHTS => attention::weight(self, evidence),
            block::MIXED => attention::mixed(self, evidence),
            block::ATTENDED => attention::attended(self, evidence),
            block::MIDDLE => feed_forward::middle(self, evidence),
            block::MIDDLE_NORM => feed_forward::norm(self, evidence),
            block::MIDDLE_CODES => feed_forward::codes(self, evidence),
            block::GATE => feed_forward::product(self, evidence, Part::Gate),
            block::UP => feed_forward::product(self, evidence, Part::Up),
            block::HIDDEN => feed_forward::hidden(self, evidence),
            _ if self.chunk < self.shape.stream_chunks() => feed_forward::output(self, evidence),
            _ => heads::key_head(self, evidence),
        }
    }

    fn weights(&self) -> Weights<'a> {
        Weights { shape: self.shape, root: self.weights_root }
    }

    fn trace(&self) -> Trace<'a> {
        Trace { weights: self.weights(), root: self.trace_root, steps: self.steps, position: self.position, blocks_root: Some(self.blocks_root) }
    }

    /// The leaf of a row, or of a chunk of a norm, of this layer.
    fn leaf(&self, part: Part, index: u32) -> Result<u32, Refusal> {
        self.shape.layer_leaf(self.layer, part, index)
    }

    /// For what has no elements.
    fn without_element(&self) -> Result<(), Refusal> {
        if self.element == 0 { Ok(()) } else { Err(Refusal::NoElement) }
    }

    /// The element in dispute, of a chunk of values of so many bytes.
    fn element_of(&self, size: usize) -> Result<usize, Refusal> {
        let element = self.element as usize;
        if element < self.content.len() / size { Ok(element) } else { Err(Refusal::NoElement) }
    }

    /// The number in dispute, of a chunk of i32.
    fn number(&self) -> Result<i32, Refusal> {
        Ok(i32_at(self.content, self.element_of(4)?))
    }

    /// Reads a vector of codes, whole.
    fn open_codes<'e>(&self, evidence: &mut Evidence<'e>, vector: u8) -> Result<Codes<'e>, Refusal> {
        let bytes = self.open_whole(evidence, vector)?;
        Ok(Codes { bytes, chunk: self.length(vector, 0).ok_or(Refusal::NoElement)? / crate::matrix::CODES })
    }

    /// Reads a row of this layer.
    fn open_row<'e>(&self, evidence: &mut Evidence<'e>, leaf: u32, columns: u32) -> Result<Row<'e>, Refusal> {
        Row::read(self.weights().open(evidence, leaf)?, columns)
    }

    /// Reads a norm, its codes, and a row of the stream's width; gives the row's product with them.
    #[inline(never)]
    fn normed_product(&self, evidence: &mut Evidence, norm: u8, leaf: u32) -> Result<i32, Refusal> {
        let fraction = Norm::read(self.open(evidence, norm, 0)?)?.fraction;
        // Codes of a norm stand right behind it.
        let codes = self.open_codes(evidence, norm + 1)?;
        self.open_row(evidence, leaf, self.shape.width)?.times(&codes, fraction)
    }
}

const _: () = assert!(block::CODES == block::NORM + 1 && block::MIDDLE_CODES == block::MIDDLE_NORM + 1);
