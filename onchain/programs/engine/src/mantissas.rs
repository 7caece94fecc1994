//! A head's values as mantissas of one power of two.

use crate::rounding::{bits, rshift};

/// Bits of a query's mantissas, and of a key's and a value's.
pub(crate) const QUERY: u32 = 12;
pub(crate) const KEY: u32 = 11;

/// Writes the values' mantissas, i16 each; gives the exponent.
///
/// @param width their bits, without the sign
/// @param out   two bytes a value
#[inline(never)]
pub(crate) fn write(values: &[i32], width: u32, out: &mut [u8]) -> u8 {
    let greatest = values.iter().fold(0, |greatest, value| value.unsigned_abs().max(greatest));
    let exponent = bits(greatest as u64).saturating_sub(width);
    let limit = (1 << width) - 1;
    for (place, value) in out.chunks_exact_mut(2).zip(values) {
        let mantissa = if exponent > 0 { rshift(*value as i64, exponent).clamp(-limit, limit) } else { *value as i64 };
        place.copy_from_slice(&(mantissa as i16).to_le_bytes());
    }
    exponent as u8
}
