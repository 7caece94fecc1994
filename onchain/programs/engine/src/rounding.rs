//! The spec's notation.

/// `(a + 2^(n−1)) >> n`, for n from 1 to 62 and |a| below 2^62.
#[inline(always)]
pub(crate) fn rshift(a: i64, n: u32) -> i64 {
    (a + (1 << (n - 1))) >> n
}

/// Clamped to ±(2^31 − 1).
#[inline(always)]
pub(crate) fn sat(v: i64) -> i32 {
    v.clamp(-(i32::MAX as i64), i32::MAX as i64) as i32
}

/// `v · 2^n`: saturated for n ≥ 0, rounded else. Every n is defined.
#[inline(always)]
pub(crate) fn shift(v: i32, n: i32) -> i32 {
    if n >= 0 {
        // From 32 bits on, all but 0 is saturated.
        return sat((v as i64) << n.min(32));
    }
    // From 33 bits on, all is 0.
    rshift(v as i64, n.unsigned_abs().min(62)) as i32
}

/// The bit length.
#[inline(always)]
pub(crate) fn bits(v: u64) -> u32 {
    u64::BITS - v.leading_zeros()
}
