//! Attention of one query head, position by position.

use crate::{
    Refusal,
    bytes::{i16_at, i32_at, i64_at, u32_at, u64_at},
    halving::halve,
    mantissas::{self, KEY, QUERY},
    rotation::Rotation,
    rounding::rshift,
    shape::MAX_HEAD,
};

/// Greatest exponent of a value: one of 31 bits, of which 11 are kept.
const MAX_EXPONENT: u32 = 20;
/// Bounds of Σ P over all positions.
const SHARES: core::ops::RangeInclusive<u64> = 4..=1 << 19;

/// A head's key and value as the matrices give them, i32 each, and how they are turned.
pub(crate) struct Projected<'a> {
    pub rotation: Rotation<'a>,
    pub key: &'a [u8],
    pub value: &'a [u8],
}

/// A key head: `xk u8 ‖ xv u8 ‖ key i16 each ‖ value i16 each`.
pub(crate) struct KeyHead {
    bytes: [u8; Self::LEN],
    size: usize,
}

impl KeyHead {
    const LEN: usize = 2 + 4 * MAX_HEAD;

    /// As a block has it. `bytes` has a key head's length.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut head = Self { bytes: [0; Self::LEN], size: bytes.len().saturating_sub(2) / 4 };
        head.bytes.get_mut(..bytes.len()).ok_or(Refusal::Malformed)?.copy_from_slice(bytes);
        Ok(head)
    }

    #[inline(never)]
    pub fn of(Projected { rotation, key, value }: &Projected) -> Self {
        let size = (key.len() / 4).min(MAX_HEAD);
        let mut head = Self { bytes: [0; Self::LEN], size };
        let mut values = [0; MAX_HEAD];
        rotation.turn(key, &mut values);
        head.bytes[0] = mantissas::write(&values[..size], KEY, &mut head.bytes[2..2 + 2 * size]);
        for (index, place) in values.iter_mut().enumerate().take(size) {
            *place = i32_at(value, index);
        }
        head.bytes[1] = mantissas::write(&values[..size], KEY, &mut head.bytes[2 + 2 * size..2 + 4 * size]);
        head
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..2 + 4 * self.size]
    }

    fn key_exponent(&self) -> u32 {
        self.bytes[0] as u32
    }

    pub fn value_exponent(&self) -> u8 {
        self.bytes[1]
    }

    fn key(&self) -> &[u8] {
        &self.bytes[2..]
    }

    fn value(&self, index: usize) -> i64 {
        i16_at(&self.bytes[2 + 2 * self.size..], index) as i64
    }
}

/// Bytes of the longest query head.
pub(crate) const QUERY_LEN: usize = 1 + 2 * MAX_HEAD;

/// Writes a query head, rotated, of one as the matrix gives it, i32 each: `xq u8 ‖ i16 each`.
#[inline(never)]
pub(crate) fn query(rotation: &Rotation, head: &[u8], out: &mut [u8; QUERY_LEN]) {
    let size = (head.len() / 4).min(MAX_HEAD);
    let mut values = [0; MAX_HEAD];
    rotation.turn(head, &mut values);
    let [exponent, places @ ..] = out;
    *exponent = mantissas::write(&values[..size], QUERY, &mut places[..2 * size]);
}

/// The score of a position's key.
///
/// @param query  `xq u8 ‖ i16 each`, as many as the key has
/// @param factor K
#[inline(never)]
pub(crate) fn score(query: &[u8], head: &KeyHead, factor: u64) -> Result<i64, Refusal> {
    let (exponent, mantissas) = query.split_first().ok_or(Refusal::Malformed)?;
    let key = head.key();
    let mut raw = 0;
    for (q, k) in mantissas.chunks_exact(2).zip(key.chunks_exact(2)) {
        raw += i16_at(q, 0) as i64 * i16_at(k, 0) as i64;
    }
    let raw = i32::try_from(raw).map_err(|_| Refusal::OutOfRange)?;
    let down = 46u32.checked_sub(*exponent as u32 + head.key_exponent()).ok_or(Refusal::OutOfRange)?;
    Ok((raw as i64 * factor as i64) >> down)
}

