//! Borsh arguments, read strictly.

use crate::Error;

/// Reads an instruction's arguments, all of them and nothing more, into variables of their names; the IDL is generated from this list.
///
/// Types: integers, `Key`, `Hash`, `[u8; N]`, and `[T; ..=MAX]` for a vector of at most so many bytes, keys, hashes or of a
/// [`record!`](crate::record); `..name: Type` is what a [`leb128!`](crate::leb128) type reads to the end.
#[macro_export]
macro_rules! arguments {
    ($data:expr, {}) => {
        $crate::Args::new($data).end()?;
    };
    ($data:expr, { ..$name:ident: $type:ident }) => {
        let mut $name = $type::of($data);
    };
    ($data:expr, { $($name:ident: $type:tt),* $(,)? }) => {
        let mut args = $crate::Args::new($data);
        $(let $name = $crate::argument!(args, $type);)*
        args.end()?;
    };
}

/// One of [`arguments!`].
#[macro_export]
macro_rules! argument {
    ($args:ident, u8) => {
        $args.u8()?
    };
    ($args:ident, u16) => {
        $args.u16()?
    };
    ($args:ident, u32) => {
        $args.u32()?
    };
    ($args:ident, u64) => {
        $args.u64()?
    };
    ($args:ident, i64) => {
        $args.i64()?
    };
    ($args:ident, Key) => {
        $args.key()?
    };
    ($args:ident, Hash) => {
        $args.key()?
    };
    ($args:ident, [u8; $len:literal]) => {
        $args.bytes::<$len>()?
    };
    ($args:ident, [u8; ..=$max:expr]) => {
        $args.items(1, $max)?
    };
    ($args:ident, [Key; ..=$max:expr]) => {
        $args.items($crate::layout::Key::LEN, $max)?
    };
    ($args:ident, [Hash; ..=$max:expr]) => {
        $args.items($crate::layout::Hash::LEN, $max)?
    };
    ($args:ident, [$record:ident; ..=$max:expr]) => {
        $args.items($record::LEN, $max)?
    };
}

/// Declares what an instruction reads to the end of its data: unsigned LEB128 integers, no count in front. The IDL calls their list `$items`;
/// no tool has a type for it.
#[macro_export]
macro_rules! leb128 {
    ($(#[$doc:meta])* $name:ident { $items:ident }) => {
        $(#[$doc])*
        pub struct $name<'a>($crate::Args<'a>);

        impl<'a> $name<'a> {
            pub fn of(data: &'a [u8]) -> Self {
                Self($crate::Args::new(data))
            }

            /// The next of them.
            pub fn read(&mut self) -> Result<u64, $crate::Error> {
                self.0.varint()
            }

            /// Refuses what is left over.
            pub fn end(self) -> Result<(), $crate::Error> {
                self.0.end()
            }
        }
    };
}

/// Reads arguments front to back; every read checks the length, [`Args::end`] refuses what is left over.
pub struct Args<'a>(&'a [u8]);

impl<'a> Args<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        if self.0.len() < count {
            return Err(Error::MalformedInstruction);
        }
        let (head, tail) = self.0.split_at(count);
        self.0 = tail;
        Ok(head)
    }

    pub fn bytes<const N: usize>(&mut self) -> Result<&'a [u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::MalformedInstruction)
    }

    pub fn key(&mut self) -> Result<&'a [u8; 32], Error> {
        self.bytes::<32>()
    }

    pub fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_le_bytes(*self.bytes()?))
    }

    pub fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(*self.bytes()?))
    }

    pub fn u64(&mut self) -> Result<u64, Error> {
        Ok(u64::from_le_bytes(*self.bytes()?))
    }

    pub fn i64(&mut self) -> Result<i64, Error> {
        Ok(i64::from_le_bytes(*self.bytes()?))
    }

    /// An unsigned LEB128 integer of at most 64 bits, in its shortest form: seven bits a byte, lowest first, the top bit set on all but the last.
    pub fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.u8()?;
            let bits = (byte & 0x7f) as u64;
            // The tenth byte has room for one bit only.
            if bits << shift >> shift != bits {
                return Err(Error::MalformedInstruction);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                // A last byte of zero adds nothing: the same number would have two forms.
                return if byte == 0 && shift > 0 { Err(Error::MalformedInstruction) } else { Ok(value) };
            }
        }
        Err(Error::MalformedInstruction)
    }

    /// A Borsh vector of fixed-size items, as raw bytes; at most `max` items.
    pub fn items(&mut self, size: usize, max: usize) -> Result<&'a [u8], Error> {
        let count = self.u32()? as usize;
        if count > max {
            return Err(Error::InvalidArgument);
        }
        // Both are small: the product cannot wrap, and a checked one needs 128 bits, which this target lacks.
        self.take(count.wrapping_mul(size))
    }

    pub fn end(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::MalformedInstruction) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_missing_and_trailing_bytes() {
        let mut short = Args::new(&[1, 2, 3]);
        assert_eq!(short.u64(), Err(Error::MalformedInstruction));
        let mut long = Args::new(&[1, 2]);
        assert_eq!(long.u8(), Ok(1));
        assert_eq!(long.end(), Err(Error::MalformedInstruction));
    }

    #[test]
    fn a_varint_has_one_form() {
        let read = |bytes: &[u8]| {
            let mut args = Args::new(bytes);
            args.varint().and_then(|value| args.end().map(|()| value))
        };
        for (bytes, value) in [
            (&[0][..], 0),
            (&[0x7f], 127),
            (&[0x80, 1], 128),
            (&[0xff, 0x7f], 16_383),
            (&[0x80, 0x80, 1], 16_384),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], u64::MAX),
        ] {
            assert_eq!(read(bytes), Ok(value));
        }
        let malformed = [
            &[][..],
            &[0x80],
            &[0x80, 0],
            &[0xff, 0x80, 0],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0],
            &[5, 6],
        ];
        for bytes in malformed {
            assert_eq!(read(bytes), Err(Error::MalformedInstruction), "{bytes:?}");
        }
    }

    #[test]
    fn refuses_a_vector_longer_than_its_bytes_or_its_limit() {
        assert_eq!(Args::new(&[2, 0, 0, 0, 9]).items(1, 8), Err(Error::MalformedInstruction));
        assert_eq!(Args::new(&[255, 255, 255, 255]).items(32, 7), Err(Error::InvalidArgument));
        assert_eq!(Args::new(&[2, 0, 0, 0, 9, 8]).items(1, 2), Ok(&[9u8, 8][..]));
    }
}
