//! Root-mean-square normalisation.

use crate::{
    Refusal,
    bytes::{i16_at, u64_at},
    rounding::{bits, rshift},
    shape::Shape,
    stream::Stream,
    vectors::NORM_LEN,
};

/// What all values of a norm have in common: `d u8 ‖ u u8 ‖ R u64 ‖ E i16`.
pub(crate) struct Norm {
    down: u32,
    up: u32,
    inverse: i64,
    /// E, the bits of its values.
    pub fraction: i32,
}

impl Norm {
    /// Of a stream, with gains of this exponent.
    #[inline(never)]
    pub fn of(stream: &Stream, shape: &Shape, fraction: i16) -> Result<Self, Refusal> {
        let mut greatest = 0;
        stream.each(|x| greatest = greatest.max(x.unsigned_abs()))?;
        let down = bits(greatest as u64).saturating_sub(23);
        let mut sum = 0;
        stream.each(|x| {
            let x = (x >> down) as i64;
            sum += x * x;
        })?;
        let mean = (sum as u64 / (shape.width as u64).max(1) + (shape.epsilon >> (2 * down))).max(1);
        let up = (62 - bits(mean)) / 2;
        let inverse = ((1u64 << 61) / root(mean << (2 * up))) as i64;
        Ok(Self { down, up, inverse, fraction: fraction as i32 })
    }

    /// As a vector has it.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let Some([down, up, rest @ ..]) = bytes.first_chunk::<NORM_LEN>() else { return Err(Refusal::Malformed) };
        let inverse = u64_at(rest, 0);
        // A stream's values have at most 32 bits, and what the root is taken of has 61 or 62.
        if *down > 9 || *up > 30 || inverse > 1 << 31 {
            return Err(Refusal::OutOfRange);
        }
        Ok(Self { down: *down as u32, up: *up as u32, inverse: inverse as i64, fraction: i16_at(rest, 4) as i32 })
    }

    pub fn write(&self) -> [u8; NORM_LEN] {
        let mut bytes = [0; NORM_LEN];
        bytes[0] = self.down as u8;
        bytes[1] = self.up as u8;
        bytes[2..10].copy_from_slice(&self.inverse.to_le_bytes());
        bytes[10..].copy_from_slice(&(self.fraction as i16).to_le_bytes());
        bytes
    }

    /// The value of one of the stream's, times its gain.
    pub fn value(&self, x: i32, gain: i32) -> Result<i64, Refusal> {
        let unit = rshift((x >> self.down) as i64 * self.inverse, 41 - self.up);
        let unit = i32::try_from(unit).map_err(|_| Refusal::OutOfRange)?;
        Ok(rshift(unit as i64 * gain as i64, 20))
    }
}

/// ⌊√v⌋ of 1 to 2^62, from above: a few steps of Newton's method, where the library's root wants products of 128 bits.
fn root(v: u64) -> u64 {
    let mut root = 1 << 31;
    loop {
        let next = (root + v / root) / 2;
        if next >= root {
            return root;
        }
        root = next;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_root_is_rounded_down() {
        for v in (1..5_000).chain((0..62).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])).chain([1 << 62]).filter(|v| *v > 0) {
            assert_eq!(super::root(v), v.isqrt(), "{v}");
        }
    }
}
