//! Little-endian numbers of slices. Nothing here can fault: what is missing reads as nothing.

macro_rules! number {
    ($name:ident, $type:ty) => {
        /// The number at `index` of a slice of such numbers; 0 behind its end, which callers have ruled out by its length.
        #[inline(always)]
        pub fn $name(bytes: &[u8], index: usize) -> $type {
            const LEN: usize = core::mem::size_of::<$type>();
            match bytes.get(index.wrapping_mul(LEN)..).and_then(|rest| rest.first_chunk::<LEN>()) {
                Some(number) => <$type>::from_le_bytes(*number),
                None => 0,
            }
        }
    };
}

number!(i16_at, i16);
number!(i32_at, i32);
number!(u32_at, u32);
number!(u64_at, u64);
number!(i64_at, i64);
