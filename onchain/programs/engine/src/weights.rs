//! The tree over a model's weights: which leaf is which (`docs/disputes.md`, the model's root).

use crate::{
    Refusal,
    commitment::Place,
    evidence::{Evidence, same},
    shape::Shape,
};

/// What a layer's leaves are, in their order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    AttentionNorm,
    Query,
    Key,
    Value,
    AttentionOutput,
    FeedForwardNorm,
    Gate,
    Up,
    Down,
}

impl Part {
    const ALL: [Self; 9] =
        [Self::AttentionNorm, Self::Query, Self::Key, Self::Value, Self::AttentionOutput, Self::FeedForwardNorm, Self::Gate, Self::Up, Self::Down];

    /// Leaves of it in each layer: a matrix's rows, a norm's chunks.
    fn leaves(self, shape: &Shape) -> u32 {
        match self {
            Self::AttentionNorm | Self::FeedForwardNorm => shape.stream_chunks(),
            Self::Query => shape.heads * shape.head_size,
            Self::Key | Self::Value => shape.key_heads * shape.head_size,
            Self::AttentionOutput | Self::Down => shape.width,
            Self::Gate | Self::Up => shape.feed_forward,
        }
    }
}

impl Shape {
    /// Leaves of the tree over the weights; the limits of a header keep it below 2^30.
    pub fn leaves(&self) -> u32 {
        self.first_layer() + self.layers * self.layer_leaves()
    }

    /// The leaf of a token's row of the embedding.
    pub(crate) fn embedding_row(&self, token: u32) -> Result<u32, Refusal> {
        if token < self.vocabulary { Ok(1 + token) } else { Err(Refusal::NoElement) }
    }

    /// The leaf of a token's row of the output matrix.
    pub(crate) fn output_row(&self, token: u32) -> Result<u32, Refusal> {
        self.embedding_row(token).map(|row| if self.tied { row } else { row + self.vocabulary })
    }

    /// The leaf of a chunk of the output norm.
    pub(crate) fn output_norm(&self, chunk: u32) -> Result<u32, Refusal> {
        if chunk < self.stream_chunks() { Ok(self.first_layer() - self.stream_chunks() + chunk) } else { Err(Refusal::NoElement) }
    }

    /// A leaf of a layer.
    pub(crate) fn layer_leaf(&self, layer: u32, part: Part, index: u32) -> Result<u32, Refusal> {
        if layer >= self.layers || index >= part.leaves(self) {
            return Err(Refusal::NoElement);
        }
        let before: u32 = Part::ALL.iter().take_while(|one| **one != part).map(|one| one.leaves(self)).sum();
        Ok(self.first_layer() + layer * self.layer_leaves() + before + index)
    }

    fn first_layer(&self) -> u32 {
        1 + self.vocabulary * if self.tied { 1 } else { 2 } + self.stream_chunks()
    }

    fn layer_leaves(&self) -> u32 {
        Part::ALL.iter().map(|part| part.leaves(self)).sum()
    }
}

/// The weights that a model id names.
pub(crate) struct Weights<'a> {
    pub shape: &'a Shape,
    pub root: &'a [u8; 32],
}

impl Weights<'_> {
    /// Reads a *weights* opening of this leaf.
    #[inline(never)]
    pub fn open<'e>(&self, evidence: &mut Evidence<'e>, leaf: u32) -> Result<&'e [u8], Refusal> {
        let (bytes, root) = evidence.opened(&Place { index: leaf, count: self.shape.leaves() })?;
        same(&root, self.root)?;
        Ok(bytes)
    }
}
