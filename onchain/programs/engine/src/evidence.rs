//! Evidence, read front to back. Every byte of it is the accuser's: whatever stands there, reading it ends in a value or a [`Refusal`].

use nyxos_shared::hash::sha256;

use crate::{Refusal, commitment::Place};

/// What is left of the evidence.
#[derive(Clone, Copy)]
pub(crate) struct Evidence<'a>(pub &'a [u8]);

impl<'a> Evidence<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Refusal::Malformed)?;
        self.0 = tail;
        Ok(head)
    }

    pub fn u32(&mut self) -> Result<u32, Refusal> {
        Ok(crate::bytes::u32_at(self.take(4)?, 0))
    }

    /// `length u16 ‖ bytes`.
    pub fn counted(&mut self) -> Result<&'a [u8], Refusal> {
        let length = self.take(2)?;
        self.take(length[0] as usize | (length[1] as usize) << 8)
    }

    /// The same, of this length and no other.
    pub fn sized(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let bytes = self.counted()?;
        if bytes.len() == length { Ok(bytes) } else { Err(Refusal::Malformed) }
    }

    /// `steps u8 ‖ hash each`: the hashes.
    pub fn path(&mut self) -> Result<&'a [u8], Refusal> {
        let steps = self.take(1)?;
        self.take(steps[0] as usize * 32)
    }

    /// `length u16 ‖ bytes ‖ path`: the bytes, and the root to which the path leads from their hash.
    #[inline(never)]
    pub fn opened(&mut self, place: &Place) -> Result<(&'a [u8], [u8; 32]), Refusal> {
        let bytes = self.counted()?;
        let path = self.path()?;
        Ok((bytes, place.root(&sha256(&[bytes]), path)?))
    }

    pub fn end(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Malformed) }
    }
}

/// An opening must lead to the root that was committed to.
pub(crate) fn same(root: &[u8; 32], committed: &[u8; 32]) -> Result<(), Refusal> {
    if root == committed { Ok(()) } else { Err(Refusal::WrongProof) }
}
