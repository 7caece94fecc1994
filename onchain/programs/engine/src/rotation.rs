//! Rotary positions.

use crate::{
    bytes::{i32_at, u64_at},
    rounding::{rshift, sat},
    shape::MAX_HEAD,
    tables::{COSINES, SINES},
};

/// How heads are turned at a position.
pub(crate) struct Rotation<'a> {
    /// The header's steps, u64 each.
    pub steps: &'a [u8],
    pub position: u32,
}

impl Rotation<'_> {
    /// A head's values, i32 each, turned pair by pair.
    #[inline(never)]
    pub fn turn(&self, head: &[u8], out: &mut [i32; MAX_HEAD]) {
        for (pair, place) in out.chunks_exact_mut(2).take(head.len() / 8).enumerate() {
            let (c, s) = angle(u64_at(self.steps, pair).wrapping_mul(self.position as u64));
            let (a, b) = (i32_at(head, 2 * pair) as i64, i32_at(head, 2 * pair + 1) as i64);
            place[0] = sat(rshift(a * c - b * s, 30));
            place[1] = sat(rshift(a * s + b * c, 30));
        }
    }
}

/// Cosine and sine of a phase: its upper 24 bits, rounded, three tables of eight bits each.
fn angle(phase: u64) -> (i64, i64) {
    let top = phase.wrapping_add(1 << 39) >> 40;
    let byte = |level: u32| (top >> (16 - 8 * level) & 0xff) as usize;
    let (mut c, mut s) = (COSINES[0][byte(0)] as i64, SINES[0][byte(0)] as i64);
    for level in 1..3u32 {
        let (cos, sin) = (COSINES[level as usize][byte(level)] as i64, SINES[level as usize][byte(level)] as i64);
        (c, s) = (rshift(c * cos - s * sin, 30), rshift(c * sin + s * cos, 30));
    }
    (c, s)
}