/// A head's peaks: `at u32 ‖ max i64 ‖ X at u32 ‖ X u8`.
pub(crate) struct Peaks {
    pub score_at: u32,
    pub score: i64,
    pub exponent_at: u32,
    pub exponent: u8,
}

impl Peaks {
    /// `bytes` has the length of peaks.
    pub fn read(bytes: &[u8]) -> Self {
        let behind = |at| bytes.get(at..).unwrap_or(&[]);
        Self {
            score_at: u32_at(bytes, 0),
            score: i64_at(behind(4), 0),
            exponent_at: u32_at(behind(12), 0),
            exponent: behind(16).first().copied().unwrap_or(0),
        }
    }

    /// A position's weight, by its score.
    pub fn weight(&self, score: i64) -> Result<u64, Refusal> {
        let below = self.score.checked_sub(score).ok_or(Refusal::OutOfRange)?;
        Ok(halve(u64::try_from(below).map_err(|_| Refusal::OutOfRange)?) >> 30)
    }
}

/// A position's part of what is mixed: P, and how far a value's mantissas of its exponent are moved down.
pub(crate) struct Part {
    share: u64,
    down: u32,
}

impl Part {
    /// @param total Z
    pub fn of(weight: u64, total: u64, peaks: &Peaks, head: &KeyHead) -> Result<Self, Refusal> {
        let down = peaks.exponent.checked_sub(head.value_exponent()).ok_or(Refusal::OutOfRange)? as u32;
        if total == 0 || weight > total || down > MAX_EXPONENT {
            return Err(Refusal::OutOfRange);
        }
        Ok(Self { share: (weight * ((1 << 62) / total)) >> 43, down })
    }

    /// What this position adds to the shares and to each value.
    #[cfg(test)]
    pub fn parts(&self, head: &KeyHead) -> (u64, std::vec::Vec<i64>) {
        (self.share, (0..head.size).map(|d| (self.share >> self.down) as i64 * head.value(d)).collect())
    }

    /// Whether a second chunk of what is mixed, `Σ P u64 ‖ i32 each`, is other than the first, of no bytes where there is none, and this part.
    #[inline(never)]
    pub fn differs(&self, [before, mixed]: &[&[u8]; 2], head: &KeyHead) -> bool {
        if u64_at(before, 0).checked_add(self.share) != Some(u64_at(mixed, 0)) {
            return true;
        }
        let share = (self.share >> self.down) as i64;
        (0..head.size).any(|d| i32_at(before, 2 + d) as i64 + share * head.value(d) != i32_at(mixed, 2 + d) as i64)
    }
}

/// What a head attends to, from all that is mixed.
pub(crate) struct Attended<'a> {
    mixed: &'a [u8],
    inverse: i64,
    shares: i64,
    down: u32,
}

impl<'a> Attended<'a> {
    /// @param mixed `Σ P u64 ‖ i32 each`, of the last position
    pub fn of(mixed: &'a [u8], peaks: &Peaks) -> Result<Self, Refusal> {
        let shares = u64_at(mixed, 0);
        if !SHARES.contains(&shares) || peaks.exponent as u32 > MAX_EXPONENT {
            return Err(Refusal::OutOfRange);
        }
        Ok(Self { mixed, inverse: ((1u64 << 40) / shares) as i64, shares: shares as i64, down: 40 - peaks.exponent as u32 })
    }

    /// A value, with 16 bits.
    pub fn value(&self, index: usize) -> Result<i64, Refusal> {
        let mixed = i32_at(self.mixed, 2 + index) as i64;
        // Mantissas have 11 bits, so what is mixed is below its shares times 2^11, and the product below 2^52.
        if mixed.abs() > self.shares << KEY {
            return Err(Refusal::OutOfRange);
        }
        Ok(rshift(mixed * self.inverse, self.down))
    }
}
