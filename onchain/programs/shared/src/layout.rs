//! Typed offsets into account data. Accounts are plain little-endian bytes without padding, so that every language
//! reads them the same; [`layout!`] proves at compile time that fields follow each other and fill the account.

macro_rules! integer {
    ($(#[$doc:meta])* $name:ident, $type:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name(pub usize);

        impl $name {
            pub const LEN: usize = core::mem::size_of::<$type>();

            #[inline(always)]
            pub fn get(self, data: &[u8]) -> $type {
                let mut bytes = [0; Self::LEN];
                bytes.copy_from_slice(&data[self.0..self.0 + Self::LEN]);
                <$type>::from_le_bytes(bytes)
            }

            #[inline(always)]
            pub fn set(self, data: &mut [u8], value: $type) {
                data[self.0..self.0 + Self::LEN].copy_from_slice(&value.to_le_bytes());
            }
        }
    };
}

integer!(/// One byte.
    U8, u8);
integer!(/// Two bytes, little-endian.
    U16, u16);
integer!(/// Four bytes, little-endian.
    U32, u32);
integer!(/// Eight bytes, little-endian.
    U64, u64);
integer!(/// Eight bytes, little-endian, two's complement.
    I64, i64);

/// `N` raw bytes.
#[derive(Clone, Copy)]
pub struct Bytes<const N: usize>(pub usize);

impl<const N: usize> Bytes<N> {
    pub const LEN: usize = N;

    #[inline(always)]
    pub fn get(self, data: &[u8]) -> &[u8; N] {
        // The range has exactly N bytes, so the conversion cannot fail.
        data[self.0..self.0 + N].try_into().unwrap()
    }

    #[inline(always)]
    pub fn set(self, data: &mut [u8], value: &[u8; N]) {
        data[self.0..self.0 + N].copy_from_slice(value);
    }
}

/// A public key or hash.
pub type Key = Bytes<32>;

/// Declares an account's fields as `offset NAME: Type`, in order and without gaps, and asserts both and the length.
#[macro_export]
macro_rules! layout {
    ($(#[$doc:meta])* $module:ident, disc $disc:literal, len $len:literal, { $($offset:literal $name:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        pub mod $module {
            #[allow(unused_imports)]
            use $crate::layout::*;

            pub const DISC: u8 = $disc;
            pub const LEN: usize = $len;
            pub const VERSION: u8 = 1;
            pub const BUMP: U8 = U8(2);
            /// State or kind.
            pub const STATE: U8 = U8(3);
            $(pub const $name: $type = <$type>::at($offset);)*
            /// Name and offset of every field, as the IDL states them.
            pub const FIELDS: &[(&str, usize)] = &[$((stringify!($name), $offset)),*];

            const _: () = {
                let mut end = 4;
                $(assert!(end == $offset); end += <$type>::LEN;)*
                assert!(end == LEN);
            };
        }
    };
}

macro_rules! at {
    ($($name:ident),*) => { $(impl $name { pub const fn at(offset: usize) -> Self { Self(offset) } })* };
}
at!(U8, U16, U32, U64, I64);

impl<const N: usize> Bytes<N> {
    pub const fn at(offset: usize) -> Self {
        Self(offset)
    }
}
