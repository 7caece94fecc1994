//! Norms of streams and their codes: the same before attention, before the feed-forward part and before the output matrix.

use crate::{
    Refusal,
    bytes::{i16_at, i32_at},
    coding,
    evidence::Evidence,
    norm::Norm,
    shape::values,
    stream::{Chunk, Stream},
    weights::Weights,
};

/// Gains: `E i16 ‖ G i32 each`.
struct Gains<'a>(&'a [u8]);

impl<'a> Gains<'a> {
    /// Reads an opening of a chunk of a norm, which is this leaf of the weights.
    fn open(weights: &Weights, evidence: &mut Evidence<'a>, leaf: u32, chunk: u32) -> Result<Self, Refusal> {
        let bytes = weights.open(evidence, leaf)?;
        let length = 2 + 4 * values(weights.shape.width, chunk) as usize;
        if bytes.len() == length { Ok(Self(bytes)) } else { Err(Refusal::Malformed) }
    }

    fn exponent(&self) -> i16 {
        i16_at(self.0, 0)
    }

    fn gain(&self, index: usize) -> i32 {
        i32_at(self.0.get(2..).unwrap_or(&[]), index)
    }
}

/// A norm of a stream.
pub(crate) struct Normed<'a> {
    pub content: &'a [u8],
    pub weights: &'a Weights<'a>,
    pub stream: &'a Stream<'a>,
    /// The leaf of the weights that has the first chunk of the gains.
    pub leaf: u32,
}

impl Normed<'_> {
    /// Whether the norm is other than the stream's; what is left to read is the first chunk of the gains.
    #[inline(never)]
    pub fn differs(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        let gains = Gains::open(self.weights, evidence, self.leaf, 0)?;
        Ok(Norm::of(self.stream, self.weights.shape, gains.exponent())?.write() != self.content)
    }
}

/// A chunk of a norm's codes.
pub(crate) struct Coded<'a> {
    pub content: &'a [u8],
    pub weights: &'a Weights<'a>,
    pub stream: Chunk<'a>,
    /// The norm's chunk.
    pub norm: &'a [u8],
    /// The gains' leaf of the weights.
    pub leaf: u32,
    pub chunk: u32,
}

impl Coded<'_> {
    /// Whether the codes are other than the values'; what is left to read is this chunk of the gains.
    #[inline(never)]
    pub fn differ(&self, evidence: &mut Evidence) -> Result<bool, Refusal> {
        let norm = Norm::read(self.norm)?;
        let gains = Gains::open(self.weights, evidence, self.leaf, self.chunk)?;
        coding::differ(self.content, |i| norm.value(self.stream.value(i)?, gains.gain(i)))
    }
}
