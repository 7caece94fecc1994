//! What stands between a layer's gate and its last matrix.

use crate::{rounding::rshift, tables::SIGMOID};

const ONE: i64 = 1 << 30;

/// x · σ(x), both with 16 bits.
fn silu(x: i32) -> i64 {
    let size = x.unsigned_abs();
    let sigmoid = match SIGMOID.get((size >> 8) as usize..).and_then(|rest| rest.first_chunk::<2>()) {
        Some([at, next]) => *at as i64 + (((next - at) as i64 * (size & 0xff) as i64) >> 8),
        None => ONE,
    };
    rshift(x as i64 * if x < 0 { ONE - sigmoid } else { sigmoid }, 30)
}

/// The hidden value of a gate and an up, with 24 bits.
pub(crate) fn hidden(gate: i32, up: i32) -> i64 {
    rshift(silu(gate) * up as i64, 8)
}
