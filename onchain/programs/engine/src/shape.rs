//! A model's header: what a program has to know of the model before it is shown a row.

use crate::{
    Refusal,
    bytes::{u32_at, u64_at},
    commitment::Place,
    evidence::Evidence,
};

/// Values of a chunk of a stream, of logits, of gains.
pub(crate) const CHUNK: u32 = 128;
/// Columns of a block of a row, or codes of a block.
pub(crate) const BLOCK: u32 = 32;
/// Longest head that disputes know.
pub(crate) const MAX_HEAD: usize = 128;

const DOMAIN: &[u8; 16] = b"nyxos:weights:v1";
const FIXED: usize = DOMAIN.len() + Shape::LEN;

/// A model's sizes, and its two numbers that are no weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// 1 to 256.
    pub layers: u32,
    /// Values of the stream: heads · head size, at most 2^16.
    pub width: u32,
    /// A multiple of `key_heads`.
    pub heads: u32,
    pub key_heads: u32,
    /// 32, 64, 96 or 128.
    pub head_size: u32,
    /// A multiple of 32, at most 2^18.
    pub feed_forward: u32,
    /// 1 to 2^20.
    pub vocabulary: u32,
    /// Whether the embedding is the output matrix.
    pub tied: bool,
    /// ε · 2^32, at most 2^32.
    pub epsilon: u64,
    /// K, below 2^29.
    pub score_factor: u64,
}

impl Shape {
    /// Bytes of a shape, which are the header's behind its domain: `layers u32 ‖ width u32 ‖ heads u32 ‖ key_heads u32 ‖ head_size u32 ‖
    /// feed_forward u32 ‖ vocabulary u32 ‖ tied u8 ‖ epsilon u64 ‖ K u64`.
    pub const LEN: usize = 45;

    /// Reads what [`write`](Self::write) wrote.
    pub fn read(bytes: &[u8; Self::LEN]) -> Self {
        Self {
            layers: u32_at(bytes, 0),
            width: u32_at(bytes, 1),
            heads: u32_at(bytes, 2),
            key_heads: u32_at(bytes, 3),
            head_size: u32_at(bytes, 4),
            feed_forward: u32_at(bytes, 5),
            vocabulary: u32_at(bytes, 6),
            tied: bytes[28] != 0,
            epsilon: u64_at(&bytes[29..], 0),
            score_factor: u64_at(&bytes[29..], 1),
        }
    }

    pub fn write(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let sizes = [self.layers, self.width, self.heads, self.key_heads, self.head_size, self.feed_forward, self.vocabulary];
        for (place, size) in bytes.chunks_exact_mut(4).zip(sizes) {
            place.copy_from_slice(&size.to_le_bytes());
        }
        bytes[28] = self.tied as u8;
        bytes[29..37].copy_from_slice(&self.epsilon.to_le_bytes());
        bytes[37..].copy_from_slice(&self.score_factor.to_le_bytes());
        bytes
    }

    /// A header's shape, when disputes can be held about such a model.
    fn of(header: &[u8]) -> Result<Self, Refusal> {
        let (domain, rest) = header.split_at_checked(DOMAIN.len()).ok_or(Refusal::Malformed)?;
        let bytes = rest.first_chunk::<{ Self::LEN }>().ok_or(Refusal::Malformed)?;
        if domain != DOMAIN || bytes[28] > 1 {
            return Err(Refusal::Malformed);
        }
        let shape = Self::read(bytes);
        let fit = (1..=256).contains(&shape.layers)
            && (1..=4).contains(&(shape.head_size / BLOCK))
            && shape.head_size % BLOCK == 0
            && (1..=1 << 11).contains(&shape.heads)
            && (1..=shape.heads).contains(&shape.key_heads)
            && shape.heads % shape.key_heads == 0
            && shape.width == shape.heads * shape.head_size
            && shape.width <= 1 << 16
            && (BLOCK..=1 << 18).contains(&shape.feed_forward)
            && shape.feed_forward % BLOCK == 0
            && (1..=1 << 20).contains(&shape.vocabulary)
            && shape.epsilon <= 1 << 32
            && shape.score_factor < 1 << 29;
        if !fit {
            return Err(Refusal::UnfitModel);
        }
        if header.len() != shape.header_len() {
            return Err(Refusal::Malformed);
        }
        Ok(shape)
    }

    /// Bytes of the header: one step of 8 bytes for each pair of a head's values.
    pub(crate) fn header_len(&self) -> usize {
        FIXED + self.head_size as usize / 2 * 8
    }

    /// The header's rotary steps, u64 each.
    pub(crate) fn steps(header: &[u8]) -> &[u8] {
        header.get(FIXED..).unwrap_or(&[])
    }

    /// Heads that share a key head.
    pub(crate) fn group(&self) -> u32 {
        self.heads / self.key_heads.max(1)
    }

    /// ⌈W⌉.
    pub(crate) fn stream_chunks(&self) -> u32 {
        chunks(self.width)
    }

    /// ⌈F⌉.
    pub(crate) fn hidden_chunks(&self) -> u32 {
        chunks(self.feed_forward)
    }

    /// Leaves of a block: the stream's chunks, then the key heads.
    pub(crate) fn block_leaves(&self) -> u32 {
        self.stream_chunks() + self.key_heads
    }

    /// Bytes of a key head: `xk u8 ‖ xv u8 ‖ key i16 each ‖ value i16 each`.
    pub(crate) fn key_head_len(&self) -> usize {
        2 + 4 * self.head_size as usize
    }
}

/// Chunks of a vector of so many values.
pub(crate) fn chunks(values: u32) -> u32 {
    values.div_ceil(CHUNK)
}

/// Values of a chunk of a vector of so many.
pub(crate) fn values(of: u32, chunk: u32) -> u32 {
    of.saturating_sub(chunk.saturating_mul(CHUNK)).min(CHUNK)
}

/// Bytes of codes of so many values: blocks of `A u8 ‖ q u8 ‖ 32 × i8`.
pub(crate) fn codes_len(values: u32) -> usize {
    (values / BLOCK) as usize * crate::matrix::CODES
}

/// Reads a header's *weights* opening: the model's shape, the root that the opening leads to, and what stands behind it.
pub fn header(evidence: &[u8]) -> Result<(Shape, [u8; 32], &[u8]), Refusal> {
    let mut evidence = Evidence(evidence);
    let header = evidence.counted()?;
    let shape = Shape::of(header)?;
    let place = Place { index: 0, count: shape.leaves() };
    let root = place.root(&nyxos_shared::hash::sha256(&[header]), evidence.path()?)?;
    Ok((shape, root, evidence.0))
}

/// One of the parts behind a header: `length u16 ‖ bytes`; gives the bytes and what stands behind them.
pub fn part(evidence: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let mut evidence = Evidence(evidence);
    let bytes = evidence.counted()?;
    Ok((bytes, evidence.0))
}
