//! Activations as codes.

use crate::{Refusal, matrix::CODES, rounding::bits, shape::BLOCK};

/// Greatest magnitude of a value that is coded.
const LIMIT: u64 = 1 << 54;

/// A block: `A u8 ‖ q u8 ‖ 32 × i8`.
#[inline(never)]
fn code(values: &[i64; BLOCK as usize], out: &mut [u8; CODES]) -> Result<(), Refusal> {
    let greatest = values.iter().fold(0, |greatest, value| value.unsigned_abs().max(greatest));
    if greatest > LIMIT {
        return Err(Refusal::OutOfRange);
    }
    let amplitude = |q: u32| (128 * greatest).div_ceil(127 << q);
    let mut q = bits(greatest).saturating_sub(8);
    let mut a = amplitude(q);
    if a > 255 {
        q += 1;
        a = amplitude(q);
    }
    let inverse = if a == 0 { 0 } else { (1 << 30) / a as i64 };
    let (down, up) = (q.saturating_sub(16), 16u32.saturating_sub(q));
    let [a_out, q_out, codes @ ..] = out;
    *a_out = a as u8;
    *q_out = q as u8;
    for (place, value) in codes.iter_mut().zip(values) {
        *place = ((((value >> down) << up) * inverse + (1 << 38)) >> 39) as u8;
    }
    Ok(())
}

/// Whether codes are other than those of these values, given by their index; as many as the codes have.
pub(crate) fn differ(codes: &[u8], mut value: impl FnMut(usize) -> Result<i64, Refusal>) -> Result<bool, Refusal> {
    let mut values = [0; BLOCK as usize];
    let mut right = [0; CODES];
    for (block, given) in codes.chunks(CODES).enumerate() {
        for (i, place) in values.iter_mut().enumerate() {
            *place = value(block * BLOCK as usize + i)?;
        }
        code(&values, &mut right)?;
        if given != right {
            return Ok(true);
        }
    }
    Ok(false)
}
