//! The stream as it enters a block, or as it stands in the middle of one: numbers that were committed to, or a row of the embedding.

use crate::{
    Refusal,
    bytes::i32_at,
    evidence::Evidence,
    matrix::Row,
    proof::{Leaf, Trace, Vectors},
    shape::values,
};

/// 128 values of a stream, the last chunk maybe fewer.
pub(crate) enum Chunk<'a> {
    /// i32 each.
    Numbers(&'a [u8]),
    /// Those of a row from this column on.
    Columns(Row<'a>, usize),
}

impl Chunk<'_> {
    pub fn value(&self, index: usize) -> Result<i32, Refusal> {
        match self {
            Self::Numbers(bytes) => Ok(i32_at(bytes, index)),
            Self::Columns(row, first) => row.value(first + index),
        }
    }
}

/// All of a stream.
pub(crate) enum Stream<'a> {
    /// An embedding's row.
    Row(Row<'a>),
    /// Chunks one behind the other, each with its length in front of it and its proof behind it.
    Chunks { bytes: &'a [u8], proof: Proof },
}

/// What stands behind a chunk.
#[derive(Clone, Copy)]
pub(crate) enum Proof {
    /// Nothing: the vector was given whole.
    None,
    /// Paths to the block's hash and to the step's root over its blocks.
    Step,
    /// The same, then the token and the path to the trace's root.
    Trace,
}

impl<'a> Stream<'a> {
    /// Each value in turn. The evidence was read once and found whole.
    #[inline(always)]
    pub fn each(&self, mut take: impl FnMut(i32)) -> Result<(), Refusal> {
        match *self {
            Self::Row(row) => row.each(take)?,
            Self::Chunks { bytes, proof } => {
                let mut rest = Evidence(bytes);
                while !rest.0.is_empty() {
                    for number in rest.counted()?.chunks_exact(4) {
                        take(i32_at(number, 0));
                    }
                    proof.skip(&mut rest)?;
                }
            }
        }
        Ok(())
    }

    /// What entered a layer at the disputed step: what the layer before it, as leaves of the trace, made of it.
    #[inline(never)]
    pub fn behind(trace: &Trace, evidence: &mut Evidence<'a>, layer: u32) -> Result<Self, Refusal> {
        let start = evidence.0;
        for chunk in 0..trace.weights.shape.stream_chunks() {
            Chunk::behind(trace, evidence, layer, chunk)?;
        }
        let proof = if trace.far(trace.position) { Proof::Trace } else { Proof::Step };
        Ok(Self::Chunks { bytes: &start[..start.len() - evidence.0.len()], proof })
    }

    /// What the first layer is given: a token's embedding.
    #[inline(never)]
    pub fn embedding(trace: &Trace, evidence: &mut Evidence<'a>, token: u32) -> Result<Self, Refusal> {
        Ok(Self::Row(embedding(trace, evidence, token)?))
    }

    /// A vector that is opened whole.
    pub fn whole(vectors: &impl Vectors, evidence: &mut Evidence<'a>, vector: u8) -> Result<Self, Refusal> {
        Ok(Self::Chunks { bytes: vectors.open_whole(evidence, vector)?, proof: Proof::None })
    }
}

impl<'a> Chunk<'a> {
    /// A chunk of what a layer gave at the disputed step.
    #[inline(never)]
    pub fn behind(trace: &Trace, evidence: &mut Evidence<'a>, layer: u32, chunk: u32) -> Result<Self, Refusal> {
        let bytes = trace.open(evidence, &Leaf { position: trace.position, layer, chunk })?;
        let length = 4 * values(trace.weights.shape.width, chunk) as usize;
        if bytes.len() == length { Ok(Self::Numbers(bytes)) } else { Err(Refusal::Malformed) }
    }

    /// A chunk of a token's embedding.
    #[inline(never)]
    pub fn embedding(trace: &Trace, evidence: &mut Evidence<'a>, token: u32, chunk: u32) -> Result<Self, Refusal> {
        Ok(Self::Columns(embedding(trace, evidence, token)?, chunk as usize * crate::shape::CHUNK as usize))
    }
}

fn embedding<'a>(trace: &Trace, evidence: &mut Evidence<'a>, token: u32) -> Result<Row<'a>, Refusal> {
    let shape = trace.weights.shape;
    Row::read(trace.weights.open(evidence, shape.embedding_row(token)?)?, shape.width)
}

impl Proof {
    fn skip(self, evidence: &mut Evidence) -> Result<(), Refusal> {
        if !matches!(self, Self::None) {
            evidence.path()?;
            evidence.path()?;
        }
        if matches!(self, Self::Trace) {
            evidence.u32()?;
            evidence.path()?;
        }
        Ok(())
    }
}
