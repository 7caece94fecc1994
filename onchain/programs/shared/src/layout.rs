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

/// All bytes to the account's end behind their number, four bytes: what grows.
#[derive(Clone, Copy)]
pub struct Tail(pub usize);

impl Tail {
    /// Bytes while there are none.
    pub const LEN: usize = U32::LEN;

    /// The bytes.
    #[inline(always)]
    pub fn get(self, data: &[u8]) -> &[u8] {
        &data[self.0 + Self::LEN..]
    }

    /// The bytes, to be written.
    #[inline(always)]
    pub fn get_mut(self, data: &mut [u8]) -> &mut [u8] {
        &mut data[self.0 + Self::LEN..]
    }

    /// Notes how many there are.
    #[inline(always)]
    pub fn count(self, data: &mut [u8]) {
        let count = self.get(data).len() as u32;
        U32(self.0).set(data, count);
    }
}

/// A public key.
pub type Key = Bytes<32>;
/// A SHA-256, or another 32 bytes that are no key.
pub type Hash = Bytes<32>;

/// The offset of a field of some type: `[T; N]` are the bytes of `N` of them, `[U8]` all bytes to the end.
#[macro_export]
macro_rules! place {
    ([$item:ident; $count:expr]) => { $crate::layout::Bytes<{ $item::LEN * $count }> };
    ([U8]) => { $crate::layout::Tail };
    ($type:ident) => { $type };
}

/// Declares where an address is derived from, as `name at [b"prefix", of, what]`; the IDL derives every account of that name so, wherever the
/// rest of its seeds are at hand. `of PROGRAM` stands behind an address of another program.
#[macro_export]
macro_rules! derived {
    ($(#[$doc:meta])* $name:ident at [$prefix:literal $(, $seed:ident)*]) => {
        $(#[$doc])*
        pub mod $name {
            $crate::seeds!($prefix $(, $seed)*);
        }
    };
    ($(#[$doc:meta])* $name:ident at [$($seed:ident),*] of $program:path) => {
        $(#[$doc])*
        pub mod $name {
            /// Seeds of the address.
            #[inline(always)]
            pub fn seeds<'a>($($seed: &'a [u8]),*) -> [&'a [u8]; 0 $(+ { stringify!($seed); 1 })*] {
                [$($seed),*]
            }
            /// The program it is derived for.
            pub const PROGRAM: pinocchio::Address = $program;
        }
    };
}

/// What [`derived!`] and [`layout!`] say of an address.
#[macro_export]
macro_rules! seeds {
    ($prefix:literal $(, $seed:ident)*) => {
        /// First seed of the address.
        pub const SEED: &[u8] = $prefix;

        /// Seeds of the address.
        #[allow(clippy::needless_lifetimes)]
        #[inline(always)]
        pub fn seeds<'a>($($seed: &'a [u8]),*) -> [&'a [u8]; 1 $(+ { stringify!($seed); 1 })*] {
            [SEED $(, $seed)*]
        }
    };
}

/// Declares an account: the seeds of its address, as [`derived!`] does, and its fields as `offset NAME: Type`, in order and without gaps;
/// asserts both and the length. A type is one of this module's, or an array of one. The IDL is generated from this.
#[macro_export]
macro_rules! layout {
    ($(#[$doc:meta])* $module:ident at [$prefix:literal $(, $seed:ident)*], disc $disc:literal, len $len:literal, {
        $($offset:literal $name:ident : $type:tt),* $(,)?
    }) => {
        $(#[$doc])*
        pub mod $module {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::layout::*;

            pub const DISC: u8 = $disc;
            pub const LEN: usize = $len;
            pub const VERSION: u8 = 1;
            pub const BUMP: U8 = U8(2);
            $(pub const $name: $crate::place!($type) = <$crate::place!($type)>::at($offset);)*
            $crate::seeds!($prefix $(, $seed)*);

            const _: () = {
                let mut end = 3;
                $(assert!(end == $offset); end += <$crate::place!($type)>::LEN;)*
                assert!(end == LEN);
            };
        }
    };
}

macro_rules! at {
    ($($name:ident),*) => { $(impl $name { pub const fn at(offset: usize) -> Self { Self(offset) } })* };
}
at!(U8, U16, U32, U64, I64, Tail);

impl<const N: usize> Bytes<N> {
    pub const fn at(offset: usize) -> Self {
        Self(offset)
    }
}
