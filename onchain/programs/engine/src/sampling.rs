//! How a token is drawn.

use crate::halving::halve;

/// log₂e in millionths.
const LOG2_E: u64 = 1_442_695;
const MILLION: u64 = ALL as u64;

/// `top_p` that drops nothing.
pub(crate) const ALL: u32 = 1_000_000;

/// A candidate's weight: what its logit, with 16 bits, has below the greatest; none where it is greater.
///
/// @param temperature in millionths, above 0
pub(crate) fn weight(greatest: i32, logit: i32, temperature: u32) -> u64 {
    let below = greatest as i64 - logit as i64;
    // Below 2^32 · 2^21.
    if below < 0 { 0 } else { halve(below as u64 * LOG2_E / temperature.max(1) as u64) >> 20 }
}

/// The number that SplitMix64 of this seed gives for a reply's token.
pub(crate) fn draw(seed: u64, reply_index: u32) -> u64 {
    let mut z = seed.wrapping_add((reply_index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// `⌊a · b / 2^64⌋`, bit by bit: a product of 128 bits is not to be had on chain, and of one made of halves the compiler makes one of 128.
pub(crate) fn high_product(a: u64, b: u64) -> u64 {
    // Halving what has been summed up at each bit of b, and rounding down each time, rounds down once.
    (0..u64::BITS).fold(0, |sum, bit| if b >> bit & 1 == 1 { (sum & a) + ((sum ^ a) >> 1) } else { sum >> 1 })
}

/// `⌈total · part / 10^6⌉`, for a part of at most 10^6.
pub(crate) fn share(total: u64, part: u32) -> u64 {
    let part = (part as u64).min(MILLION);
    total / MILLION * part + (total % MILLION * part).div_ceil(MILLION)
}
