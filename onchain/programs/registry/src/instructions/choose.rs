//! The accuser says where to look: a side of the place, a part of the step, or a vector.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | accuser | s | | the dispute's |
//! | 1 | config | | | of this program |
//! | 2 | dispute | | w | of this config; there is something to choose |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_engine as engine;
use nyxos_shared::{Call, Error, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    dispute::{BLOCK_VECTORS, CHOICE_VECTORS, Made, Place, Round, Teller, hash_at, level, load_dispute, made_by, phase, shape, subject},
    state::dispute,
};

/// The parts of a step: its blocks, its token as the ids have it, and that token as the step before had it chosen.
const BLOCKS: u8 = 0;
const TOKEN: u8 = 1;
const CHOICE: u8 = 2;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [accuser, config_account, dispute_account, event_authority, this]);
    arguments!(data, { choice: u8 });

    let round = Round::of(config_account, program_id)?;
    {
        let mut data = load_dispute(dispute_account, config_account, program_id)?;
        let next = match round.accuser(accuser, &data)? {
            phase::SIDE => side(&mut data, choice)?,
            phase::PART => part(&mut data, choice)?,
            phase::VECTOR => vector(&mut data, choice)?,
            _ => return Err(Error::WrongPhase.into()),
        };
        round.pass(&mut data, next)?;
    }
    let made = Made { by: made_by::CHOOSE, choice, content_hash: [0; 32] };
    round.tell(dispute_account, &made, &Teller { program_id, program: this, event_authority })
}

fn side(data: &mut [u8], choice: u8) -> Result<u8, Error> {
    if choice > 1 {
        return Err(Error::InvalidArgument);
    }
    let (first, count) = (dispute::PLACE_FIRST.get(data), dispute::PLACE_COUNT.get(data));
    let hash = hash_at(dispute::CONTENT.get(data), choice as usize);
    let left = engine::split(count);
    let (first, count) = if choice == 0 { (first, left) } else { (first + left, count - left) };
    Ok(Place { level: dispute::LEVEL.get(data), hash, first, count }.enter(data))
}

fn part(data: &mut [u8], choice: u8) -> Result<u8, Error> {
    match choice {
        BLOCKS => {
            let (hash, count) = (*dispute::BLOCKS_ROOT.get(data), shape(data).layers);
            Ok(Place { level: level::STEP, hash, first: 0, count }.enter(data))
        }
        TOKEN => {
            dispute::SUBJECT.set(data, subject::TOKEN);
            Ok(phase::PROOF)
        }
        CHOICE if dispute::POSITION.get(data) < dispute::TOKENS_IN.get(data) => Err(Error::InvalidArgument),
        CHOICE if dispute::UNFORMED.get(data) == 0 => Err(Error::FormNotShown),
        CHOICE => Ok(phase::CHOICE),
        _ => Err(Error::InvalidArgument),
    }
}

fn vector(data: &mut [u8], choice: u8) -> Result<u8, Error> {
    let shape = shape(data);
    let (vectors, count) = if dispute::SUBJECT.get(data) == subject::BLOCK {
        (BLOCK_VECTORS, engine::block_chunks(&shape, choice, dispute::POSITION.get(data)))
    } else {
        (CHOICE_VECTORS, engine::choice_chunks(&shape, choice, dispute::CANDIDATES.get(data)))
    };
    let count = count.filter(|_| (choice as usize) < vectors).ok_or(Error::InvalidArgument)?;
    dispute::VECTOR.set(data, choice);
    let hash = hash_at(dispute::ROOTS.get(data), choice as usize);
    Ok(Place { level: level::VECTOR, hash, first: 0, count }.enter(data))
}
