//! The verifier quorum: distinct verifiers' signatures over one digest.

use pinocchio::{AccountView, error::ProgramError};

use crate::{
    Error,
    ed25519::{self, Precompile},
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

impl Set<'_> {
    /// Requires at least `threshold` of the verifiers to have signed `digest` in the instruction before this one.
    pub fn require(&self, sysvar: &AccountView, digest: &[u8; 32]) -> Result<(), ProgramError> {
        ed25519::before(sysvar, |precompile| Ok(self.count(&precompile, digest)?))
    }

    fn count(&self, precompile: &Precompile<'_>, digest: &[u8; 32]) -> Result<(), Error> {
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
        Set { verifiers: &verifiers, threshold: 2 }.count(&Precompile::parse(&precompile(signers, message)).unwrap(), &[5; 32])
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
