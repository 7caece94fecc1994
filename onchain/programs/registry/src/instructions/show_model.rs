//! The accuser shows which model the receipt names: its header, proven to stand in the weights' tree; and, for who doubts a choice, that the job had no form.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | accuser | s | | the dispute's |
//! | 1 | config | | | of this program |
//! | 2 | dispute | | w | of this config; no model was shown yet |
//! | 3 | evidence | | | of this dispute |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_engine::{self as engine, Ids, Text};
use nyxos_shared::{Call, Error, accounts, arguments, hash::sha256, layout::U32};
use pinocchio::ProgramResult;

use crate::{
    dispute::{Made, Round, Teller, load_dispute, load_evidence, made_by, phase, unfit},
    state::{dispute, evidence},
};

/// Bytes of an assignment: what a program has to know to settle the job, and the work.
const HEAD: usize = 171;
const WORK: usize = 153;
/// Where the work commits to stop texts and form.
const CONSTRAINTS: usize = HEAD + 73;
const SALT: usize = 32;

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [accuser, config_account, dispute_account, evidence_account, event_authority, this]);
    arguments!(data, { last: u8, tokenizer_hash: Hash });

    if last > 1 {
        return Err(Error::InvalidArgument.into());
    }
    let round = Round::of(config_account, program_id)?;
    let weights_root = {
        let written = load_evidence(evidence_account, dispute_account, program_id)?;
        let mut data = load_dispute(dispute_account, config_account, program_id)?;
        if round.accuser(accuser, &data)? != phase::MODEL {
            return Err(Error::WrongPhase.into());
        }
        let weights_root = Shown { bytes: evidence::BYTES.get(&written), last, tokenizer_hash }.keep(&mut data)?;
        round.pass(&mut data, phase::TRACE)?;
        weights_root
    };
    let made = Made { by: made_by::SHOW_MODEL, choice: last, content_hash: weights_root };
    round.tell(dispute_account, &made, &Teller { program_id, program: this, event_authority })
}

/// What the accuser shows.
struct Shown<'a> {
    bytes: &'a [u8],
    last: u8,
    tokenizer_hash: &'a [u8; 32],
}

impl Shown<'_> {
    /// Keeps what the evidence shows; gives the root of the weights.
    #[inline(never)]
    fn keep(&self, data: &mut [u8]) -> Result<[u8; 32], Error> {
        let Self { bytes, last, tokenizer_hash } = *self;
        let (shape, weights_root, rest) = engine::header(bytes).map_err(unfit)?;
        if &engine::model_id(&weights_root, tokenizer_hash) != dispute::MODEL_ID.get(data) {
            return Err(Error::WrongOpening);
        }
        let (assignment, rest) = engine::part(rest).map_err(unfit)?;
        let (constraints, rest) = engine::part(rest).map_err(unfit)?;
        let (reply, rest) = engine::part(rest).map_err(unfit)?;
        // What is not needed is not there.
        let needed = (constraints.is_empty() || !assignment.is_empty()) && reply.is_empty() == (last == 0);
        if !rest.is_empty() || !needed {
            return Err(Error::EvidenceUnfit);
        }
        if !assignment.is_empty() {
            without_form(data, assignment, constraints)?;
            dispute::UNFORMED.set(data, 1);
        }
        if last == 1 {
            let token = last_token(data, reply)?;
            dispute::TOKEN.set(data, token);
            dispute::LAST.set(data, 1);
        }
        dispute::WEIGHTS_ROOT.set(data, &weights_root);
        dispute::SHAPE.set(data, &shape.write());
        Ok(weights_root)
    }
}

/// Requires the receipt's assignment to have bound its reply to no form.
fn without_form(data: &[u8], assignment: &[u8], constraints: &[u8]) -> Result<(), Error> {
    if assignment.len() != HEAD + WORK {
        return Err(Error::EvidenceUnfit);
    }
    let (head, work) = assignment.split_at(HEAD);
    let work_hash = sha256(&[b"nyxos:assignment-work:v2", work]);
    if &sha256(&[b"nyxos:assignment:v2", head, &work_hash]) != dispute::ASSIGNMENT_HASH.get(data) {
        return Err(Error::WrongOpening);
    }
    let committed = &assignment[CONSTRAINTS..CONSTRAINTS + 32];
    if constraints.is_empty() {
        return if committed == [0; 32] { Ok(()) } else { Err(Error::FormNotShown) };
    }
    if sha256(&[b"nyxos:constraints:v1", constraints]) != *committed {
        return Err(Error::WrongOpening);
    }
    // Salt, then a list of stop texts, then the form's text, which is empty where there is none.
    let mut rest = constraints.get(SALT..).ok_or(Error::EvidenceUnfit)?;
    let texts = count(&mut rest)?;
    for _ in 0..texts {
        let text = count(&mut rest)?;
        rest = rest.get(text..).ok_or(Error::EvidenceUnfit)?;
    }
    if count(&mut rest)? == 0 && rest.is_empty() { Ok(()) } else { Err(Error::FormNotShown) }
}

/// The next four bytes.
fn count(rest: &mut &[u8]) -> Result<usize, Error> {
    let (number, behind) = rest.split_at_checked(U32::LEN).ok_or(Error::EvidenceUnfit)?;
    *rest = behind;
    Ok(U32(0).get(number) as usize)
}

/// The last of the reply's ids, which must be those of the receipt.
fn last_token(data: &[u8], ids: &[u8]) -> Result<u32, Error> {
    if dispute::UNFORMED.get(data) == 0 {
        return Err(Error::FormNotShown);
    }
    let ids = Ids::of(ids).map_err(unfit)?;
    if &ids.commitment(Text::Reply) != dispute::OUTPUT_HASH.get(data) {
        return Err(Error::WrongOpening);
    }
    let count = dispute::TOKENS_OUT.get(data) as usize;
    // There is one at least: the receipt says so.
    ids.get(count - 1).filter(|_| ids.count() == count).ok_or(Error::EvidenceUnfit)
}
