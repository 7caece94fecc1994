//! Openings that lead to what a dispute has committed to: a vector's chunks, and leaves of the trace.

use nyxos_shared::{hash::sha256, hash_tree::Roots};

use crate::{
    Refusal,
    commitment::{Place, step_hash},
    evidence::{Evidence, same},
    weights::Weights,
};

/// The vectors of a block or of a choice.
pub(crate) trait Vectors {
    /// Chunks of a vector.
    fn chunks(&self, vector: u8) -> Option<u32>;

    /// Bytes of a chunk.
    fn length(&self, vector: u8, chunk: u32) -> Option<usize>;

    /// The root that the node gave.
    fn root(&self, vector: u8) -> Option<&[u8; 32]>;

    /// Reads an opening of a chunk.
    #[inline(never)]
    fn open<'e>(&self, evidence: &mut Evidence<'e>, vector: u8, chunk: u32) -> Result<&'e [u8], Refusal> {
        let length = self.length(vector, chunk).ok_or(Refusal::NoElement)?;
        let place = Place { index: chunk, count: self.chunks(vector).ok_or(Refusal::NoElement)? };
        let (bytes, root) = evidence.opened(&place)?;
        if bytes.len() != length {
            return Err(Refusal::Malformed);
        }
        same(&root, self.root(vector).ok_or(Refusal::NoElement)?)?;
        Ok(bytes)
    }

    /// Reads all chunks of a vector; gives them with the length of each in front of it.
    #[inline(never)]
    fn open_whole<'e>(&self, evidence: &mut Evidence<'e>, vector: u8) -> Result<&'e [u8], Refusal> {
        let start = evidence.0;
        let mut roots = Roots::default();
        for chunk in 0..self.chunks(vector).ok_or(Refusal::NoElement)? {
            let bytes = evidence.sized(self.length(vector, chunk).ok_or(Refusal::NoElement)?)?;
            roots.add(&sha256(&[bytes]))?;
        }
        same(&roots.root()?, self.root(vector).ok_or(Refusal::NoElement)?)?;
        Ok(&start[..start.len() - evidence.0.len()])
    }
}

/// A trace, and the step in it that a dispute is about.
pub(crate) struct Trace<'a> {
    pub weights: Weights<'a>,
    pub root: &'a [u8; 32],
    pub steps: u32,
    pub position: u32,
    /// The root over the step's blocks, where the dispute has come that far.
    pub blocks_root: Option<&'a [u8; 32]>,
}

/// A leaf of the trace.
pub(crate) struct Leaf {
    pub position: u32,
    pub layer: u32,
    /// Which of the block's.
    pub chunk: u32,
}

impl Trace<'_> {
    /// Whether a leaf of this position is opened to the trace's root, and not to its step's alone.
    pub fn far(&self, position: u32) -> bool {
        position != self.position || self.blocks_root.is_none()
    }

    /// Reads a *leaf* opening.
    #[inline(never)]
    pub fn open<'e>(&self, evidence: &mut Evidence<'e>, leaf: &Leaf) -> Result<&'e [u8], Refusal> {
        let shape = self.weights.shape;
        let (bytes, block) = evidence.opened(&Place { index: leaf.chunk, count: shape.block_leaves() })?;
        let blocks = Place { index: leaf.layer, count: shape.layers }.root(&block, evidence.path()?)?;
        match self.blocks_root {
            Some(root) if !self.far(leaf.position) => same(&blocks, root)?,
            _ => {
                let step = step_hash(leaf.position, evidence.u32()?, &blocks);
                let place = Place { index: leaf.position, count: self.steps };
                same(&place.root(&step, evidence.path()?)?, self.root)?;
            }
        }
        Ok(bytes)
    }
}
