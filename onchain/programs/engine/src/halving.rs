//! Powers of two of fractions.

use crate::tables::{FINE_HALVINGS, HALVINGS};

const END: u64 = 60 << 16;

/// `2^(60 − d/65536)`; 0 from d = 60 · 2^16 on.
pub(crate) fn halve(d: u64) -> u64 {
    if d >= END {
        return 0;
    }
    let product = HALVINGS[(d >> 8 & 0xff) as usize] as i64 * FINE_HALVINGS[(d & 0xff) as usize] as i64;
    (product >> (d >> 16)) as u64
}
