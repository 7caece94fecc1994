//! The verifier quorum: distinct verifiers' signatures over one digest.

use pinocchio::{AccountView, error::ProgramError};

use crate::{
    Error,
    ed25519::{self, Precompile},
    layout::{Bytes, U8},
};

/// Most verifiers of a set.
pub const MAX: usize = 7;

/// Checks a new set: `keys` is 32 bytes a verifier.
pub fn valid_set(keys: &[u8], threshold: u8) -> Result<(), Error> {
    let count = keys.len() / 32;
    if count == 0 || count > MAX || threshold == 0 || threshold as usize > count {
        return Err(Error::InvalidVerifierSet);
    }
    for (i, key) in keys.chunks_exact(32).enumerate() {
        // The same key twice would let one verifier be a quorum.
        if key == [0; 32] || keys.chunks_exact(32).take(i).any(|earlier| earlier == key) {
            return Err(Error::InvalidVerifierSet);
        }
    }
    Ok(())
}

/// A verifier set as an account keeps it.
pub struct Set<'a> {
    /// 32 bytes a verifier.
    pub verifiers: &'a [u8],
    pub threshold: u8,
}

/// Where an account keeps its verifier set.
pub struct Place {
    pub count: U8,
    pub threshold: U8,
    pub keys: Bytes<{ 32 * MAX }>,
}

impl Place {
    /// The set kept in `data`.
    pub fn get<'a>(&self, data: &'a [u8]) -> Set<'a> {
        // The count is at most 7, as `valid_set` has seen: the product cannot wrap.
        let len = (self.count.get(data) as usize).wrapping_mul(32);
        Set { verifiers: &self.keys.get(data)[..len], threshold: self.threshold.get(data) }
    }

    /// Writes a set that [`valid_set`] allows over the one in `data`; no key of the old one stays behind.
    pub fn put(&self, data: &mut [u8], set: &Set) {
        let mut keys = [0; 32 * MAX];
        keys[..set.verifiers.len()].copy_from_slice(set.verifiers);
        self.keys.set(data, &keys);
        self.count.set(data, set.count());
        self.threshold.set(data, set.threshold);
    }
}

impl Set<'_> {
    /// Number of verifiers.
    pub fn count(&self) -> u8 {
        (self.verifiers.len() / 32) as u8
    }

    /// Requires at least `threshold` of the verifiers to have signed `digest` in the instruction before this one.
    pub fn require(&self, sysvar: &AccountView, digest: &[u8; 32]) -> Result<(), ProgramError> {
        ed25519::before(sysvar, |precompile| Ok(self.signed(&precompile, digest)?))
    }

    fn signed(&self, precompile: &Precompile<'_>, digest: &[u8; 32]) -> Result<(), Error> {
        let mut seen = 0u8;
        for index in 0..precompile.count() {
            let signed = precompile.signed(index)?;
            if signed.message != digest {
                return Err(Error::WrongMessage);
            }
            let position = self.verifiers.chunks_exact(32).position(|key| key == signed.key).ok_or(Error::WrongSigner)?;
            if seen & (1 << position) != 0 {
                return Err(Error::DuplicateVerifier);
            }
            seen |= 1 << position;
        }
        if seen.count_ones() < self.threshold as u32 { Err(Error::QuorumTooSmall) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn precompile(signers: &[u8], message: [u8; 32]) -> Vec<u8> {
        let mut bytes = Vec::from([signers.len() as u8, 0]);
        let keys = 2 + 14 * signers.len();
        let message_at = keys + 32 * signers.len();
        for i in 0..signers.len() {
            for field in [0, u16::MAX, (keys + 32 * i) as u16, u16::MAX, message_at as u16, 32, u16::MAX] {
                bytes.extend_from_slice(&field.to_le_bytes());
            }
        }
        signers.iter().for_each(|signer| bytes.extend_from_slice(&[*signer; 32]));
        bytes.extend_from_slice(&message);
        bytes
    }

    fn verdict(signers: &[u8], message: [u8; 32]) -> Result<(), Error> {
        let verifiers: Vec<u8> = [[1u8; 32], [2; 32], [3; 32]].concat();
        Set { verifiers: &verifiers, threshold: 2 }.signed(&Precompile::parse(&precompile(signers, message)).unwrap(), &[5; 32])
    }

    #[test]
    fn two_of_three_are_a_quorum() {
        assert_eq!(verdict(&[1, 3], [5; 32]), Ok(()));
        assert_eq!(verdict(&[1, 2, 3], [5; 32]), Ok(()));
    }

    #[test]
    fn one_verifier_twice_is_none() {
        assert_eq!(verdict(&[1, 1], [5; 32]), Err(Error::DuplicateVerifier));
        assert_eq!(verdict(&[1], [5; 32]), Err(Error::QuorumTooSmall));
        assert_eq!(verdict(&[], [5; 32]), Err(Error::QuorumTooSmall));
    }

    #[test]
    fn strangers_and_other_messages_are_refused() {
        assert_eq!(verdict(&[1, 4], [5; 32]), Err(Error::WrongSigner));
        assert_eq!(verdict(&[1, 2], [6; 32]), Err(Error::WrongMessage));
    }

    #[test]
    fn a_smaller_set_leaves_nothing_of_the_larger_one() {
        let place = Place { count: U8(0), threshold: U8(1), keys: Bytes(2) };
        let mut data = [0; 2 + 32 * MAX];
        place.put(&mut data, &Set { verifiers: &[[1u8; 32], [2; 32], [3; 32]].concat(), threshold: 2 });
        place.put(&mut data, &Set { verifiers: &[9; 32], threshold: 1 });
        let set = place.get(&data);
        assert_eq!((set.count(), set.threshold, set.verifiers), (1, 1, &[9; 32][..]));
        assert!(data[2 + 32..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn sets_are_distinct_and_bounded() {
        let two: Vec<u8> = [[1u8; 32], [2; 32]].concat();
        assert_eq!(valid_set(&two, 2), Ok(()));
        assert_eq!(valid_set(&two, 3), Err(Error::InvalidVerifierSet));
        assert_eq!(valid_set(&two, 0), Err(Error::InvalidVerifierSet));
        assert_eq!(valid_set(&[[1u8; 32], [1; 32]].concat(), 1), Err(Error::InvalidVerifierSet));
        assert_eq!(valid_set(&[0; 32], 1), Err(Error::InvalidVerifierSet));
        assert_eq!(valid_set(&[], 1), Err(Error::InvalidVerifierSet));
    }
}
