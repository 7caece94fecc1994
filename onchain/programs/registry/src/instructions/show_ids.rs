//! The accuser shows the salt, the prompt's ids and the reply's, as the node has asked; then the node answers.
//!
//! | # | account | s | w | check |
//! |---|---|---|---|---|
//! | 0 | accuser | s | | the dispute's |
//! | 1 | config | | | of this program |
//! | 2 | dispute | | w | of this config; the node has asked |
//! | 3 | evidence | | | of this dispute; holds the ids |
//! | 4 | event_authority | | | |
//! | 5 | program | | | this program |

use nyxos_engine::{Ids, Text};
use nyxos_shared::{Call, Error, accounts, arguments};
use pinocchio::ProgramResult;

use crate::{
    dispute::{HASH, Made, Round, Teller, load_dispute, load_evidence, made_by, phase, unfit},
    state::{dispute, evidence},
};

#[inline(never)]
pub fn process(call: Call) -> ProgramResult {
    let Call { program_id, accounts, data } = call;
    accounts!(accounts, [accuser, config_account, dispute_account, evidence_account, event_authority, this]);
    arguments!(data, {});

    let round = Round::of(config_account, program_id)?;
    {
        let written = load_evidence(evidence_account, dispute_account, program_id)?;
        let mut data = load_dispute(dispute_account, config_account, program_id)?;
        if round.accuser(accuser, &data)? != phase::IDS {
            return Err(Error::WrongPhase.into());
        }
        let (salt, rest) = evidence::BYTES.get(&written).split_first_chunk::<HASH>().ok_or(Error::EvidenceUnfit)?;
        let (prompt, rest) = Ids::read(rest).map_err(unfit)?;
        let (reply, rest) = Ids::read(rest).map_err(unfit)?;
        if !rest.is_empty() {
            return Err(Error::EvidenceUnfit.into());
        }
        let given = &prompt.commitment(Text::Prompt { salt }) == dispute::PROMPT_COMMITMENT.get(&data)
            && &reply.commitment(Text::Reply) == dispute::OUTPUT_HASH.get(&data);
        if !given {
            return Err(Error::WrongOpening.into());
        }
        let resumes = dispute::RESUMES.get(&data);
        round.pass(&mut data, resumes)?;
    }
    let made = Made { by: made_by::SHOW_IDS, choice: 0, content_hash: [0; 32] };
    round.tell(dispute_account, &made, &Teller { program_id, program: this, event_authority })
}
