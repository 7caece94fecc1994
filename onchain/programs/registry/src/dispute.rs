//! The course of a dispute (`docs/disputes.md`): who is to move, by when, and about which place of what the node committed to.

use nyxos_engine::{self as engine, Refusal, Shape};
use nyxos_shared::{Emitter, Error, address, load, load_grown, load_grown_mut, load_mut, registry::config, signer};
use pinocchio::{
    AccountView, Address, ProgramResult,
    account::{Ref, RefMut},
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::{
    events,
    instructions::load_config,
    state::{dispute, evidence},
};

/// What is to be done next, and so by whom.
pub mod phase {
    pub const MODEL: u8 = 1;
    pub const HALVES: u8 = 2;
    pub const SIDE: u8 = 3;
    pub const STEP: u8 = 4;
    pub const PART: u8 = 5;
    pub const BLOCK: u8 = 6;
    pub const CHOICE: u8 = 7;
    pub const CHUNK: u8 = 8;
    pub const PROOF: u8 = 9;
    pub const VECTOR: u8 = 10;
    pub const IDS: u8 = 11;
    pub const TRACE: u8 = 12;
}

/// What the place is in.
pub mod level {
    pub const TRACE: u8 = 1;
    pub const STEP: u8 = 2;
    pub const VECTOR: u8 = 3;
}

/// What is to be proved wrong.
pub mod subject {
    pub const BLOCK: u8 = 1;
    pub const CHOICE: u8 = 2;
    pub const TOKEN: u8 = 3;
}

/// Whether the node has asked for the texts, and has answered since it was shown them; 0 where it has not asked.
pub mod ids {
    pub const ASKED: u8 = 1;
    pub const USED: u8 = 2;
}

/// How a dispute ended, as its event says.
pub mod outcome {
    pub const PROVEN: u8 = 1;
    pub const NODE_SILENT: u8 = 2;
    pub const ACCUSER_SILENT: u8 = 3;
    pub const GIVEN_UP: u8 = 4;
}

/// Instructions as events number them.
pub mod made_by {
    pub const SHOW_MODEL: u8 = 29;
    pub const ANSWER: u8 = 30;
    pub const CHOOSE: u8 = 31;
    pub const ASK_IDS: u8 = 37;
    pub const SHOW_IDS: u8 = 38;
}

/// The vectors that a node opens of a block, and of a choice.
pub const BLOCK_VECTORS: usize = 18;
pub const CHOICE_VECTORS: usize = 5;
/// The block itself, which the trace has.
pub const OWN_VECTOR: usize = BLOCK_VECTORS - 1;
pub const HASH: usize = 32;

/// Whether the node is to move; else the accuser is.
pub fn waits_for_node(phase: u8) -> bool {
    matches!(phase, phase::TRACE | phase::HALVES | phase::STEP | phase::BLOCK | phase::CHOICE | phase::CHUNK)
}

/// Steps of the trace: a reply's last token was not run.
pub fn steps(data: &[u8]) -> u32 {
    // Both are between 1 and 2^31, as the receipt's reading has seen.
    dispute::TOKENS_IN.get(data) + dispute::TOKENS_OUT.get(data) - 1
}

/// The moment of a move, and the time that the next one has.
pub struct Round {
    slot: u64,
    answer_slots: u64,
    event_bump: u8,
}

impl Round {
    pub fn of(config_account: &AccountView, program_id: &Address) -> Result<Self, ProgramError> {
        let data = load_config(config_account, program_id)?;
        Ok(Self { slot: Clock::get()?.slot, answer_slots: config::ANSWER_SLOTS.get(&data), event_bump: config::EVENT_AUTHORITY_BUMP.get(&data) })
    }

    fn in_time(&self, data: &[u8]) -> Result<(), Error> {
        if self.slot < dispute::DEADLINE_SLOT.get(data) { Ok(()) } else { Err(Error::TooLate) }
    }

    /// The accuser moves; gives the phase.
    pub fn accuser(&self, accuser: &AccountView, data: &[u8]) -> Result<u8, Error> {
        signer(accuser)?;
        address(accuser, dispute::ACCUSER.get(data)).map_err(|_| Error::Unauthorized)?;
        self.in_time(data)?;
        Ok(dispute::PHASE.get(data))
    }

    /// The node moves; gives the phase.
    pub fn node(&self, node_key: &AccountView, data: &[u8]) -> Result<u8, Error> {
        signer(node_key)?;
        address(node_key, dispute::NODE_KEY.get(data)).map_err(|_| Error::Unauthorized)?;
        self.in_time(data)?;
        let phase = dispute::PHASE.get(data);
        if waits_for_node(phase) { Ok(phase) } else { Err(Error::WrongPhase) }
    }

    /// Hands the move to who is next.
    pub fn pass(&self, data: &mut [u8], next: u8) -> Result<(), Error> {
        dispute::PHASE.set(data, next);
        dispute::DEADLINE_SLOT.set(data, self.slot.checked_add(self.answer_slots).ok_or(Error::ArithmeticOverflow)?);
        Ok(())
    }

    /// Tells of a move, and what it left.
    #[inline(never)]
    pub fn tell(&self, account: &AccountView, made: &Made, by: &Teller) -> ProgramResult {
        let data = account.try_borrow()?;
        events::DisputeMoved {
            dispute: account.address().as_array(),
            node: dispute::NODE.get(&data),
            call: made.by,
            choice: made.choice,
            content_hash: &made.content_hash,
            phase: dispute::PHASE.get(&data),
            deadline_slot: dispute::DEADLINE_SLOT.get(&data),
            level: dispute::LEVEL.get(&data),
            vector: dispute::VECTOR.get(&data),
            place_hash: dispute::PLACE_HASH.get(&data),
            place_first: dispute::PLACE_FIRST.get(&data),
            place_count: dispute::PLACE_COUNT.get(&data),
        }
        .emit(&Emitter { program_id: by.program_id, program: by.program, authority: by.event_authority, bump: self.event_bump })
    }
}

/// A move, as its event tells it.
pub struct Made {
    pub by: u8,
    /// What was chosen; 0 where nothing was.
    pub choice: u8,
    /// Hash of what was answered; zero where nothing was.
    pub content_hash: [u8; 32],
}

/// Who tells.
pub struct Teller<'a> {
    pub program_id: &'a Address,
    pub program: &'a AccountView,
    pub event_authority: &'a AccountView,
}

