//! Reads what the Ed25519 precompile has just verified.
//!
//! The precompile must be the instruction directly before ours: then no other instruction's signatures can be confused
//! with it. All of its offsets must point into its own data (`0xFFFF`): a precompile instruction may otherwise verify bytes of a
//! *different* instruction than the ones read here.

use pinocchio::{AccountView, Address, account::Ref, error::ProgramError, sysvars::instructions::Instructions};

use crate::Error;

/// `Ed25519SigVerify111111111111111111111111111`
pub const PROGRAM: Address = Address::new_from_array([
    0x03, 0x7d, 0x46, 0xd6, 0x7c, 0x93, 0xfb, 0xbe, 0x12, 0xf9, 0x42, 0x8f, 0x83, 0x8d, 0x40, 0xff, 0x05, 0x70, 0x74, 0x49, 0x27, 0xf4, 0x8a, 0x64,
    0xfc, 0xca, 0x70, 0x44, 0x80, 0x00, 0x00, 0x00,
]);

const HEADER: usize = 2;
const ENTRY: usize = 14;
const OWN_DATA: u16 = u16::MAX;

/// Bytes of `count` entries. `count` is at most 255: the product cannot wrap, and a checked one needs 128 bits, which this target lacks.
fn entry(count: usize) -> usize {
    count.wrapping_mul(ENTRY)
}

/// One verified signature: who signed what.
pub struct Signed<'a> {
    pub key: &'a [u8; 32],
    pub message: &'a [u8],
}

/// The data of a precompile instruction whose signatures the runtime has verified.
pub struct Precompile<'a>(&'a [u8]);

impl<'a> Precompile<'a> {
    pub fn parse(data: &'a [u8]) -> Result<Self, Error> {
        if data.len() < HEADER || data[1] != 0 || data.len() < HEADER + entry(data[0] as usize) {
            return Err(Error::PrecompileLayout);
        }
        Ok(Self(data))
    }

    /// Number of signatures.
    pub fn count(&self) -> usize {
        self.0[0] as usize
    }

    /// The signature at `index`, which must be below [`Self::count`].
    pub fn signed(&self, index: usize) -> Result<Signed<'a>, Error> {
        let entry = HEADER + entry(index);
        let field = |n: usize| u16::from_le_bytes([self.0[entry + 2 * n], self.0[entry + 2 * n + 1]]);
        if field(1) != OWN_DATA || field(3) != OWN_DATA || field(6) != OWN_DATA {
            return Err(Error::PrecompileLayout);
        }
        let key = self.range(field(2), 32)?;
        Ok(Signed { key: key.try_into().map_err(|_| Error::PrecompileLayout)?, message: self.range(field(4), field(5) as usize)? })
    }

    fn range(&self, offset: u16, len: usize) -> Result<&'a [u8], Error> {
        let start = offset as usize;
        self.0.get(start..start + len).ok_or(Error::PrecompileLayout)
    }
}

/// Runs `read` over the precompile instruction directly before the current one.
pub fn before<T>(sysvar: &AccountView, read: impl FnOnce(Precompile<'_>) -> Result<T, ProgramError>) -> Result<T, ProgramError> {
    let instructions: Instructions<Ref<'_, [u8]>> = Instructions::try_from(sysvar).map_err(|_| Error::WrongAddress)?;
    let previous = instructions.get_instruction_relative(-1).map_err(|_| Error::PrecompileMissing)?;
    if previous.get_program_id() != &PROGRAM {
        return Err(Error::PrecompileMissing.into());
    }
    read(Precompile::parse(previous.get_instruction_data())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn data(indices: [u16; 3], key_offset: u16, message_offset: u16, message_len: u16) -> Vec<u8> {
        let mut bytes = vec![1, 0];
        for field in [48, indices[0], key_offset, indices[1], message_offset, message_len, indices[2]] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        bytes.extend_from_slice(&[7; 32]);
        bytes.extend_from_slice(&[9; 64]);
        bytes.extend_from_slice(b"message");
        bytes
    }

    #[test]
    fn reads_key_and_message() {
        let bytes = data([OWN_DATA; 3], 16, 112, 7);
        let signed = Precompile::parse(&bytes).unwrap().signed(0).unwrap();
        assert_eq!(signed.key, &[7; 32]);
        assert_eq!(signed.message, b"message");
    }

    #[test]
    fn refuses_offsets_into_another_instruction() {
        for wrong in 0..3 {
            let mut indices = [OWN_DATA; 3];
            indices[wrong] = 0;
            let bytes = data(indices, 16, 112, 7);
            assert_eq!(Precompile::parse(&bytes).unwrap().signed(0).err(), Some(Error::PrecompileLayout));
        }
    }

    #[test]
    fn refuses_offsets_outside_its_data() {
        for (key, message, len) in [(200, 112, 7), (16, 112, 8), (16, u16::MAX, 1)] {
            let bytes = data([OWN_DATA; 3], key, message, len);
            assert_eq!(Precompile::parse(&bytes).unwrap().signed(0).err(), Some(Error::PrecompileLayout));
        }
    }

    #[test]
    fn refuses_a_count_above_its_entries() {
        assert_eq!(Precompile::parse(&[2, 0, 1, 2, 3]).err(), Some(Error::PrecompileLayout));
        assert_eq!(Precompile::parse(&[0]).err(), Some(Error::PrecompileLayout));
        assert_eq!(Precompile::parse(&[0, 1]).err(), Some(Error::PrecompileLayout));
    }
}
