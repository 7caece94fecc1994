//! Rotation of a registry's verifier set under a timelock. A set can take bonds; whoever does not trust the next one sees it coming and can
//! leave before it rules.

use pinocchio::{AccountView, Address, ProgramResult, account::RefMut, cpi::Seed, error::ProgramError};

use crate::{
    Create, Error, layout, load_mut, pda,
    quorum::{self, Place, Set},
};

layout!(
    /// A verifier set that waits for its slot.
    proposal at [b"verifiers", config], disc 9, len 344, {
    3 STATE: U8, 4 VERIFIER_COUNT: U8, 5 THRESHOLD: U8, 6 PADDING: [U8; 2], 8 TARGET: Key, 40 RENT_PAYER: Key, 72 EFFECTIVE_SLOT: U64,
    80 VERIFIERS: [Key; 7], 304 RESERVED: [U8; 40],
});

/// State of a proposal that waits; an applied or cancelled one is no more.
pub const PENDING: u8 = 1;
/// The proposed set.
pub const PROPOSED: Place = Place { count: proposal::VERIFIER_COUNT, threshold: proposal::THRESHOLD, keys: proposal::VERIFIERS };

/// A set to propose for `target`.
pub struct Proposing<'a> {
    pub program_id: &'a Address,
    pub rent_payer: &'a AccountView,
    pub target: &'a AccountView,
    pub set: Set<'a>,
    /// From when on it can be applied.
    pub effective_slot: u64,
}

impl Proposing<'_> {
    /// Writes the proposal; a target has one at a time.
    #[inline(never)]
    pub fn at(&self, account: &mut AccountView) -> ProgramResult {
        quorum::valid_set(self.set.verifiers, self.set.threshold)?;
        let target = self.target.address();
        let bump = pda(account, &proposal::seeds(target.as_ref()), self.program_id)?;
        let bump_seed = [bump];
        let seeds = [Seed::from(proposal::SEED), Seed::from(target.as_ref()), Seed::from(&bump_seed)];
        Create { rent_payer: self.rent_payer, owner: self.program_id, disc: proposal::DISC, len: proposal::LEN, bump }.at(account, &seeds)?;
        let mut data = account.try_borrow_mut()?;
        proposal::STATE.set(&mut data, PENDING);
        proposal::TARGET.set(&mut data, target.as_array());
        proposal::RENT_PAYER.set(&mut data, self.rent_payer.address().as_array());
        proposal::EFFECTIVE_SLOT.set(&mut data, self.effective_slot);
        PROPOSED.put(&mut data, &self.set);
        Ok(())
    }
}

/// The proposal for `target`, to be closed: one for another target was made under another authority.
pub fn load<'a>(account: &'a mut AccountView, target: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, proposal::DISC, proposal::LEN)?;
    if proposal::TARGET.get(&data) != target.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    Ok(data)
}

/// Refuses before the proposal's slot has come.
pub fn due(proposal_data: &[u8], slot: u64) -> Result<(), Error> {
    if slot < proposal::EFFECTIVE_SLOT.get(proposal_data) { Err(Error::TooEarly) } else { Ok(()) }
}
