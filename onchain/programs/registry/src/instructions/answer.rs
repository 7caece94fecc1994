//! The node opens what the dispute asks for: the trace's root, two halves of a place, a step, a block's or a choice's vectors, or a chunk.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | node_key | s | | the dispute's |
//! | 1 | config | | | of this program |
//! | 2 | dispute | | w | of this config; the node is to move |
//! | 3 | event_authority | | | |
//! | 4 | program | | | this program |

use nyxos_engine as engine;
use nyxos_shared::{Call, Error, accounts, arguments, hash::sha256, layout::U32};
use pinocchio::ProgramResult;

use crate::{
    dispute::{
        BLOCK_VECTORS, CHOICE_VECTORS, HASH, Made, Place, Round, Teller, hash_at, ids, level, load_dispute, made_by, opens, phase, shape, steps,
        subject,
    },
    state::dispute,
};

/// The longest answer: a block's vectors.
const MAX_ANSWER: usize = 576;
/// The longest chunk that a dispute keeps; none of a vector is longer.
const MAX_CHUNK: usize = 544;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [node_key, config_account, dispute_account, event_authority, this]);
    arguments!(data, { bytes: [u8; ..=MAX_ANSWER] });

    let round = Round::of(config_account, program_id)?;
    {
        let mut data = load_dispute(dispute_account, config_account, program_id)?;
        let next = match round.node(node_key, &data)? {
            phase::TRACE => trace(&mut data, bytes)?,
            phase::HALVES => halves(&mut data, bytes)?,
            phase::STEP => step(&mut data, bytes)?,
            phase::BLOCK => block(&mut data, bytes)?,
            phase::CHOICE => choice(&mut data, bytes)?,
            _ => chunk(&mut data, bytes)?,
        };
        if dispute::IDS_ASKED.get(&data) == ids::ASKED {
            dispute::IDS_ASKED.set(&mut data, ids::USED);
        }
        round.pass(&mut data, next)?;
    }
    let made = Made { by: made_by::ANSWER, choice: 0, content_hash: sha256(&[bytes]) };
    round.tell(dispute_account, &made, &Teller { program_id, program: this, event_authority })
}

/// Refuses an answer of another length than what is asked for has.
fn measures(bytes: &[u8], len: usize) -> Result<(), Error> {
    if bytes.len() == len { Ok(()) } else { Err(Error::InvalidArgument) }
}

/// Keeps what the accuser chooses between, or proves wrong.
fn keep(data: &mut [u8], bytes: &[u8]) {
    dispute::CONTENT_LENGTH.set(data, bytes.len() as u32);
    data[dispute::CONTENT.0..][..bytes.len()].copy_from_slice(bytes);
}

fn trace(data: &mut [u8], bytes: &[u8]) -> Result<u8, Error> {
    measures(bytes, 2 * HASH)?;
    let (salt, hash) = (hash_at(bytes, 0), hash_at(bytes, 1));
    if &engine::salted_trace(&salt, &hash) != dispute::TRACE_COMMITMENT.get(data) {
        return Err(Error::WrongOpening);
    }
    dispute::SALT.set(data, &salt);
    dispute::TRACE_ROOT.set(data, &hash);
    let count = steps(data);
    if dispute::LAST.get(data) == 1 {
        dispute::POSITION.set(data, count);
        return Ok(phase::CHOICE);
    }
    Ok(Place { level: level::TRACE, hash, first: 0, count }.enter(data))
}

fn halves(data: &mut [u8], bytes: &[u8]) -> Result<u8, Error> {
    measures(bytes, 2 * HASH)?;
    if &engine::parent(&hash_at(bytes, 0), &hash_at(bytes, 1)) != dispute::PLACE_HASH.get(data) {
        return Err(Error::WrongOpening);
    }
    keep(data, bytes);
    Ok(phase::SIDE)
}

fn step(data: &mut [u8], bytes: &[u8]) -> Result<u8, Error> {
    measures(bytes, U32::LEN + HASH)?;
    let (token, blocks_root) = (U32(0).get(bytes), hash_at(&bytes[U32::LEN..], 0));
    let position = dispute::PLACE_FIRST.get(data);
    opens(data, &engine::step_hash(position, token, &blocks_root))?;
    dispute::POSITION.set(data, position);
    dispute::TOKEN.set(data, token);
    dispute::BLOCKS_ROOT.set(data, &blocks_root);
    Ok(phase::PART)
}

fn block(data: &mut [u8], bytes: &[u8]) -> Result<u8, Error> {
    measures(bytes, BLOCK_VECTORS * HASH)?;
    let own = hash_at(bytes, 0);
    opens(data, &own)?;
    let layer = dispute::PLACE_FIRST.get(data);
    dispute::LAYER.set(data, layer);
    dispute::SUBJECT.set(data, subject::BLOCK);
    // The block itself, which the answer begins with, is the last of its vectors.
    let (first, rest) = data[dispute::ROOTS.0..][..BLOCK_VECTORS * HASH].split_at_mut((BLOCK_VECTORS - 1) * HASH);
    first.copy_from_slice(&bytes[HASH..]);
    rest.copy_from_slice(&own);
    Ok(phase::VECTOR)
}

fn choice(data: &mut [u8], bytes: &[u8]) -> Result<u8, Error> {
    measures(bytes, U32::LEN + CHOICE_VECTORS * HASH)?;
    let candidates = U32(0).get(bytes);
    if candidates == 0 || candidates > shape(data).vocabulary {
        return Err(Error::InvalidArgument);
    }
    dispute::CANDIDATES.set(data, candidates);
    dispute::SUBJECT.set(data, subject::CHOICE);
    data[dispute::ROOTS.0..][..CHOICE_VECTORS * HASH].copy_from_slice(&bytes[U32::LEN..]);
    Ok(phase::VECTOR)
}

fn chunk(data: &mut [u8], bytes: &[u8]) -> Result<u8, Error> {
    if bytes.len() > MAX_CHUNK {
        return Err(Error::InvalidArgument);
    }
    opens(data, &sha256(&[bytes]))?;
    keep(data, bytes);
    let first = dispute::PLACE_FIRST.get(data);
    dispute::CHUNK.set(data, first);
    Ok(phase::PROOF)
}