/// A dispute of this registry.
pub fn load_dispute<'a>(account: &'a mut AccountView, config: &AccountView, program_id: &Address) -> Result<RefMut<'a, [u8]>, ProgramError> {
    let data = load_mut(account, program_id, dispute::DISC, dispute::LEN)?;
    if dispute::CONFIG.get(&data) != config.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    Ok(data)
}

/// A subtree of what the node committed to.
pub struct Place {
    pub level: u8,
    pub hash: [u8; 32],
    pub first: u32,
    pub count: u32,
}

impl Place {
    /// Goes there; gives what is to be done next.
    pub fn enter(&self, data: &mut [u8]) -> u8 {
        dispute::LEVEL.set(data, self.level);
        dispute::PLACE_HASH.set(data, &self.hash);
        dispute::PLACE_FIRST.set(data, self.first);
        dispute::PLACE_COUNT.set(data, self.count);
        match (self.count, self.level) {
            (2.., _) => phase::HALVES,
            (_, level::TRACE) => phase::STEP,
            (_, level::STEP) => phase::BLOCK,
            _ => phase::CHUNK,
        }
    }
}

/// Refuses an item that is not the place's only one.
pub fn opens(data: &[u8], item: &[u8; 32]) -> Result<(), Error> {
    if &engine::leaf(item) == dispute::PLACE_HASH.get(data) { Ok(()) } else { Err(Error::WrongOpening) }
}

/// The shape of the model.
pub fn shape(data: &[u8]) -> Shape {
    Shape::read(dispute::SHAPE.get(data))
}

/// What a refusal of the judge is called.
pub fn unfit(refusal: Refusal) -> Error {
    match refusal {
        Refusal::WrongProof => Error::WrongOpening,
        _ => Error::EvidenceUnfit,
    }
}

/// Evidence that was written for this dispute.
pub fn load_evidence<'a>(account: &'a AccountView, dispute: &AccountView, program_id: &Address) -> Result<Ref<'a, [u8]>, ProgramError> {
    let data = load_grown(account, program_id, evidence::DISC, evidence::LEN)?;
    if evidence::DISPUTE.get(&data) != dispute.address().as_array() {
        return Err(Error::WrongAddress.into());
    }
    Ok(data)
}

/// Its evidence, to be changed by its writer: not what the node has asked for and has yet to read. When the dispute is over, nobody reads it any more.
pub fn load_own_evidence<'a>(
    writer: &AccountView,
    account: &'a mut AccountView,
    dispute_account: &AccountView,
    program_id: &Address,
) -> Result<RefMut<'a, [u8]>, ProgramError> {
    signer(writer)?;
    let data = load_grown_mut(account, program_id, evidence::DISC, evidence::LEN)?;
    address(writer, evidence::ACCUSER.get(&data)).map_err(|_| Error::Unauthorized)?;
    address(dispute_account, evidence::DISPUTE.get(&data))?;
    if dispute_account.owned_by(program_id) {
        let of = load(dispute_account, program_id, dispute::DISC, dispute::LEN)?;
        if dispute::IDS_ASKED.get(&of) == ids::ASKED && waits_for_node(dispute::PHASE.get(&of)) {
            return Err(Error::EvidenceHeld.into());
        }
    }
    Ok(data)
}

/// One of the hashes that answers are made of.
pub fn hash_at(bytes: &[u8], index: usize) -> [u8; 32] {
    let mut hash = [0; HASH];
    // The index is below 18: a checked product needs 128 bits, which this target lacks.
    hash.copy_from_slice(&bytes[index.wrapping_mul(HASH)..][..HASH]);
    hash
}
