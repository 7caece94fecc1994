//! Token ids: what a receipt commits to of a prompt and of a reply, and a step whose token is another.

use nyxos_shared::hash::sha256;

use crate::{Refusal, bytes::u32_at, evidence::Evidence};

/// Whose ids.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// The prompt's, by this salt.
    Prompt { salt: &'a [u8; 32] },
    /// The reply's.
    Reply,
}

/// Ids as evidence has them, `u32` each.
#[derive(Clone, Copy)]
pub struct Ids<'a>(&'a [u8]);

impl<'a> Ids<'a> {
    /// Reads `count u32 ‖ ids`; gives also what stands behind them.
    pub fn read(evidence: &'a [u8]) -> Result<(Self, &'a [u8]), Refusal> {
        let mut evidence = Evidence(evidence);
        let count = evidence.u32()? as usize;
        let bytes = evidence.take(count.checked_mul(4).ok_or(Refusal::Malformed)?)?;
        Ok((Self(bytes), evidence.0))
    }

    /// Ids that fill these bytes.
    pub fn of(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() % 4 == 0 { Ok(Self(bytes)) } else { Err(Refusal::Malformed) }
    }

    pub fn count(&self) -> usize {
        self.0.len() / 4
    }

    pub fn get(&self, index: usize) -> Option<u32> {
        (index < self.count()).then(|| u32_at(self.0, index))
    }

    /// What a receipt says of them.
    pub fn commitment(&self, text: Text) -> [u8; 32] {
        match text {
            Text::Prompt { salt } => sha256(&[b"nyxos:prompt:v1", salt, self.0]),
            Text::Reply => sha256(&[b"nyxos:output:v1", self.0]),
        }
    }
}

/// A step's token, and what the receipt says of the text that it must be of.
pub struct Token<'a> {
    pub text: Text<'a>,
    /// The receipt's `prompt_commitment` or `output_hash`.
    pub commitment: &'a [u8; 32],
    /// The receipt's `tokens_in` or `tokens_out`.
    pub count: u32,
    /// Which of the text's ids the step should have run: its position, less `tokens_in` for a reply's.
    pub index: u32,
    /// The one it ran.
    pub token: u32,
}

/// Whether the step's token is not the text's, or the text is not as long as the receipt says. Evidence: `count u32 ‖ ids`.
pub fn token_fault(token: &Token, evidence: &[u8]) -> Result<bool, Refusal> {
    let (ids, rest) = Ids::read(evidence)?;
    Evidence(rest).end()?;
    if ids.commitment(token.text) != *token.commitment {
        return Err(Refusal::WrongProof);
    }
    if ids.count() != token.count as usize {
        return Ok(true);
    }
    let right = ids.get(token.index as usize).ok_or(Refusal::NoElement)?;
    Ok(right != token.token)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn evidence(ids: &[u32]) -> Vec<u8> {
        [ids.len() as u32].iter().chain(ids).flat_map(|id| id.to_le_bytes()).collect()
    }

    fn verdict(text: Text, [count, index, token]: [u32; 3], evidence: &[u8]) -> Result<bool, Refusal> {
        let ids = [7u32, 8, 9].iter().flat_map(|id| id.to_le_bytes()).collect::<Vec<_>>();
        let commitment = Ids::of(&ids)?.commitment(text);
        token_fault(&Token { text, commitment: &commitment, count, index, token }, evidence)
    }

    #[test]
    fn a_token_is_the_texts_or_another() {
        for text in [Text::Prompt { salt: &[3; 32] }, Text::Reply] {
            assert_eq!(verdict(text, [3, 1, 8], &evidence(&[7, 8, 9])), Ok(false));
            assert_eq!(verdict(text, [3, 1, 9], &evidence(&[7, 8, 9])), Ok(true));
            assert_eq!(verdict(text, [4, 1, 8], &evidence(&[7, 8, 9])), Ok(true), "the receipt says four");
            assert_eq!(verdict(text, [3, 1, 9], &evidence(&[7, 9, 9])), Err(Refusal::WrongProof));
            assert_eq!(verdict(text, [3, 3, 9], &evidence(&[7, 8, 9])), Err(Refusal::NoElement));
        }
    }

    #[test]
    fn ids_that_are_cut_or_followed_are_refused() {
        let whole = evidence(&[7, 8, 9]);
        for end in 0..whole.len() {
            assert_eq!(verdict(Text::Reply, [3, 1, 9], &whole[..end]), Err(Refusal::Malformed));
        }
        assert_eq!(verdict(Text::Reply, [3, 1, 9], &[whole, Vec::from([0])].concat()), Err(Refusal::Malformed));
        assert_eq!(verdict(Text::Reply, [3, 1, 9], &[255; 8]), Err(Refusal::Malformed));
    }
}
